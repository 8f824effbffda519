import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';

import { findSlapd } from '@provident/connectors/testing';

import { BenchError } from '../bench-error.js';
import { jobId } from '../load/job.js';
import type { Child } from '../process/child.js';
import { type CpuByProcess, others } from '../process/family.js';
import { Teardown } from '../process/teardown.js';
import { type Machine, describeMachine, loadNow } from '../report/machine.js';
import { orderCycle } from '../steps/order-cycle.js';
import { World, pipeline } from '../world.js';
import { Directory } from './directory.js';
import type { IncrementalOptions } from './options.js';

export interface DirectoryMeasured {
  readonly people: number;
  /** Of the middle round. */
  readonly seconds: number;
  readonly cpuMs: number;
  /** Of each round, by process. */
  readonly rounds: readonly { readonly seconds: number; readonly cpu: CpuByProcess }[];
  /** A look at all accounts and groups, of which some were changed by hand, that changes them back. */
  readonly drift: DriftMeasured;
}

export interface DriftMeasured {
  readonly seconds: number;
  readonly cpuMs: number;
  /** Accounts and groups that it looked at. */
  readonly objects: number;
  readonly cpu: CpuByProcess;
  /** Most memory that the importer ever had, before it and after, in MiB. */
  readonly importerBefore: number;
  readonly importerAfter: number;
}

export interface IncrementalMeasured {
  readonly machine: Machine;
  readonly changed: number;
  readonly small: DirectoryMeasured;
  readonly large: DirectoryMeasured;
}

const by = { kind: 'application', name: 'bench' };
const passwordVariable = 'PROVIDENT_BENCH_LDAP_PASSWORD';
/** Processes whose work is not ours, or not the cycle's. */
const aside = new Set([others, 'target', 'slapd', 'the bench itself']);
export const ownCpuMs = (cpu: CpuByProcess): number =>
  Object.entries(cpu).reduce((sum, [name, seconds]) => sum + (aside.has(name) ? 0 : seconds * 1_000), 0);

const definition = (directory: Directory, url: string) => ({
  job: jobId,
  source: directory.source(passwordVariable),
  target: { connector: 'scim', config: { url, auth: { none: true } } },
  objects: [
    {
      type: 'user',
      attributes: [
        { target: 'userName', source: 'employeeNumber', matching: 1 },
        { target: 'title', source: 'title' },
      ],
    },
    { type: 'group', attributes: [{ target: 'displayName', source: 'cn', matching: 1 }] },
  ],
  schedule: { every: '24h' },
});

/** The same changes in a small and in a large directory. @throws BenchError at the first thing that is not as it should be */
export async function runIncremental(
  options: IncrementalOptions,
  teardown: Teardown,
  say: (line: string) => void,
  onLoss: (error: BenchError) => void,
): Promise<IncrementalMeasured> {
  if (!findSlapd()) throw new BenchError('This needs OpenLDAP: install slapd (Debian: apt-get install slapd).');
  const load = loadNow();
  const measured: [Machine, DirectoryMeasured][] = [];
  for (const people of [options.small, options.large]) {
    const own = new Teardown();
    teardown.add(() => own.run());
    let isOver = false; // then its servers may end
    const onItsLoss = (error: BenchError): void => void (isOver || onLoss(error));
    measured.push(await runDirectory(people, options, own, load, (line) => say(`${people} people: ${line}`), onItsLoss));
    isOver = true;
    await own.run();
  }
  const [[machine, small], [, large]] = measured as [[Machine, DirectoryMeasured], [Machine, DirectoryMeasured]];
  return { machine, changed: options.changed, small, large };
}

async function runDirectory(
  people: number,
  options: IncrementalOptions,
  teardown: Teardown,
  load: number,
  say: (line: string) => void,
  onLoss: (error: BenchError) => void,
): Promise<[Machine, DirectoryMeasured]> {
  say('starting servers and services');
  const world = await World.open(options, teardown, onLoss);
  const machine = describeMachine(world, load);
  const directory = await Directory.start(people);
  teardown.add(() => directory.slapd.stop());
  world.family.add('slapd', directory.slapd.pid);
  process.env[passwordVariable] = directory.slapd.reader.password;
  await world.startServices(pipeline);
  const target = world.program('target', 'members-target');
  const { url } = (await target.ready()) as { url: string };
  const limitMs = 120_000 + people * 60;
  const check = () => untilRight(directory, target, limitMs);

  say('first cycle');
  await orderCycle(world, limitMs, { imported: people + directory.groups }, () =>
    world.order('apply-job', { definition: definition(directory, url), baseDir: world.folder, by }),
  );
  await check();
  const runJob = () => world.order('run-job', { jobId, by });
  // What lies in the second of the newest change is read until that second is over: not so afterwards.
  for (let at = 0; at < 2; at++) {
    await sleep(2_100);
    await orderCycle(world, limitMs, {}, runJob);
  }

  const rounds: { seconds: number; cpu: CpuByProcess }[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    say(`${options.changed} changes, ${round} of ${options.rounds}`);
    await directory.change(options.changed);
    const { seconds, used } = await orderCycle(world, limitMs, {}, runJob);
    rounds.push({ seconds, cpu: used() });
    await check();
  }
  say('a look for drift');
  const drift = await lookForDrift(world, directory, url, limitMs);
  await check();
  const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
  const seconds = middle(rounds.map((each) => each.seconds));
  return [machine, { people, seconds, cpuMs: middle(rounds.map(({ cpu }) => ownCpuMs(cpu))), rounds, drift }];
}

const changedByHand = 20;

/** Titles are changed in the target, and a member is taken out of each of some groups: all of it is found and changed back. */
async function lookForDrift(world: World, directory: Directory, url: string, limitMs: number): Promise<DriftMeasured> {
  const list = async (query: string): Promise<{ readonly id: string }[]> =>
    ((await (await fetch(`${url}/${query}`)).json()) as { Resources: { id: string }[] }).Resources;
  const patch = async (place: string, operation: object): Promise<void> => {
    const body = { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: [operation] };
    const answer = await fetch(`${url}/${place}`, { method: 'PATCH', body: JSON.stringify(body) });
    if (!answer.ok) throw new BenchError(`The target does not let ${place} be changed by hand: ${answer.status}`);
  };
  const titled = directory.expectedUsers().filter(([, title]) => title !== null);
  const users = (
    await Promise.all(titled.slice(0, changedByHand).map(([name]) => list(`Users?filter=${encodeURIComponent(`userName eq "${name}"`)}`)))
  ).flat();
  const groups = await list(`Groups?count=${changedByHand}`);
  for (const { id } of users) await patch(`Users/${id}`, { op: 'replace', path: 'title', value: 'By hand' });
  for (const { id } of groups) {
    const { members } = (await (await fetch(`${url}/Groups/${id}?attributes=members`)).json()) as { members: { value: string }[] };
    await patch(`Groups/${id}`, { op: 'remove', path: `members[value eq "${members[0]!.value}"]` });
  }
  const importerBefore = world.family.peaks()['importer'] ?? 0;
  const imported = users.length + groups.length;
  const { seconds, used } = await orderCycle(world, limitMs, { imported }, () => world.order('run-job', { jobId, by, drift: 'repair' }));
  const cpu = used();
  const objects = directory.expectedUsers().length + directory.groups;
  return { seconds, cpuMs: ownCpuMs(cpu), objects, cpu, importerBefore, importerAfter: world.family.peaks()['importer'] ?? 0 };
}

/** Members follow right behind the cycle that found them. */
async function untilRight(directory: Directory, target: Child, limitMs: number): Promise<void> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const problem = await findProblem(directory, target);
    if (problem === null) return;
    if (performance.now() > deadline) throw new BenchError(problem);
    await sleep(250);
  }
}

async function findProblem(directory: Directory, target: Child): Promise<string | null> {
  const users = new Map(await target.ask<[string, string | undefined][]>('users'));
  for (const [name, title] of directory.expectedUsers()) {
    if (!users.has(name)) return `The target lacks ${name}.`;
    if ((users.get(name) ?? null) !== title) return `The title of ${name} is ${users.get(name)}, not ${title}.`;
  }
  const groups = new Map(await target.ask<[string, string[]][]>('groups'));
  for (const [name, members] of directory.expectedGroups()) {
    const held = groups.get(name) ?? [];
    if (!isDeepStrictEqual(held.toSorted(), members.toSorted())) return `The members of ${name} are ${held.join()}, not ${members.join()}.`;
  }
  return null;
}
