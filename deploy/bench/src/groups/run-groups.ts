import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { BenchError } from '../bench-error.js';
import { jobId } from '../load/job.js';
import type { Child } from '../process/child.js';
import type { CpuByProcess } from '../process/family.js';
import type { Teardown } from '../process/teardown.js';
import { type Machine, describeMachine, loadNow } from '../report/machine.js';
import { assertRight, orderCycle } from '../steps/order-cycle.js';
import type { Closed } from '../steps/run-cycle.js';
import { World, onlookers, pipeline } from '../world.js';
import type { GroupsOptions } from './options.js';

/** What the target was asked: requests, bytes of their bodies, and the largest body. */
export type Requests = Readonly<Record<string, { readonly requests: number; readonly bytes: number; readonly most: number }>>;

export interface GroupCycleMeasured {
  /** From the order until the cycle was closed. */
  readonly seconds: number;
  /** From the order until the target held every member. */
  readonly secondsUntilWhole: number;
  readonly requests: Requests;
  readonly events: number;
  readonly cpu: CpuByProcess;
}

export interface GroupsMeasured {
  readonly machine: Machine;
  readonly members: number;
  readonly first: GroupCycleMeasured;
  /** Five members came and five left. */
  readonly change: GroupCycleMeasured;
  /** Nothing came and nobody left. */
  readonly idle: GroupCycleMeasured;
  readonly peaks: Readonly<Record<string, number>>;
}

const by = { kind: 'application', name: 'bench' };
export const swapped = 5;

const definition = (url: string) => ({
  job: jobId,
  source: {
    connector: 'csv',
    config: {
      file: 'people.csv',
      anchor: 'id',
      groups: { file: 'groups.csv', anchor: 'id' },
      memberships: { file: 'members.csv', group: 'group', member: 'member' },
    },
  },
  target: { connector: 'scim', config: { url, auth: { none: true } } },
  objects: [
    { type: 'user', attributes: [{ target: 'userName', source: 'name', matching: 1 }] },
    { type: 'group', attributes: [{ target: 'displayName', source: 'name', matching: 1 }] },
  ],
  schedule: { every: '24h' },
});

const person = (at: number): string => `P-${1_000_000 + at}`;
const nameOf = (id: string): string => `${id.toLowerCase()}@example.org`;

/** A group of many members: made, changed, and left as it is. @throws BenchError at the first thing that is not as it should be */
export async function runGroups(
  options: GroupsOptions,
  teardown: Teardown,
  say: (line: string) => void,
  onLoss: (error: BenchError) => void,
): Promise<GroupsMeasured> {
  const { members } = options;
  const load = loadNow();
  say('starting servers and services');
  const world = await World.open(options, teardown, onLoss);
  const machine = describeMachine(world, load);
  await world.startServices([...pipeline, ...onlookers]);
  const target = world.program('target', 'members-target');
  const { url } = (await target.ready()) as { url: string };

  const everybody = Array.from({ length: members + swapped }, (_, at) => person(at));
  await write(world, 'people.csv', ['id,name', ...everybody.map((id) => `${id},${nameOf(id)}`)]);
  await write(world, 'groups.csv', ['id,name', 'G-1,Everybody']);
  const writeMembers = (ids: readonly string[]) => write(world, 'members.csv', ['group,member', ...ids.map((id) => `G-1,${id}`)]);
  const tools = { world, target, limitMs: 120_000 + members * 60 };

  say(`first cycle, a group of ${members}`);
  const before = everybody.slice(0, members);
  await writeMembers(before);
  const first = await run(tools, before, { imported: everybody.length + 1 }, () =>
    world.order('apply-job', { definition: definition(url), baseDir: world.folder, by }),
  );
  assertRight('first cycle', checkRequests(first.requests, members));

  say(`${swapped} members come and ${swapped} leave`);
  const after = everybody.slice(swapped);
  const change = await run(tools, after, {}, async () => {
    await writeMembers(after);
    await world.order('run-job', { jobId, by });
  });
  assertRight('change', checkRequests(change.requests, 2 * swapped));

  say('nothing changes');
  const idle = await run(tools, after, {}, () => world.order('run-job', { jobId, by }));
  if ((idle.requests['PATCH Groups']?.requests ?? 0) > 0) throw new BenchError('Nothing changed, and the group was written.');
  return { machine, members, first, change, idle, peaks: world.family.peaks() };
}

/** What was written of the group: changes only, in small parts. */
function checkRequests(requests: Requests, changed: number): string[] {
  const { requests: patches = 0, bytes = 0 } = requests['PATCH Groups'] ?? {};
  const problems: string[] = [];
  if (patches === 0 || patches > 3 + changed / 100) problems.push(`the group was written ${patches} times`);
  if (bytes > 2_000 + changed * 100) problems.push(`${bytes} bytes were sent for ${changed} members`);
  if (requests['PUT Groups']) problems.push('the whole group was written');
  return problems;
}

interface Tools {
  readonly world: World;
  readonly target: Child;
  readonly limitMs: number;
}

async function run(
  { world, target, limitMs }: Tools,
  expected: readonly string[],
  tally: Partial<Closed['tally']>,
  order: () => Promise<unknown>,
): Promise<GroupCycleMeasured> {
  await target.ask('counts');
  const { seconds, after, used, begin } = await orderCycle(world, limitMs, tally, order);
  const wanted = new Set(expected.map(nameOf));
  const requests: Record<string, Requests[string]> = {};
  for (;;) {
    const { counts, members } = await target.ask<{ counts: Requests; members: number }>('counts');
    addTo(requests, counts);
    if (members === expected.length && (await isRight(target, wanted))) break;
    if (performance.now() - begin > limitMs) throw new BenchError(`The group has ${members} members instead of ${expected.length}.`);
    await sleep(100);
  }
  const secondsUntilWhole = (performance.now() - begin) / 1000;
  return { seconds, secondsUntilWhole, requests, events: (await world.log.head()) - after, cpu: used() };
}

async function isRight(target: Child, wanted: ReadonlySet<string>): Promise<boolean> {
  const names = await target.ask<string[]>('members');
  return names.length === wanted.size && names.every((name) => wanted.has(name));
}

function addTo(sum: Record<string, Requests[string]>, more: Requests): void {
  for (const [what, { requests, bytes, most }] of Object.entries(more)) {
    const before = sum[what] ?? { requests: 0, bytes: 0, most: 0 };
    sum[what] = { requests: before.requests + requests, bytes: before.bytes + bytes, most: Math.max(before.most, most) };
  }
}

async function write(world: World, name: string, lines: readonly string[]): Promise<void> {
  const file = join(world.folder, name);
  await writeFile(`${file}.new`, `${lines.join('\n')}\n`);
  await rename(`${file}.new`, file);
}
