/** `npm run bench`: installs what is missing, builds what has changed, then becomes the bench (deploy/bench/README.md). */
import { buildServices } from './lib/build.mjs';
import { installIfNeeded } from './lib/install.mjs';
import { fail, handOver, inRoot, pinnedNode } from './lib/workspace.mjs';

await installIfNeeded();
const { status, output } = await buildServices();
if (status !== 0) fail(`${output.trim()}\nThe build failed; nothing was measured.`, status);
handOver(pinnedNode(), [inRoot('deploy', 'bench', 'dist', 'main.js'), ...process.argv.slice(2)]);
