/** `npm run faults`: installs what is missing, builds what has changed, then becomes the fault suite (deploy/faults/README.md). */
import { compile } from './lib/compile.mjs';
import { installIfNeeded } from './lib/install.mjs';
import { fail, handOver, inRoot, pinnedNode } from './lib/workspace.mjs';

await installIfNeeded();
const { status, output } = await compile();
if (status !== 0) fail(`${output.trim()}\nThe build failed; nothing was tried.`, status);
const main = inRoot('deploy', 'faults', 'dist', 'main.js');
handOver(pinnedNode(), ['--disable-warning=ExperimentalWarning', main, ...process.argv.slice(2)]);
