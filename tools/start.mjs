/** `npm start`: installs what is missing, builds what has changed, then becomes `provident up`. */
import { build } from './lib/build.mjs';
import { installIfNeeded } from './lib/install.mjs';
import { fail, handOver, inRoot, pinnedNode } from './lib/workspace.mjs';

await installIfNeeded();
const { status, output } = await build();
if (status !== 0) fail(`${output.trim()}\nThe build failed; nothing was started.`, status);
handOver(pinnedNode(), [inRoot('services', 'cli', 'dist', 'main.js'), 'up', ...process.argv.slice(2)]);
