/** `npm run build`: installs what is missing and compiles what has changed. */
import { compile } from './lib/compile.mjs';
import { installIfNeeded } from './lib/install.mjs';
import { fail } from './lib/workspace.mjs';

await installIfNeeded();
const { status, output } = await compile();
if (output.trim()) process.stdout.write(`${output.trim()}\n`);
if (status !== 0) fail('The build failed.', status);
