/** `npm run provident -- <command>`: the command line, built first when its sources have changed. */
import { build } from './lib/build.mjs';
import { buildIsOutdated } from './lib/compile.mjs';
import { installIfNeeded } from './lib/install.mjs';
import { fail, handOver, inRoot, pinnedNode } from './lib/workspace.mjs';

await installIfNeeded();
if (buildIsOutdated()) {
  const { status, output } = await build();
  if (status !== 0) fail(`${output.trim()}\nThe build failed; the command was not run.`, status);
}
handOver(pinnedNode(), [inRoot('services', 'cli', 'dist', 'main.js'), ...process.argv.slice(2)]);
