/**
 * `npm run faults [-- all|simulation|processes] [options]`: installs what is missing, builds what has changed, then runs the fault suite in its long
 * form (deploy/faults/README.md). FAULTS_KILLS, FAULTS_USERS, FAULTS_POWER_CUTS and FAULTS_MINUTES change the sizes of the part with real processes.
 */
import { buildServices } from './lib/build.mjs';
import { installIfNeeded } from './lib/install.mjs';
import { fail, handOver, inRoot, pinnedNode, run, toolEnvironment } from './lib/workspace.mjs';

const PARTS = ['all', 'simulation', 'processes'];
const [first, ...rest] = process.argv.slice(2);
const isPart = PARTS.includes(first);
const part = isPart ? first : first === undefined ? 'all' : 'simulation';
const options = isPart ? rest : process.argv.slice(2);

await installIfNeeded();
const { status, output } = await buildServices();
if (status !== 0) fail(`${output.trim()}\nThe build failed; nothing was tried.`, status);
const simulation = ['--disable-warning=ExperimentalWarning', inRoot('deploy', 'faults', 'dist', 'main.js'), ...options];
const processes = [inRoot('tools', 'test.mjs'), 'e2e', 'deploy/faults'];
const long = { FAULTS_KILLS: '200', FAULTS_USERS: '5000', FAULTS_POWER_CUTS: '30', FAULTS_MINUTES: '60' };

if (part === 'simulation') handOver(pinnedNode(), simulation);
else {
  const played = part === 'all' ? await run(pinnedNode(), simulation) : { status: 0 };
  const real = await run(pinnedNode(), processes, { env: toolEnvironment({ ...long, ...process.env }) });
  process.exitCode = played.status || real.status;
}
