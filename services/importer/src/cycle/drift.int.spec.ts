import { beforeEach, describe, expect, test } from '@jest/globals';
import { aJob } from '@provident/bus/testing';
import { MemoryTarget } from '@provident/connectors/testing';
import { DriftFound, LinkRemoved, TargetObjectImported, is } from '@provident/contracts';

import { linkSubject } from '../on-demand/on-demand.controller.js';
import { ImporterAtWork, type ImporterRun, kim } from '../testing/importer-at-work.js';
import { type MemorySource, personOf } from '../testing/memory-source.js';

const attributes = [
  { target: 'userName', source: 'email', matching: 1 },
  { target: 'title', source: 'title' },
];

const importer = new ImporterAtWork(() => new MemoryTarget({ unique: [], membersPerChange: 2 }));
let source: MemorySource;
let target: MemoryTarget;
let run: ImporterRun;
beforeEach(() => {
  ({ source, target } = importer);
});

const idOf = (anchor: string): string => [...target.accounts].find(([, { attributes: held }]) => held['userName'] === `p${anchor}`)![0];
const accountOf = (anchor: string) => target.accounts.get(idOf(anchor))!;
const found = (cycleId: string) => importer.allOf(cycleId, DriftFound);
const writes = () => target.calls.filter((call) => /^(create|update|changeMembers|setActive|remove) /.test(call));
const titled = (anchor: string, title: string, more: Record<string, string> = {}): void =>
  void source.people.set(anchor, personOf(anchor, { title, status: 'here', ...more }));

beforeEach(async () => {
  for (const anchor of ['1', '2', '3', '4']) titled(anchor, 'Clerk');
  await importer.configure({
    lanes: 2,
    objects: [{ type: 'user', active: { attribute: 'status', operator: 'NOT EQUALS', value: 'left' }, attributes }],
  });
  run = importer.start();
  await importer.cycle('c-1', 'initial');
});

test('what was changed by hand in the target is told attribute by attribute, and left', async () => {
  accountOf('2').attributes['title'] = 'King';
  const before = writes().length;
  expect(await importer.cycle('c-2', 'incremental', { drift: 'report' })).toMatchObject({
    imported: 0,
    drift: { mode: 'report', checked: 4, differ: 1, vanished: 0, unasked: 0 },
  });
  expect(found('c-2')).toMatchObject([
    {
      objectKey: 'user:2',
      targetId: idOf('2'),
      account: 'differs',
      attributes: [{ attribute: 'title', expected: 'Clerk', found: 'King' }],
    },
  ]);
  expect(writes()).toHaveLength(before);
});

test('is changed back where that is wanted, by a change like any other, and then nothing is left', async () => {
  accountOf('2').attributes['title'] = 'King';
  accountOf('3').active = false;
  const others = { ...accountOf('1').attributes };
  expect(await importer.cycle('c-2', 'incremental', { drift: 'repair' })).toMatchObject({ imported: 2, drift: { differ: 2 } });
  expect(found('c-2').map(({ objectKey, account }) => [objectKey, account])).toEqual([
    ['user:2', 'differs'],
    ['user:3', 'disabled'],
  ]);
  expect([accountOf('2').attributes['title'], accountOf('3').active]).toEqual(['Clerk', true]);
  expect(accountOf('1').attributes).toEqual(others);
  expect(target.accounts.size).toBe(4);
  expect(await importer.cycle('c-3', 'incremental', { drift: 'report' })).toMatchObject({ drift: { checked: 4, differ: 0 } });
  expect(found('c-3')).toEqual([]);
});

test('an account that is gone is told of, and not made again', async () => {
  target.accounts.delete(idOf('4'));
  expect(await importer.cycle('c-2', 'incremental', { drift: 'report' })).toMatchObject({
    imported: 0,
    drift: { checked: 4, differ: 0, vanished: 1 },
  });
  expect(found('c-2')).toMatchObject([{ objectKey: 'user:4', account: 'vanished', attributes: [] }]);
  await importer.cycle('c-3', 'incremental', { drift: 'repair' });
  expect(target.accounts.size).toBe(3);
});

test('who changed at the source, or is not wanted and disabled as the job left it, does not count; who was enabled again by hand does', async () => {
  titled('1', 'Head');
  titled('2', 'Clerk', { status: 'left' });
  await importer.cycle('c-2');
  expect(await importer.cycle('c-3', 'incremental', { drift: 'report' })).toMatchObject({ drift: { differ: 0 } });
  accountOf('2').active = true;
  expect(await importer.cycle('c-4', 'incremental', { drift: 'report' })).toMatchObject({ drift: { differ: 1 } });
  expect(found('c-4')).toMatchObject([{ objectKey: 'user:2', account: 'enabled' }]);
});

test('an importer that ends in the middle goes on behind the last page: each account is told of once, and counted once', async () => {
  for (let i = 1000; i < 1320; i++) titled(String(i), 'Clerk');
  await importer.cycle('c-2');
  for (const anchor of ['1', '4']) accountOf(anchor).attributes['title'] = 'King';
  const last = idOf('4');
  const read = target.read.bind(target);
  let ended = (): void => undefined;
  const interrupted = new Promise<void>((resolve) => (ended = resolve));
  target.read = async (...asked) => {
    if (asked[1] === last) {
      void run.stop();
      ended();
      throw new Error('the connection was closed');
    }
    return read(...asked);
  };
  const looked = importer.cycle('c-3', 'incremental', { drift: 'report' });
  await interrupted;
  target.read = read;
  await run.ended;
  expect(found('c-3').map(({ objectKey }) => objectKey)).toEqual(['user:1']);
  importer.start();
  expect(await looked).toMatchObject({ imported: 0, drift: { checked: 324, differ: 2 } });
  expect(found('c-3').map(({ objectKey }) => objectKey)).toEqual(['user:1', 'user:4']);
}, 240_000);

test('no ordinary cycle looks at accounts of people whom nothing has happened to', async () => {
  accountOf('2').attributes['title'] = 'King';
  const { drift } = await importer.cycle('c-2');
  expect(drift).toBeUndefined();
  expect(accountOf('2').attributes['title']).toBe('King');
});

describe('members of groups', () => {
  const objects = [
    { type: 'user' as const, active: { attribute: 'status', operator: 'NOT EQUALS' as const, value: 'left' }, attributes },
    { type: 'group' as const, attributes: [{ target: 'displayName', source: 'name', matching: 1 }] },
  ];
  const groupOf = (anchor: string) =>
    [...target.accounts.values()].find(({ attributes: held }) => held['displayName'] === `Group ${anchor}`)!;
  const membersOf = (anchor: string): string[] =>
    [...groupOf(anchor).members].map((id) => (target.accounts.has(id) ? nameOf(id) : id)).sort();
  const nameOf = (id: string) => String(target.accounts.get(id)!.attributes['userName']);
  const told = (cycleId: string) => found(cycleId).map(({ objectKey, account, members }) => [objectKey, account, members]);

  beforeEach(async () => {
    await importer.configure({ lanes: 2, objects });
    source.join('a', '1', '2', '3');
    source.join('b', '1', '4');
    await importer.cycle('g-1');
    await importer.settled(() => membersOf('a').length === 3 && membersOf('b').length === 2);
  });

  test('who were taken out or put in by hand are told of, and nothing is written', async () => {
    groupOf('a').members.delete(idOf('2'));
    groupOf('a').members.add(idOf('4'));
    groupOf('b').members.add('a-stranger');
    const before = writes().length;
    expect(await importer.cycle('g-2', 'incremental', { drift: 'report' })).toMatchObject({
      imported: 0,
      drift: { checked: 6, differ: 0, groups: 1, unasked: 0 },
    });
    expect(told('g-2')).toEqual([['group:a', 'differs', { missing: 1, added: 1, examples: { missing: ['user:2'], added: ['user:4'] } }]]);
    expect(writes()).toHaveLength(before);
  });

  test('are put back where that is wanted, in changes as large as the target takes; who was put in by hand stays', async () => {
    groupOf('a').members.clear();
    groupOf('a').members.add(idOf('4'));
    const { imported, drift } = await importer.cycle('g-2', 'incremental', { drift: 'repair' });
    expect([imported, drift]).toMatchObject([2, { groups: 1 }]);
    expect(membersOf('a')).toEqual(['p1', 'p2', 'p3', 'p4']);
    expect(
      writes()
        .filter((call) => call.startsWith('changeMembers'))
        .slice(-2)
        .map((call) => call.split(' ').slice(2)),
    ).toEqual([
      ['+2', '-0'],
      ['+1', '-0'],
    ]);
    await importer.cycle('g-3', 'incremental', { drift: 'report' });
    expect(told('g-3')).toEqual([['group:a', 'differs', { missing: 0, added: 1, examples: { missing: [], added: ['user:4'] } }]]);
    // What was put back is known as before: it leaves when the source says so.
    source.leave('a', '2');
    await importer.cycle('g-4');
    expect(membersOf('a')).toEqual(['p1', 'p3', 'p4']);
  });

  test('whose accounts are somebody else’s by now are not put back', async () => {
    const [given, own] = [idOf('2'), idOf('4')];
    const order = (data: object) => importer.request(linkSubject(aJob), { jobId: aJob, by: kim, ...data });
    await order({ order: 'remove', subject: { objectType: 'user', id: '2' } });
    await order({ order: 'repair', subject: { objectType: 'user', id: '4' }, to: { targetId: given } });
    groupOf('a').members.delete(given);
    groupOf('b').members.delete(own);
    await importer.cycle('g-2', 'incremental', { drift: 'repair' });
    await importer.cycle('g-3', 'incremental', { drift: 'repair' });
    expect([...groupOf('a').members]).not.toContain(given);
  });

  test('who have the account of somebody who was put in by the job are told of', async () => {
    const given = idOf('2');
    const order = (data: object) => importer.request(linkSubject(aJob), { jobId: aJob, by: kim, ...data });
    await order({ order: 'remove', subject: { objectType: 'user', id: '2' } });
    await order({ order: 'repair', subject: { objectType: 'user', id: '4' }, to: { targetId: given } });
    await importer.import('g-2', 'incremental', { drift: 'report' });
    expect(told('g-2')).toContainEqual(['group:a', 'differs', { missing: 0, added: 1, examples: { missing: [], added: ['user:4'] } }]);
  });

  test('are compared by what was known before their group was looked up: a link that is taken away meanwhile is newer', async () => {
    groupOf('a').members.delete(idOf('2'));
    const members = target.members.bind(target);
    let isRemoved = false;
    target.members = async (...asked) => {
      const subject = { objectType: 'group', id: 'a' };
      if (!isRemoved) await importer.request(linkSubject(aJob), { order: 'remove', jobId: aJob, subject, by: kim });
      isRemoved = true;
      return members(...asked);
    };
    await importer.import('g-2', 'incremental', { drift: 'repair' });
    const { sequence: takenAway } = importer.log.events.find((event) => is(event, LinkRemoved))!;
    const [change] = importer.allOf('g-2', TargetObjectImported).filter(({ part }) => part === 'members');
    expect(change!.basis).toBeLessThan(takenAway);
  });

  test('whose accounts are gone are no members that could be put back', async () => {
    target.accounts.delete(idOf('4'));
    for (const { members } of target.accounts.values()) members.clear();
    for (const anchor of ['1', '2', '3']) groupOf('a').members.add(idOf(anchor));
    groupOf('b').members.add(idOf('1'));
    expect(await importer.cycle('g-2', 'incremental', { drift: 'repair' })).toMatchObject({ drift: { vanished: 1 } });
    expect(told('g-2')).toEqual([['user:4', 'vanished', undefined]]);
  });

  test('that leave or join as the source says in the same cycle are no drift', async () => {
    source.leave('a', '1');
    source.join('a', '4');
    const { drift } = await importer.cycle('g-2', 'incremental', { drift: 'report' });
    expect(drift!.groups).toBeUndefined();
    expect(found('g-2')).toEqual([]);
  });

  test('whom the target does not tell of are counted, and nothing is concluded', async () => {
    const members = target.members.bind(target);
    target.members = async (type, id) => (id === idOfGroup('a') ? null : members(type, id));
    groupOf('b').members.delete(idOf('4'));
    expect(await importer.cycle('g-2', 'incremental', { drift: 'repair' })).toMatchObject({ drift: { groups: 1, unasked: 1 } });
    expect(membersOf('b')).toEqual(['p1', 'p4']);
  });
  const idOfGroup = (anchor: string) =>
    [...target.accounts].find(([, { attributes: held }]) => held['displayName'] === `Group ${anchor}`)![0];

  /** The importer ends when it asks for the members of a group, and another one goes on. */
  async function repairInterruptedAt(group: string, cycleId: string) {
    const members = target.members.bind(target);
    let ended = (): void => undefined;
    const interrupted = new Promise<void>((resolve) => (ended = resolve));
    target.members = async (type, id) => {
      if (id !== group) return members(type, id);
      void run.stop();
      ended();
      throw new Error('the connection was closed');
    };
    const looked = importer.cycle(cycleId, 'incremental', { drift: 'repair' });
    await interrupted;
    target.members = members;
    await run.ended;
    importer.start();
    return looked;
  }

  test('are put back in the same cycle that changes the group itself back, also by an importer that knows of that already', async () => {
    const group = groupOf('a');
    group.members.delete(idOf('2'));
    const id = idOfGroup('a');
    group.attributes['displayName'] = 'Renamed by hand';
    expect(await repairInterruptedAt(id, 'g-2')).toMatchObject({ imported: 2, drift: { differ: 1, groups: 1 } });
    await importer.settled(() => group.attributes['displayName'] === 'Group a' && group.members.size === 3);
    expect(membersOf('a')).toEqual(['p1', 'p2', 'p3']);
  });

  test('are looked at in every group, and each group is told of once, when the importer ends in the middle', async () => {
    groupOf('a').members.delete(idOf('2'));
    groupOf('b').members.delete(idOf('4'));
    const looked = await repairInterruptedAt(idOfGroup('b'), 'g-2');
    expect(looked).toMatchObject({ imported: 2, drift: { groups: 2 } });
    expect(told('g-2').map(([key]) => key)).toEqual(['group:a', 'group:b']);
    expect([membersOf('a'), membersOf('b')]).toEqual([
      ['p1', 'p2', 'p3'],
      ['p1', 'p4'],
    ]);
  });
});
