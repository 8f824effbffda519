/** `npm run build`: installs what is missing and builds what has changed. */
import { build } from './lib/build.mjs';
import { installIfNeeded } from './lib/install.mjs';
import { fail } from './lib/workspace.mjs';

await installIfNeeded();
const { status, output } = await build();
if (output.trim()) process.stdout.write(`${output.trim()}\n`);
if (status !== 0) fail('The build failed.', status);
