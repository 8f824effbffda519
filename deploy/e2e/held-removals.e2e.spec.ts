import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type QuirkScimServer, startQuirkScimServer } from '@provident/connectors/testing';
import {
  JobQuarantined,
  JobRecovered,
  ObjectExported,
  RemovalHeld,
  RemovalRejected,
  RemovalWithdrawn,
  RemovalsHeld,
  RuleEvaluated,
} from '@provident/contracts';
import { eventuallyHolds } from '@provident/testing';

import { Installation, type JobInput, checkLog, openEscrows, scimTarget } from './harness/index.js';

interface World {
  /** Numbers of people. */
  readonly people: readonly number[];
  readonly inactive?: readonly number[];
  /** Names of people by number, where they are not the usual ones. */
  readonly names?: Readonly<Record<number, string>>;
  readonly teams: Readonly<Record<string, readonly number[]>>;
}

let installation: Installation;
let target: QuirkScimServer;
beforeAll(async () => {
  installation = await Installation.start();
}, 60_000);
afterAll(async () => {
  await installation?.stop();
  await target?.close();
});

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at);

function write(name: string, lines: readonly string[]): void {
  const file = join(installation.folder, name);
  writeFileSync(`${file}.new`, `${lines.join('\n')}\n`);
  renameSync(`${file}.new`, file);
}

/** The source of a job is like this from now on. */
function source(job: string, { people, inactive = [], names = {}, teams }: World): void {
  const row = (id: number): string => `E${id},e${id}@example.org,${names[id] ?? `Name ${id}`},${inactive.includes(id) ? 'left' : 'active'}`;
  write(`${job}-staff.csv`, ['id,mail,name,status', ...people.map(row)]);
  write(`${job}-teams.csv`, ['id', ...Object.keys(teams)]);
  const belongings = Object.entries(teams).flatMap(([team, members]) => members.map((member) => `${team},E${member}`));
  write(`${job}-belongings.csv`, ['team,member', ...belongings]);
}

const definition = (job: string, removals: object): JobInput => ({
  job,
  source: {
    connector: 'csv',
    config: {
      file: `${job}-staff.csv`,
      anchor: 'id',
      groups: { file: `${job}-teams.csv`, anchor: 'id' },
      memberships: { file: `${job}-belongings.csv`, group: 'team', member: 'member' },
    },
  },
  target: scimTarget(target.url),
  objects: [
    {
      type: 'user',
      displayName: 'name',
      active: { attribute: 'status', operator: 'EQUALS', value: 'active' },
      attributes: [
        { target: 'userName', source: 'mail', matching: 1 },
        { target: 'displayName', source: 'name' },
      ],
    },
    { type: 'group', attributes: [{ target: 'displayName', source: 'id', matching: 1 }] },
  ],
  thresholds: { removals },
  schedule: { every: '1d' },
});

/** Who is in the groups of the target, by number. */
function teamsIn(): Record<string, number[]> {
  const numberOf = new Map(target.users().map(({ id, userName }) => [id, Number(/e(\d+)@/.exec(String(userName))?.[1])]));
  const members = (group: Record<string, unknown>): number[] =>
    ((group['members'] ?? []) as { value: string }[]).map(({ value }) => numberOf.get(value)!).sort((one, other) => one - other);
  return Object.fromEntries(target.groups().map((group) => [String(group['displayName']), members(group)]));
}

const statesIn = (): Record<string, boolean> =>
  Object.fromEntries(target.users().map(({ userName, active }) => [String(userName).split('@')[0]!, active !== false]));

/** A write is seen in the target a moment before it is told of in the log. */
const expectWhole = (job: string): Promise<void> =>
  eventuallyHolds(async () => {
    const events = await installation.eventsAtRest(job);
    expect(checkLog(events)).toEqual([]);
    expect(openEscrows(events)).toEqual([]);
  });

test('members that leave a group in too large a number wait, group by group, and everything else goes on', async () => {
  target = await startQuirkScimServer();
  const job = 'crowd';
  const people = range(1, 121);
  const all = { C: range(1, 121) };
  source(job, { people, teams: { ...all, A: range(1, 53), B: range(1, 21) } });
  await installation.apply(definition(job, { memberships: { percent: 10 } }));
  await installation.cycleClosed(job);
  await eventuallyHolds(() => expect(teamsIn()).toEqual({ ...all, A: range(1, 53), B: range(1, 21) }), { timeoutMs: 30_000 });

  // Fourteen of 52 leave A, one of twenty leaves B, and two come.
  source(job, { people, teams: { ...all, A: [...range(15, 53), 55], B: [...range(2, 21), 56] } });
  const { progress, rows } = await installation.simulate(job);
  const closed = await installation.run(job);
  expect(closed).toMatchObject({ result: 'succeeded', tally: { imported: 4, updated: 3, held: 1 } });
  expect(teamsIn()).toEqual({ ...all, A: [...range(1, 53), 55], B: [...range(2, 21), 56] });
  const [held] = await installation.list(job, RemovalsHeld);
  expect(held).toMatchObject({ proposed: 1, kinds: { 'group-membership': 1 }, threshold: '14 of 52 members, limit 10 %' });
  const lots = (await installation.list(job, RemovalHeld)).filter(({ guard }) => guard?.over);
  expect(lots).toMatchObject([{ objectKey: 'group:A', guard: { removed: 14, of: 52, over: true } }]);
  expect(lots[0]!.members!.remove.map(({ key }) => key)).toHaveLength(14);
  // All of it was foretold: what is held, why, and by name who stays; and who goes.
  expect(progress.guard).toMatchObject({ proposed: 0, members: 15, held: Object.keys(held!.kinds!), threshold: held!.threshold });
  expect(progress.followUps).toMatchObject({ membersAdded: 2, membersRemoved: 1 });
  const stay = rows.flatMap(({ objectKey, members, held: isHeld }) => (isHeld ? [[objectKey, members!.remove.map(({ key }) => key)]] : []));
  expect(stay).toEqual([['group:A', lots[0]!.members!.remove.map(({ key }) => key)]]);

  // What waits is not proposed again; and who comes back meanwhile stays, whatever is released.
  expect(await installation.run(job)).toMatchObject({ tally: { imported: 0 } });
  source(job, { people, teams: { ...all, A: [3, ...range(15, 53), 55], B: [...range(2, 21), 56] } });
  await installation.run(job);
  await installation.release(job, closed.cycleId, 'group:A');
  await eventuallyHolds(() => expect(teamsIn()['A']).toEqual([3, ...range(15, 53), 55]), { timeoutMs: 30_000 });
  await expect(installation.release(job, closed.cycleId)).rejects.toThrow(/held are those of: none/);

  // Another lot is rejected: the members stay, also when everything is read anew, until the rules or the source say otherwise.
  const before = teamsIn();
  source(job, { people, teams: { ...all, A: [3, ...range(30, 53), 55], B: [...range(2, 21), 56] } });
  const second = await installation.run(job);
  expect(second).toMatchObject({ tally: { held: 1 } });
  await installation.reject(job, second.cycleId);
  await installation.find(job, RemovalRejected);
  expect(await installation.run(job, { fresh: true })).toMatchObject({ result: 'succeeded', tally: { held: 0, updated: 0 } });
  expect(teamsIn()).toEqual(before);
  source(job, { people, teams: { ...all, A: [3, 15, ...range(30, 53), 55], B: [...range(2, 21), 56] } });
  await installation.run(job);
  source(job, { people, teams: { ...all, A: [3, ...range(30, 53), 55], B: [...range(2, 21), 56] } });
  await installation.run(job);
  await eventuallyHolds(() => expect(teamsIn()['A']).toEqual([3, ...range(16, 53), 55]), { timeoutMs: 30_000 });
  await expectWhole(job);
}, 180_000);

test('a removal that a person rejects stays rejected until something about the person changes', async () => {
  await target?.close();
  target = await startQuirkScimServer();
  const job = 'leavers';
  const people = range(1, 21);
  const teams = { T: [1] };
  source(job, { people, teams });
  await installation.apply(definition(job, { count: 2 }));
  await installation.cycleClosed(job);

  // Three become inactive: held. One is rejected by name, the others are released.
  source(job, { people, inactive: [2, 3, 4], teams });
  const closed = await installation.run(job);
  expect(closed).toMatchObject({ tally: { held: 3, disabled: 0 } });
  expect(await installation.list(job, RemovalsHeld)).toMatchObject([{ threshold: '3 accounts, limit 2', kinds: { disable: 3 } }]);
  await installation.reject(job, closed.cycleId, 'user:E2');
  await installation.release(job, closed.cycleId);
  await eventuallyHolds(() => expect(statesIn()).toMatchObject({ e2: true, e3: false, e4: false }));
  expect(await installation.list(job, RemovalRejected)).toMatchObject([
    { sourceId: 'E2', action: 'disable', by: { name: 'e2e' }, reason: { text: expect.stringContaining('rejected by e2e') as unknown } },
  ]);

  // Read anew, the person is as then: nothing is proposed, and the log says why and who wanted it so.
  expect(await installation.run(job, { fresh: true })).toMatchObject({ tally: { held: 0, disabled: 0 } });
  const skipped = (await installation.list(job, RuleEvaluated)).findLast(({ objectKey }) => objectKey === 'user:E2');
  expect(skipped).toMatchObject({ action: 'skip', reason: { code: 'removal-rejected', facts: { by: 'e2e' } } });
  expect(statesIn()).toMatchObject({ e2: true });

  // Something about the person changes: the removal is wanted again, and they are few.
  source(job, { people, inactive: [2, 3, 4], names: { 2: 'Changed' }, teams });
  expect(await installation.run(job)).toMatchObject({ tally: { imported: 1, disabled: 1, held: 0 } });
  await eventuallyHolds(() => expect(statesIn()).toMatchObject({ e2: false }));
  expect((await installation.list(job, ObjectExported)).filter(({ action }) => action === 'disable')).toHaveLength(3);
  await expectWhole(job);
}, 120_000);

test('removals whose people are all back wait no more: the quarantine ends by itself, and nothing is left to be released', async () => {
  await target?.close();
  target = await startQuirkScimServer();
  const job = 'returners';
  const people = range(1, 21);
  const teams = { T: [1] };
  source(job, { people, teams });
  await installation.apply(definition(job, { count: 2 }));
  await installation.cycleClosed(job);
  source(job, { people, inactive: [2, 3, 4], teams });
  const closed = await installation.run(job);
  await installation.find(job, JobQuarantined);

  // Two of them are back, which is not all; then the last one.
  source(job, { people, inactive: [4], teams });
  await installation.run(job);
  expect(await installation.list(job, RemovalWithdrawn)).toHaveLength(2);
  expect(await installation.list(job, JobRecovered)).toEqual([]);
  source(job, { people, teams });
  await installation.run(job);
  expect(await installation.find(job, JobRecovered)).toMatchObject({ data: { by: { kind: 'system' } } });
  await expect(installation.release(job, closed.cycleId)).rejects.toThrow(/held are those of: none/);
  expect(Object.values(statesIn())).toEqual(people.map(() => true));
  await expectWhole(job);
}, 120_000);

test('a source that has shrunk too much holds every removal, and says by how much', async () => {
  await target?.close();
  target = await startQuirkScimServer();
  const job = 'shrunk';
  const teams = { T: range(1, 11) };
  // Most have no account: the accounts that have to go are few, and what is gone is a third of the source.
  source(job, { people: range(1, 101), inactive: range(11, 101), teams });
  await installation.apply(definition(job, { source: { percent: 25 } }));
  await installation.cycleClosed(job);
  await eventuallyHolds(() => expect(teamsIn()).toEqual(teams), { timeoutMs: 30_000 });
  source(job, { people: range(1, 68).filter((each) => each !== 5), inactive: range(11, 101), teams: { T: range(1, 10) } });
  const { progress } = await installation.simulate(job);
  const closed = await installation.run(job);
  expect(closed).toMatchObject({ tally: { held: 2, deleted: 0, updated: 0 } });
  expect(progress).toMatchObject({
    guard: { proposed: 1, members: 1, held: ['delete', 'membership'], threshold: '34 of 100 users gone from the source, limit 25 %' },
    followUps: { membersRemoved: 0 },
  });
  expect(await installation.list(job, RemovalsHeld)).toMatchObject([{ threshold: '34 of 100 users gone from the source, limit 25 %' }]);
  expect(statesIn()).toMatchObject({ e5: true });
  await installation.release(job, closed.cycleId);
  await eventuallyHolds(() => expect([statesIn()['e5'], teamsIn()['T']]).toEqual([undefined, range(1, 10).filter((each) => each !== 5)]));
  await expectWhole(job);
}, 120_000);

test('the services had no trouble with any of this', () => expect(installation.troubles()).toEqual([]));
