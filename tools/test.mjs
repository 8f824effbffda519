/**
 * `npm test` and its parts: `node tools/test.mjs [all|lint|unit|int|e2e|faults] [path …]`.
 * One line per stage; the very last line counts passed and failed (and skipped) over all of them.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './lib/build.mjs';
import { compile, compiler } from './lib/compile.mjs';
import { installIfNeeded } from './lib/install.mjs';
import { fail, inRoot, pinnedNode, run, toolEnvironment } from './lib/workspace.mjs';

const KINDS = ['all', 'lint', 'unit', 'int', 'e2e', 'faults'];
const [kind, paths] = readArguments(process.argv.slice(2));
const sum = { passed: 0, failed: 0, skipped: 0 };
const scratch = mkdtempSync(join(tmpdir(), 'provident-test-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130));

await installIfNeeded();
const wanted = (...kinds) => kinds.includes(kind);

if (wanted('all')) await check('build', () => build());
if (wanted('all', 'lint')) await lint();
if (wanted('all', 'unit')) await jest('unit');
if (wanted('faults') || (wanted('all') && paths.length === 0)) await faults();
if (wanted('all', 'int', 'e2e')) await testServersReady();
if (wanted('all', 'int')) await jest('int');
if (kind === 'e2e') await check('build', () => build());
if (wanted('all', 'e2e')) await jest('e2e');

const skipped = sum.skipped > 0 ? `, ${sum.skipped} skipped` : '';
process.exitCode = sum.failed > 0 ? 1 : 0;
process.stdout.write(`${sum.passed} passed, ${sum.failed} failed${skipped}\n`);

function readArguments([first, ...rest]) {
  if (first === undefined) return ['all', []];
  if (KINDS.includes(first)) return [first, rest];
  if (existsSync(first) || /[/.]/.test(first)) return ['all', [first, ...rest]];
  return fail(`Usage: node tools/test.mjs [${KINDS.join('|')}] [path …]`, 2);
}

async function lint() {
  const node = pinnedNode();
  const tool = (name) => inRoot('node_modules', '.bin', name);
  const sources = ['libs', 'services'];
  await check('lint', () => run(tool('oxlint'), ['--type-aware', '--quiet', ...sources], { quiet: true }));
  await check('format', () => run(tool('biome'), ['check', '--reporter=summary', '.'], { quiet: true }));
  await check('boundaries', () =>
    run(node, [tool('depcruise'), ...sources, '--config', inRoot('tools', 'dependency-cruiser.cjs'), '--output-type', 'err'], {
      quiet: true,
    }),
  );
  await check('types', () => run(node, [compiler, '--project', inRoot('tools', 'tsconfig.check.json')], { quiet: true }));
  await check('portal types', () => run(node, [compiler, '--project', inRoot('tools', 'tsconfig.portal.json')], { quiet: true }));
  await check('lock file', () => run(node, [inRoot('tools', 'complete-lock.mjs'), '--check'], { quiet: true }));
  if (existsSync(inRoot('tools', 'generate.mjs'))) {
    await check('generated', () => run(node, [inRoot('tools', 'generate.mjs'), '--check'], { quiet: true }));
  }
}

/** The pipeline in a simulated world, a few hundred seeds of it (deploy/faults/README.md). */
async function faults() {
  const { status, output } = kind === 'faults' ? await compile() : { status: 0, output: '' };
  if (status !== 0) fail(output.trim(), status);
  const program = inRoot('deploy', 'faults', 'dist', 'main.js');
  const play = (...options) => run(pinnedNode(), ['--disable-warning=ExperimentalWarning', program, ...options], { quiet: true });
  await check('faults', () => play('--short', '--no-save'));
  await check('sabotage', () => play('--sabotage'));
  await check('on Postgres', () => play('--postgres', '--seeds', '5', '--no-save'));
}

/** The specs' servers are started by compiled code: make sure that this one library is built, whatever state the others are in. */
async function testServersReady() {
  const { status, output } = await compile([inRoot('libs', 'embedded')]);
  if (status !== 0) fail(`${output.trim()}\nlibs/embedded does not compile, so no test servers can be started.`);
}

/** A step that either holds or does not: it counts as one test. */
async function check(name, step) {
  const startedAt = Date.now();
  const { status, output } = await step();
  if (status !== 0) process.stdout.write(`${output.trim()}\n`);
  sum[status === 0 ? 'passed' : 'failed'] += 1;
  stage(name, status === 0 ? 'passed' : 'failed', startedAt);
}

async function jest(name) {
  const startedAt = Date.now();
  const sumFile = join(scratch, `${name}.jsonl`);
  const status = await runJest(name, sumFile);
  const part = { passed: 0, failed: 0, skipped: 0 };
  if (existsSync(sumFile)) {
    const last = JSON.parse(readFileSync(sumFile, 'utf8').trim().split('\n').at(-1));
    for (const each of Object.keys(part)) part[each] += last[each];
  }
  if (status !== 0 && part.failed === 0) part.failed = 1; // jest itself gave up
  for (const each of Object.keys(part)) sum[each] += part[each];
  stage(name, `${part.passed} passed, ${part.failed} failed`, startedAt);
}

async function runJest(name, sumFile) {
  const { default: config } = await import(inRoot('jest.config.mjs'));
  const selection = {
    unit: { testPathIgnorePatterns: [...config.testPathIgnorePatterns, '\\.(int|e2e)\\.spec\\.ts$'] },
    int: { testMatch: ['**/*.int.spec.ts'] },
    e2e: { testMatch: ['**/*.e2e.spec.ts'] },
  }[name];
  const servers = {
    globalSetup: inRoot('tools', 'jest', 'global-setup.mjs'),
    globalTeardown: inRoot('tools', 'jest', 'global-teardown.mjs'),
    testTimeout: name === 'e2e' ? 120_000 : 60_000,
  };
  const whole = { ...config, ...selection, ...(name === 'unit' ? {} : servers), rootDir: inRoot() };
  const { status } = await run(
    pinnedNode(),
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      inRoot('node_modules', 'jest', 'bin', 'jest.js'),
      `--config=${JSON.stringify(whole)}`,
      '--passWithNoTests',
      '--reporters=default',
      `--reporters=${inRoot('tools', 'jest', 'sum-reporter.mjs')}`,
      `--maxWorkers=${workersFor(name)}`,
      ...paths,
    ],
    { env: toolEnvironment({ PROVIDENT_TEST_SUM_FILE: sumFile }) },
  );
  return status;
}

/** Units work; the specs with servers also wait for them, so one more of those runs at once. A whole installation is several processes by itself. */
function workersFor(name) {
  const cores = cpus().length;
  return { unit: Math.min(cores, 8), int: Math.min(cores + 1, 8), e2e: Math.min(cores, 2) }[name];
}

function stage(name, result, startedAt) {
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(`${name.padEnd(12)} ${result.padEnd(24)} ${seconds.padStart(6)} s\n`);
}
