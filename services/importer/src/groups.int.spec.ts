import { beforeEach, describe, expect, test } from '@jest/globals';
import { type MemoryLog, aJob, anInstant, newEvent, objectFacts, tell } from '@provident/bus/testing';
import { MemoryTarget } from '@provident/connectors/testing';
import {
  EscrowCleared,
  JobRestarted,
  MembershipsImported,
  ObjectExported,
  ObjectImportFailed,
  RetryDue,
  SourceObjectImported,
  TargetObjectImported,
  jobLane,
  laneOf,
} from '@provident/contracts';
import { type JobDefinition, type ObjectKey, objectKeyOf, partsOf } from '@provident/domain';
import { eventually } from '@provident/testing';

import { linkSubject } from './on-demand/on-demand.controller.js';
import { ImporterAtWork, type ImporterRun, kim } from './testing/importer-at-work.js';
import { type MemorySource, personOf } from './testing/memory-source.js';

const lanes = 4;
type Rules = JobDefinition['objects'][number];
const people = {
  type: 'user' as const,
  attributes: [
    { target: 'userName', source: 'email', matching: 1 },
    { target: 'manager', reference: 'boss' },
  ],
};
const groups = { type: 'group' as const, attributes: [{ target: 'displayName', source: 'name', matching: 1 }] };

const importer = new ImporterAtWork();
let log: MemoryLog;
let source: MemorySource;
let target: MemoryTarget;
beforeEach(() => {
  ({ log, source } = importer);
});

/** The job with those rules, and its importer at work. */
async function begin({
  nested,
  perChange = 500,
  objects,
}: {
  nested?: Rules['nested'];
  perChange?: number;
  objects?: (typeof people)[];
} = {}): Promise<ImporterRun> {
  target = new MemoryTarget({ membersPerChange: perChange, unique: [] });
  importer.target = target;
  await importer.configure({ lanes, objects: objects ?? [people, nested ? { ...groups, nested } : groups] });
  return importer.start();
}

const user = (anchor: string): ObjectKey => objectKeyOf('user', anchor);
const group = (anchor: string): ObjectKey => objectKeyOf('group', anchor);
/** Id of an object's account, if it has one through this job. */
const accountOf = (key: ObjectKey): string | undefined =>
  importer.all(ObjectExported).find(({ objectKey, action }) => objectKey === key && action === 'create')?.targetId;
const heldOf = (key: ObjectKey) => target.accounts.get(accountOf(key) ?? '');
const managerOf = (anchor: string): unknown => heldOf(user(anchor))?.attributes['manager'] ?? null;
/** Anchors of those who are in a group, as far as they have accounts through this job. */
const membersOf = (anchor: string): string[] => {
  const anchors = new Map(importer.all(ObjectExported).map(({ targetId, sourceId }) => [targetId, sourceId]));
  return [...(heldOf(group(anchor))?.members ?? [])].map((id) => anchors.get(id) ?? id).sort();
};
const put = (anchor: string, boss?: string): void => void source.people.set(anchor, personOf(anchor, boss === undefined ? {} : { boss }));
/** Anchors of the circle that somebody's manager was last found to close. */
const circleOf = (anchor: string): string | undefined =>
  referencesOf(anchor)
    ?.find(({ state }) => state === 'itself')
    ?.circle?.map((key) => partsOf(key).anchor)
    .join(' ');
/** Nothing is left to be taken up between cycles. */
const idle = (): Promise<void> =>
  eventually(async () => {
    expect(await importer.database.query('SELECT object_key FROM reference_given WHERE stale_at IS NOT NULL')).toEqual([]);
    return true;
  }).then(() => undefined);
const referencesOf = (anchor: string) =>
  importer.all(TargetObjectImported).findLast(({ objectKey }) => objectKey === user(anchor))?.references;
/** Changes of a group's members that were said: how many came and went in each. */
const memberChanges = (anchor: string): string[] =>
  importer
    .all(TargetObjectImported)
    .filter(({ objectKey, part }) => objectKey === group(anchor) && part === 'members')
    .map(({ members }) => `+${members!.add.length} -${members!.remove.length}`);

/** The group's retry of what failed in a cycle. */
async function retry(anchor: string, inCycle: string): Promise<void> {
  const failed = importer
    .all(SourceObjectImported)
    .find(({ cycleId, part, objectKey }) => cycleId === inCycle && part === 'members' && objectKey === group(anchor))!;
  const { part: _part, targetFollows: _follows, attributes: _attributes, change: _change, ...facts } = failed;
  const due = { ...facts, attempt: 1, firstFailedAt: anInstant, wokenBy: 'ladder' as const };
  await tell(log, newEvent(RetryDue, due, { lane: laneOf(group(anchor), lanes), stage: 'escrow-retrier', id: 'retry' }));
}

describe('an account that was made without an answer', () => {
  test('is found under the name that its person had then, after everything was read from the log again', async () => {
    const run = await begin();
    put('1');
    importer.rest.held.add(user('1'));
    await importer.cycle('c-1', 'initial');
    target.put('t-made', { userName: 'p1' });
    source.people.set('1', personOf('1', { email: 'renamed' }));
    await run.stop();
    await importer.database.query('TRUNCATE source_object, again, open_cycle, fold_position, judged_rules');
    importer.start();
    await importer.cycle('c-2');
    expect(importer.all(TargetObjectImported).at(-1)).toMatchObject({
      by: 'matching',
      tried: [
        { attribute: 'userName', value: 'renamed', found: 0 },
        { attribute: 'userName', value: 'p1', found: 1 },
      ],
      matches: [{ id: 't-made' }],
    });
  });

  test('is left to somebody else who has that name by now', async () => {
    await begin();
    put('1');
    importer.rest.held.add(user('1')).add(user('2'));
    await importer.cycle('c-1', 'initial');
    target.put('t-made', { userName: 'p1' });
    source.people.set('1', personOf('1', { email: 'renamed' }));
    source.people.set('2', personOf('2', { email: 'p1' }));
    await importer.cycle('c-2');
    const found = (anchor: string) => importer.all(TargetObjectImported).findLast(({ objectKey }) => objectKey === user(anchor))?.matches;
    expect([found('1'), found('2')]).toMatchObject([[], [{ id: 't-made' }]]);
  });
});

describe('people and groups', () => {
  test('are read one after the other, and each kind goes by its own rules', async () => {
    await begin();
    put('1');
    source.join('a');
    const { imported, watermark } = await importer.cycle('c-1', 'initial');
    expect(imported).toBe(2);
    expect(importer.all(SourceObjectImported).map(({ objectKey }) => objectKey)).toEqual([user('1'), group('a')]);
    expect(heldOf(group('a'))?.attributes).toEqual({ displayName: 'Group a' });
    expect(watermark).toEqual({ byType: { user: { read: 1 }, group: { read: 2 }, members: { members: 0 } } });
  });

  test('that are absent are gone, each kind on its own', async () => {
    await begin();
    put('1');
    put('2');
    source.join('a');
    source.join('b');
    await importer.cycle('c-1', 'initial');
    source.people.delete('2');
    source.groups.delete('a');
    const { gone } = await importer.cycle('c-2');
    expect(gone).toBe(2);
    expect([...target.accounts.keys()].sort()).toEqual([accountOf(user('1')), accountOf(group('b'))].sort());
  });

  test('do not take each other’s accounts for their own when the target gives them the same ids', async () => {
    await begin();
    target.put('7', { displayName: 'Group a' });
    put('1');
    source.join('a');
    importer.rest.held.add(user('1'));
    await importer.cycle('c-1', 'initial');
    const facts = objectFacts('1');
    const exported = { ...facts, sourceId: '1', action: 'create' as const, targetId: '7', changes: [], enabled: false, durationMs: 1 };
    await tell(log, newEvent(ObjectExported, exported, { lane: laneOf(facts.objectKey, lanes), stage: 'exporter', id: '1.by-hand' }));
    await importer.cycle('c-2', 'initial');
    expect(importer.all(ObjectImportFailed)).toEqual([]);
  });

  test('an importer that dies at the groups leaves the people to its successor as read', async () => {
    const first = await begin();
    put('1');
    source.join('a');
    source.beforePage = () => {
      if (source.reads.at(-1)?.objectType !== 'group') return;
      throw new Error('the disk is gone');
    };
    const running = importer.cycle('c-1', 'initial');
    await expect(first.ended).rejects.toThrow('the disk is gone'); // a successor begins when its lease has run out, not before
    source.beforePage = () => undefined;
    importer.start();
    await running;
    expect(importer.all(SourceObjectImported).map(({ objectKey }) => objectKey)).toEqual([user('1'), group('a')]);
  });
});

describe('other rules', () => {
  test('for one kind leave the other alone', async () => {
    await begin();
    put('1');
    source.join('a', '1');
    await importer.cycle('c-1', 'initial');
    await importer.settled(() => membersOf('a').length === 1);
    await importer.configure({
      lanes,
      objects: [people, { ...groups, attributes: [...groups.attributes, { target: 'description', constant: 'Team' }] }],
    });
    expect(await importer.cycle('c-2')).toMatchObject({ imported: 1, reevaluated: 2 });
    expect(heldOf(group('a'))).toMatchObject({ attributes: { description: 'Team' } });
    expect(membersOf('a')).toEqual(['1']);
    expect(await importer.cycle('c-3')).toMatchObject({ imported: 0, reevaluated: 0 });
  });

  test('for references give everybody the account of the other', async () => {
    await begin();
    for (const anchor of ['1', '2', '3']) source.people.set(anchor, personOf(anchor, anchor === '1' ? { boss: '2', mentor: '3' } : {}));
    await importer.cycle('c-1', 'initial');
    await importer.settled(() => managerOf('1') === accountOf(user('2')));
    const userName = people.attributes[0]!;
    await importer.configure({
      lanes,
      objects: [{ ...people, attributes: [userName, { target: 'manager', reference: 'mentor' }] }, groups],
    });
    expect(await importer.cycle('c-2')).toMatchObject({ imported: 1, reevaluated: 3 });
    expect(managerOf('1')).toBe(accountOf(user('3')));
  });

  test('that bring groups read them for the first time, and nobody else again', async () => {
    await begin({ objects: [people] });
    put('1');
    source.join('a', '1');
    const { watermark } = await importer.cycle('c-1', 'initial');
    await importer.configure({ lanes, objects: [people, groups] });
    expect(await importer.cycle('c-2')).toMatchObject({ imported: 1, reevaluated: 1 });
    await importer.settled(() => membersOf('a').length === 1);
    expect(source.reads.map(({ objectType, watermark: from }) => [objectType, from])).toEqual([
      ['user', null],
      ['user', watermark],
      ['group', null],
    ]);
  });

  test('for groups in groups look at all memberships anew', async () => {
    await begin();
    put('1');
    source.join('a', 'gb');
    source.join('gb', '1');
    await importer.cycle('c-1', 'initial');
    await importer.settled(() => membersOf('a').join() === 'gb' && membersOf('gb').join() === '1');
    await importer.configure({ lanes, objects: [people, { ...groups, nested: 'flatten' }] });
    await importer.cycle('c-2');
    await importer.settled(() => membersOf('a').join() === '1');
    await importer.cycle('c-3');
    expect(source.membershipReads).toEqual([null, null, { members: 2 }]);
  });
});

describe('a job that turns to another target', () => {
  test('has everybody and every member written there', async () => {
    await begin();
    put('1', '2');
    put('2');
    source.join('a', '1', '2');
    await importer.cycle('c-1', 'initial');
    await importer.settled(() => membersOf('a').length === 2 && managerOf('1') !== null);
    target.accounts.clear();
    const restarted = { jobId: aJob, scopes: ['watermark', 'links'], otherTarget: true, by: { kind: 'system', name: 'provident' } };
    await tell(log, newEvent(JobRestarted, restarted as never, { lane: jobLane, stage: 'job-scheduler', id: 'restarted' }));
    await importer.configure({ lanes, objects: [people, groups] });
    await importer.cycle('c-2', 'initial');
    const accountsOf = (name: string) =>
      [...target.accounts].flatMap(([id, { attributes }]) => (attributes['userName'] === name ? [id] : []));
    const team = () => [...target.accounts.values()].find(({ attributes }) => attributes['displayName'] === 'Group a');
    await importer.settled(() => team()?.members.size === 2);
    expect([...team()!.members].sort()).toEqual([...accountsOf('p1'), ...accountsOf('p2')].sort());
  });
});

describe('a reference', () => {
  test('waits for the account of the other, and is written as soon as that appears', async () => {
    await begin();
    put('1', '2');
    put('2');
    importer.rest.held.add(user('2'));
    await importer.cycle('c-1', 'initial');
    expect(referencesOf('1')).toEqual([{ attribute: 'manager', to: user('2'), state: 'waiting', id: null }]);
    expect(managerOf('1')).toBeNull();
    await importer.rest.release(user('2'));
    await importer.settled(() => managerOf('1') === accountOf(user('2')));
    const [, healed] = importer.all(SourceObjectImported).filter(({ objectKey }) => objectKey === user('1'));
    expect(healed).toMatchObject({ change: 'again', attempt: 1 });
  });

  test('of two who manage each other is written for neither and says why, until the source ends that', async () => {
    await begin();
    put('1', '2');
    put('2', '1');
    put('3', '1');
    await importer.cycle('c-1', 'initial');
    await importer.settled(() => managerOf('3') === accountOf(user('1')) && circleOf('1') !== undefined && circleOf('2') !== undefined);
    expect([circleOf('1'), circleOf('2'), circleOf('3')]).toEqual(['1 2', '2 1', undefined]);
    expect([managerOf('1'), managerOf('2')]).toEqual([null, null]);
    put('2', '');
    await importer.cycle('c-2');
    await importer.settled(() => managerOf('1') === accountOf(user('2')));
    expect([managerOf('2'), circleOf('1')]).toEqual([null, undefined]);
    expect((await importer.cycle('c-3')).imported).toBe(0);
  });

  test('that closes a circle of three is not written, and the others of it hear of that; one who leaves the circle frees them', async () => {
    await begin();
    for (const [anchor, boss] of ['12', '23', '4', '51'].map((pair) => [...pair])) put(anchor!, boss);
    put('3');
    await importer.cycle('c-1', 'initial');
    await importer.settled(() => managerOf('2') === accountOf(user('3')) && managerOf('5') === accountOf(user('1')));
    put('3', '1');
    await importer.cycle('c-2');
    await importer.settled(() => circleOf('1') !== undefined && circleOf('2') !== undefined);
    expect([circleOf('1'), circleOf('2'), circleOf('3')]).toEqual(['1 2 3', '2 3 1', '3 1 2']);
    expect(['1', '2', '3', '5'].map(managerOf)).toEqual([accountOf(user('2')), accountOf(user('3')), null, accountOf(user('1'))]);
    put('2', '4');
    await importer.cycle('c-3');
    await importer.settled(() => managerOf('3') === accountOf(user('1')) && circleOf('1') === undefined);
    expect(managerOf('2')).toBe(accountOf(user('4')));
    await idle();
  });

  test('is written again when one of its circle leaves the source, though his account stays', async () => {
    await begin({ objects: [{ ...people, removals: { deleted: 'disable' } } as never] });
    put('1', '2');
    put('2', '3');
    put('3', '1');
    await importer.cycle('c-1', 'initial');
    await importer.settled(() => ['1', '2', '3'].every((anchor) => circleOf(anchor) !== undefined));
    source.people.delete('3');
    await importer.cycle('c-2');
    await importer.settled(() => managerOf('1') === accountOf(user('2')) && circleOf('2') === undefined);
  });

  test('of everybody whom one change brings into a circle is left alone', async () => {
    await begin();
    source.pageSize = 10;
    for (const anchor of ['1', '2', '3']) put(anchor);
    await importer.cycle('c-1', 'initial');
    put('1', '2');
    put('2', '3');
    put('3', '1');
    await importer.cycle('c-2');
    expect(['1', '2', '3'].map(managerOf)).toEqual([null, null, null]);
    expect(['1', '2', '3'].map(circleOf)).toEqual(['1 2 3', '2 3 1', '3 1 2']);
    await idle();
  });

  test('is no part of a circle that only goes round by way of another attribute', async () => {
    await begin({ objects: [{ ...people, attributes: [...people.attributes, { target: 'mentor', reference: 'mentor' }] }] });
    source.people.set('1', personOf('1', { boss: '2' }));
    source.people.set('2', personOf('2', { mentor: '1' }));
    await importer.cycle('c-1', 'initial');
    await importer.settled(
      () => managerOf('1') === accountOf(user('2')) && heldOf(user('2'))?.attributes['mentor'] === accountOf(user('1')),
    );
  });

  test('to somebody whom the source learns of a cycle later heals without a restart', async () => {
    await begin();
    put('1', '9');
    await importer.cycle('c-1', 'initial');
    put('9');
    await importer.cycle('c-2');
    await importer.settled(() => managerOf('1') === accountOf(user('9')));
  });

  test('to the object itself is left out, and says so', async () => {
    await begin();
    put('1', '1');
    await importer.cycle('c-1', 'initial');
    expect(referencesOf('1')).toEqual([{ attribute: 'manager', to: user('1'), state: 'itself', id: null }]);
    expect(heldOf(user('1'))?.attributes).toEqual({ userName: 'p1' });
  });

  test('is cleared when the source has none any more', async () => {
    await begin();
    put('1', '2');
    put('2');
    await importer.cycle('c-1', 'initial');
    await importer.settled(() => managerOf('1') !== null);
    put('1', '');
    await importer.cycle('c-2');
    expect(managerOf('1')).toBeNull();
  });

  test('is cleared by itself when the account behind it goes, and leads to the new one when the other returns', async () => {
    await begin();
    for (const anchor of ['1', '2']) put(anchor, '3');
    put('3');
    await importer.cycle('c-1', 'initial');
    await importer.settled(() => managerOf('1') !== null && managerOf('2') !== null);
    source.people.delete('3');
    await importer.cycle('c-2');
    await importer.settled(() => managerOf('1') === null && managerOf('2') === null);
    expect(referencesOf('2')).toEqual([{ attribute: 'manager', to: user('3'), state: 'gone', id: null }]);
    put('3');
    await importer.cycle('c-3');
    const made = importer.all(ObjectExported).filter(({ objectKey, action }) => objectKey === user('3') && action === 'create');
    expect(new Set(made.map(({ targetId }) => targetId)).size).toBe(2);
    await importer.settled(() => managerOf('1') === made[1]!.targetId && managerOf('2') === made[1]!.targetId);
    expect((await importer.cycle('c-4')).imported).toBe(0);
  });

  test('does not close a circle by way of somebody who left without an account, and referred to others until then', async () => {
    await begin();
    put('1');
    put('2', '3');
    put('3', '1');
    importer.rest.held.add(user('3'));
    await importer.cycle('c-1', 'initial');
    source.people.delete('3');
    await importer.cycle('c-2');
    put('1', '2');
    await importer.cycle('c-3');
    expect(referencesOf('1')).toMatchObject([{ state: 'resolved', id: accountOf(user('2')) }]);
    expect(managerOf('1')).toBe(accountOf(user('2')));
  });

  test('that heals in the middle of a cycle does not hide from it what it has not read yet', async () => {
    await begin();
    put('1', '2');
    put('2');
    importer.rest.held.add(user('2'));
    await importer.cycle('c-1', 'initial');
    put('1', '2');
    source.people.set('1', personOf('1', { boss: '2', email: 'renamed' }));
    const running = importer.cycle('c-2');
    await importer.rest.release(user('2'));
    await running;
    await importer.settled(() => heldOf(user('1'))?.attributes['userName'] === 'renamed' && managerOf('1') === accountOf(user('2')));
  });
});

describe('members', () => {
  test('are written as changes: at first all, then only who came and who left', async () => {
    await begin();
    for (const anchor of ['1', '2', '3', '4']) put(anchor);
    source.join('a', '1', '2', '3');
    const { memberships } = await importer.cycle('c-1', 'initial');
    expect(memberships).toEqual({ added: 3, removed: 0, refused: 0, absenceWithheld: null });
    await importer.settled(() => membersOf('a').length === 3);
    source.leave('a', '1');
    source.join('a', '4');
    const second = await importer.cycle('c-2');
    expect(second).toMatchObject({ imported: 2, memberships: { added: 1, removed: 1 } });
    expect(membersOf('a')).toEqual(['2', '3', '4']);
    expect(memberChanges('a').slice(-2)).toEqual(['+0 -1', '+1 -0']);
  });

  test('of whom nothing changed are not written again', async () => {
    await begin();
    put('1');
    source.join('a', '1');
    await importer.cycle('c-1', 'initial');
    await importer.settled(() => membersOf('a').length === 1);
    const said = memberChanges('a').length;
    const { imported, memberships } = await importer.cycle('c-2');
    expect({ imported, memberships }).toEqual({ imported: 0, memberships: { added: 0, removed: 0, refused: 0, absenceWithheld: null } });
    expect(memberChanges('a')).toHaveLength(said);
  });

  test('who have no account yet come when they have one', async () => {
    await begin();
    put('1');
    source.join('a', '1', '2');
    await importer.cycle('c-1', 'initial');
    await importer.settled(() => membersOf('a').join() === '1');
    put('2');
    await importer.cycle('c-2');
    await importer.settled(() => membersOf('a').join() === '1,2');
  });

  test('are told in changes of no more than the target takes at once', async () => {
    await begin({ perChange: 10 });
    const anchors = Array.from({ length: 25 }, (_, at) => String(100 + at));
    for (const anchor of anchors) put(anchor);
    source.join('a');
    await importer.cycle('c-1', 'initial');
    source.join('a', ...anchors);
    const { imported } = await importer.cycle('c-2');
    expect([imported, memberChanges('a')]).toEqual([3, ['+10 -0', '+10 -0', '+5 -0']]);
    expect(membersOf('a')).toEqual(anchors);
  });

  test('that the job did not add stay', async () => {
    await begin();
    put('1');
    source.join('a');
    await importer.cycle('c-1', 'initial');
    heldOf(group('a'))!.members.add('by-hand');
    source.join('a', '1');
    await importer.cycle('c-2');
    source.leave('a', '1');
    source.join('b', '1');
    await importer.cycle('c-3');
    expect(membersOf('a')).toEqual(['by-hand']);
  });

  test('whose account is disabled or deleted are out, and back with the account', async () => {
    await begin();
    put('1');
    put('2');
    source.join('a', '1', '2');
    await importer.cycle('c-1', 'initial');
    await importer.settled(() => membersOf('a').length === 2);
    source.people.delete('2');
    await importer.cycle('c-2');
    await tell(log, disabled('1'));
    await importer.settled(() => membersOf('a').every((each) => each !== '1'));
    put('2');
    await importer.cycle('c-3');
    await importer.settled(() =>
      heldOf(group('a'))!.members.has([...target.accounts].find(([, { attributes }]) => attributes['userName'] === 'p2')![0]),
    );
  });

  test('whose account is found gone or disabled, because the answer to that write was lost, are out all the same', async () => {
    const active = { attribute: 'status', operator: 'EQUALS' as const, value: 'here' };
    await begin({ objects: [{ ...people, active }, groups] as unknown as (typeof people)[] });
    const set = (anchor: string, more: Record<string, string> = {}): void =>
      void source.people.set(anchor, personOf(anchor, { status: 'here', ...more }));
    set('1', { boss: '2' });
    set('2');
    set('3');
    source.join('a', '1', '2', '3');
    await importer.cycle('c-1', 'initial');
    await importer.settled(() => membersOf('a').length === 3 && managerOf('1') !== null);
    await target.remove('', accountOf(user('2'))!);
    await target.setActive('', accountOf(user('3'))!, false);
    source.people.delete('2');
    set('3', { status: 'left' });
    await importer.cycle('c-2');
    const found = importer.all(TargetObjectImported).filter(({ cycleId, part }) => cycleId === 'c-2' && part === undefined);
    expect(found.map(({ objectKey, already }) => [objectKey, already])).toEqual(
      expect.arrayContaining([
        [user('2'), 'gone'],
        [user('3'), 'disabled'],
      ]),
    );
    await importer.settled(() => managerOf('1') === null && !membersOf('a').includes('3'));
    set('2');
    set('3');
    await importer.cycle('c-3');
    const [lost, made] = importer.all(ObjectExported).filter(({ objectKey, action }) => objectKey === user('2') && action === 'create');
    expect(made?.targetId).not.toBe(lost!.targetId);
    await importer.settled(() => managerOf('1') === made!.targetId && membersOf('a').filter((each) => each !== '2').length === 2);
    expect([...heldOf(group('a'))!.members]).toContain(made!.targetId);
    expect((await importer.cycle('c-4')).imported).toBe(0);
  });

  test('whose account the job disabled and somebody enabled are back once they are wanted again, also when nothing is left to be written', async () => {
    const active = { attribute: 'status', operator: 'EQUALS' as const, value: 'here' };
    await begin({ objects: [{ ...people, active }, groups] as unknown as (typeof people)[] });
    const set = (status: string): void => void source.people.set('1', personOf('1', { status }));
    set('here');
    source.join('a', '1');
    await importer.cycle('c-1', 'initial');
    await importer.settled(() => membersOf('a').join() === '1');
    set('left');
    await importer.cycle('c-2');
    await importer.settled(() => membersOf('a').length === 0);
    await target.setActive('', accountOf(user('1'))!, true);
    set('here');
    const writes = target.calls.length;
    await importer.cycle('c-3');
    expect(target.calls.slice(writes).filter((call) => /^(update|setActive) /.test(call))).toEqual([]);
    await importer.settled(() => membersOf('a').join() === '1');
  });

  test('of a group that is created anew come back, and none of a group that is gone is written', async () => {
    await begin();
    put('1');
    source.join('a', '1');
    await importer.cycle('c-1', 'initial');
    await importer.settled(() => membersOf('a').length === 1);
    source.groups.delete('a');
    source.join('b');
    await importer.cycle('c-2');
    source.join('a');
    await importer.cycle('c-3');
    const anew = () => [...target.accounts.values()].find(({ attributes }) => attributes['displayName'] === 'Group a');
    await importer.settled(() => anew()?.members.size === 1);
  });

  test('are not taken out for a read that shows none, or that has a record nobody can use', async () => {
    await begin();
    put('1');
    put('2');
    source.join('a', '1', '2');
    await importer.cycle('c-1', 'initial');
    await importer.settled(() => membersOf('a').length === 2);
    source.memberships = [];
    expect((await importer.cycle('c-2')).memberships).toMatchObject({
      removed: 0,
      absenceWithheld: expect.stringContaining('held 2 before'),
    });
    source.join('a', '1');
    source.unusableMemberships = [
      { anchor: null, code: 'missing-member', message: 'the column "member" is empty', place: 'line 3 of m.csv' },
    ];
    const third = await importer.cycle('c-3');
    expect(third).toMatchObject({
      imported: 1,
      failed: 1,
      memberships: { removed: 0, absenceWithheld: expect.stringContaining('1 record(s)') },
    });
    expect(importer.all(ObjectImportFailed)).toEqual([expect.objectContaining({ objectKey: 'group:?line 3 of m.csv', sourceId: null })]);
    expect(membersOf('a')).toEqual(['1', '2']);
    source.unusableMemberships = [];
    await importer.cycle('c-4');
    expect(membersOf('a')).toEqual(['1']);
  });

  test('leave a group whose list came, and no other one', async () => {
    await begin();
    for (const anchor of ['1', '2', '3']) put(anchor);
    source.join('a', '1', '2');
    source.join('b', '1', '2');
    await importer.cycle('c-1', 'initial');
    await importer.settled(() => membersOf('a').length === 2 && membersOf('b').length === 2);
    source.memberships = [];
    source.join('a', '3');
    source.changedGroups = ['a'];
    const { memberships } = await importer.cycle('c-2');
    expect(memberships).toEqual({ added: 1, removed: 2, refused: 0, absenceWithheld: null });
    expect([membersOf('a'), membersOf('b')]).toEqual([['3'], ['1', '2']]);
    // A list that has become empty says as much as a long one.
    source.memberships = [];
    await importer.cycle('c-3');
    expect([membersOf('a'), membersOf('b')]).toEqual([[], ['1', '2']]);
  });

  test('of a group whose list could not be read stay as they are, while others come and go', async () => {
    await begin();
    for (const anchor of ['1', '2', '3']) put(anchor);
    source.join('a', '1', '2');
    source.join('b', '1', '2');
    await importer.cycle('c-1', 'initial');
    await importer.settled(() => membersOf('a').length === 2 && membersOf('b').length === 2);
    source.memberships = [];
    source.join('a', '1', '3'); // as far as it was read
    source.join('b', '3');
    source.unusableMemberships = [{ anchor: 'a', group: 'a', code: 'unreadable-record', message: 'it changed five times', place: 'cn=a' }];
    const second = await importer.cycle('c-2');
    expect(second.memberships).toEqual({ added: 1, removed: 2, refused: 0, absenceWithheld: null });
    expect([membersOf('a'), membersOf('b')]).toEqual([['1', '2'], ['3']]);
    expect(importer.all(ObjectImportFailed)).toMatchObject([{ objectKey: group('a'), sourceId: 'a' }]);
    source.unusableMemberships = [];
    await importer.cycle('c-3');
    expect(membersOf('a')).toEqual(['1', '3']);
  });

  test('that a list showed before it began anew do not count', async () => {
    await begin();
    for (const anchor of ['1', '2']) put(anchor);
    source.join('a', '1');
    source.beforeAnew = [{ group: 'a', member: '2', memberType: 'user' }];
    expect((await importer.cycle('c-1', 'initial')).memberships).toMatchObject({ added: 1 });
    await importer.settled(() => membersOf('a').length === 1);
    expect(membersOf('a')).toEqual(['1']);
  });

  test('that are sent back are taken along by the group as a whole', async () => {
    await begin();
    put('1');
    put('2');
    source.join('a', '1', '2');
    importer.rest.overtaking.add(group('a'));
    await importer.cycle('c-1', 'initial');
    await importer.settled(() => membersOf('a').length === 2);
    const [chunk, whole] = importer.all(TargetObjectImported).filter(({ objectKey, members }) => objectKey === group('a') && members);
    expect([chunk, whole]).toMatchObject([
      { part: 'members', round: 0 },
      { round: 1, changeId: chunk!.changeId },
    ]);
    expect(whole).not.toHaveProperty('part');
  });

  test('that the target refuses wait for the group’s retry, which takes them along', async () => {
    await begin();
    put('1');
    put('2');
    source.join('a');
    await importer.cycle('c-1', 'initial');
    source.join('a', '1');
    importer.rest.refusing.add(group('a'));
    await importer.cycle('c-2');
    source.join('a', '2');
    await importer.cycle('c-3');
    expect(membersOf('a')).toEqual(['2']);
    await retry('a', 'c-2');
    await importer.settled(() => membersOf('a').join() === '1,2');
  });

  test('that the target refused are written when the group was matched anew meanwhile, and nobody tries them again', async () => {
    await begin();
    put('1');
    source.join('a');
    await importer.cycle('c-1', 'initial');
    source.join('a', '1');
    importer.rest.refusing.add(group('a'));
    await importer.cycle('c-2');
    await importer.request(linkSubject(aJob), { order: 'remove', jobId: aJob, subject: { objectType: 'group', id: 'a' }, by: kim });
    await importer.cycle('c-3');
    expect(membersOf('a')).toEqual([]);
    const cleared = {
      ...objectFacts('a'),
      objectKey: group('a'),
      sourceId: 'a',
      retries: 1,
      firstFailedAt: anInstant,
      outcome: 'unchanged',
    };
    await tell(log, newEvent(EscrowCleared, cleared, { lane: laneOf(group('a'), lanes), stage: 'escrow-retrier', id: 'cleared' }));
    await importer.settled(() => membersOf('a').join() === '1');
  });

  describe('whose write is on its way while a person', () => {
    const choose = (key: ObjectKey, targetId: string) => {
      const { objectType, anchor: id } = partsOf(key);
      return importer.request(linkSubject(aJob), { order: 'repair', jobId: aJob, subject: { objectType, id }, to: { targetId }, by: kim });
    };
    const inGroup = (id: string): string[] => [...(target.accounts.get(id)?.members ?? [])].sort();
    beforeEach(async () => {
      await begin();
      put('1');
      source.join('a');
      await importer.cycle('c-1', 'initial');
      source.join('a', '1');
      importer.rest.held.add(group('a'));
      await importer.cycle('c-2');
      expect(inGroup(accountOf(group('a'))!)).toEqual([]);
    });

    test('chooses another account for one of them, are put in with that', async () => {
      target.put('chosen', { userName: 'else' });
      expect(await choose(user('1'), 'chosen')).toMatchObject({ ok: true });
      await importer.rest.release(group('a'));
      await importer.settled(() => inGroup(accountOf(group('a'))!).includes('chosen'));
    });

    test('chooses another group for theirs, are put into that', async () => {
      target.put('chosen', { displayName: 'else' });
      expect(await choose(group('a'), 'chosen')).toMatchObject({ ok: true });
      await importer.rest.release(group('a'));
      await importer.settled(() => inGroup('chosen').length === 1);
    });
  });

  test('who were put in without an answer, and belong there no more before anybody knows, are taken out', async () => {
    await begin();
    put('1');
    put('2');
    source.join('a', '2');
    await importer.cycle('c-1', 'initial');
    await importer.settled(() => membersOf('a').join() === '2');
    source.join('a', '1');
    importer.rest.unanswered.add(group('a'));
    await importer.cycle('c-2');
    expect(membersOf('a')).toEqual(['1', '2']);
    source.leave('a', '1');
    await importer.cycle('c-3');
    await retry('a', 'c-2');
    await importer.settled(() => membersOf('a').join() === '2');
  });

  test('that the target refused are written when the group’s account is sought anew and has nothing else to be written', async () => {
    await begin();
    put('1');
    source.join('a');
    await importer.cycle('c-1', 'initial');
    source.join('a', '1');
    importer.rest.refusing.add(group('a'));
    await importer.cycle('c-2');
    await importer.request(linkSubject(aJob), { order: 'remove', jobId: aJob, subject: { objectType: 'group', id: 'a' }, by: kim });
    await importer.cycle('c-3');
    await importer.settled(() => membersOf('a').join() === '1');
  });

  test('who leave while the group’s retry is about to put them in are taken out after it did', async () => {
    await begin();
    put('1');
    put('2');
    source.join('a', '2');
    await importer.cycle('c-1', 'initial');
    await importer.settled(() => membersOf('a').join() === '2');
    source.join('a', '1');
    importer.rest.refusing.add(group('a'));
    await importer.cycle('c-2');
    importer.rest.held.add(group('a'));
    await retry('a', 'c-2');
    await importer.settled(() => importer.all(TargetObjectImported).at(-1)!.attempt === 1);
    source.leave('a', '1');
    await importer.cycle('c-3');
    source.groups.set('a', { id: 'a', name: 'Group a, renamed' }); // nothing is kept of him then
    await importer.cycle('c-4');
    await importer.rest.release(group('a'));
    expect(membersOf('a')).toEqual(['1', '2']);
    await importer.cycle('c-5');
    await importer.settled(() => membersOf('a').join() === '2');
  });

  test('who were taken out without an answer, and belong there again before anybody knows, are put in', async () => {
    await begin();
    put('1');
    put('2');
    source.join('a', '1', '2');
    await importer.cycle('c-1', 'initial');
    await importer.settled(() => membersOf('a').length === 2);
    source.leave('a', '1');
    importer.rest.unanswered.add(group('a'));
    await importer.cycle('c-2');
    expect(membersOf('a')).toEqual(['2']);
    source.join('a', '1');
    await importer.cycle('c-3');
    await retry('a', 'c-2');
    await importer.settled(() => membersOf('a').join() === '1,2');
  });

  test('that no record can be read of are told of once, also when the importer dies before all is said', async () => {
    const run = await begin();
    put('1');
    source.join('a', '1');
    source.unusableMemberships = [
      { anchor: null, code: 'missing-member', message: 'the column "member" is empty', place: 'line 3 of m.csv' },
    ];
    log.fault = async (events, store) => {
      if (events[0]!.definition.type !== MembershipsImported.type) return store();
      log.fault = null;
      throw new Error('died');
    };
    const ends = importer.cycle('c-1', 'initial');
    await eventually(() => log.fault === null);
    await run.stop().catch(() => undefined); // a successor begins when its lease has run out, not before
    importer.start();
    expect(await ends).toMatchObject({ imported: 3, failed: 1 });
    expect(importer.all(ObjectImportFailed)).toHaveLength(1);
    await importer.settled(() => membersOf('a').length === 1);
  });

  test.each(
    [1, 2, 3].flatMap((nth): [number, 'lost' | 'unanswered'][] => [
      [nth, 'lost'],
      [nth, 'unanswered'],
    ]),
  )('are neither lost nor said twice when append %d is %s', async (nth, how) => {
    const first = await begin({ perChange: 2 });
    for (const anchor of ['1', '2', '3', '4', '5']) put(anchor);
    source.join('a');
    await importer.cycle('c-1', 'initial');
    source.join('a', '1', '2', '3', '4', '5');
    let appends = 0;
    log.fault = async (events, store) => {
      if (events[0]!.stage !== 'importer' || ++appends !== nth) return store();
      if (how === 'unanswered') store();
      log.fault = null;
      throw new Error('died');
    };
    const cycleEnds = importer.cycle('c-2');
    await expect(first.ended).rejects.toThrow('died');
    importer.start();
    expect(await cycleEnds).toMatchObject({ imported: 3 });
    await importer.settled(() => membersOf('a').length === 5);
    const added = importer.all(TargetObjectImported).flatMap(({ members }) => members?.add.map(({ key }) => key) ?? []);
    expect(added.sort()).toEqual(['1', '2', '3', '4', '5'].map(user));
    expect(importer.all(MembershipsImported).flatMap(({ added: told }) => told)).toHaveLength(5);
  });

  test('are the same after everything was forgotten and read from the log again', async () => {
    await begin();
    put('1');
    put('2');
    source.join('a', '1', '2');
    await importer.cycle('c-1', 'initial');
    await importer.settled(() => membersOf('a').length === 2);
    await eventually(async () => (await rows()).every(({ target_id }) => target_id !== null) || undefined);
    const before = await rows();
    await importer.stop();
    await importer.database.query('TRUNCATE source_object, again, open_cycle, fold_position, reference_given, membership');
    importer.start();
    await eventually(async () => (await rows()).length === 2 || undefined);
    await eventually(async () => JSON.stringify(await rows()) === JSON.stringify(before) || undefined);
  });
});

describe('groups in groups', () => {
  /** g1 holds 1 and g2, g2 holds 2 and g3, g3 holds 3; g4 holds itself, g5 and g6 each other. */
  const nest = (): void => {
    for (const anchor of ['1', '2', '3']) put(anchor);
    source.join('g1', '1', 'g2');
    source.join('g2', '2', 'g3');
    source.join('g3', '3');
    source.join('g4', 'g4', '1');
    source.join('g5', 'g6');
    source.join('g6', 'g5');
  };
  const refusals = () =>
    importer.all(MembershipsImported).flatMap(({ objectKey, refused }) => refused.map(({ key, code }) => `${objectKey} ${key} ${code}`));

  test('are kept as members, except where they go round in circles', async () => {
    await begin({ nested: 'keep' });
    nest();
    await importer.cycle('c-1', 'initial');
    await importer.settled(() => membersOf('g1').length === 2 && membersOf('g2').length === 2 && membersOf('g4').length === 1);
    expect([membersOf('g1'), membersOf('g2'), membersOf('g3'), membersOf('g4'), membersOf('g5')]).toEqual([
      ['1', 'g2'],
      ['2', 'g3'],
      ['3'],
      ['1'],
      [],
    ]);
    expect(refusals()).toEqual(['group:g4 group:g4 contains-itself', 'group:g5 group:g6 nesting-cycle', 'group:g6 group:g5 nesting-cycle']);
  });

  test('go round in circles with those whose lists did not come again, too', async () => {
    await begin();
    for (const name of ['ga', 'gb', 'gc']) source.join(name);
    source.join('ga', 'gb');
    await importer.cycle('c-1', 'initial');
    await importer.settled(() => membersOf('ga').join() === 'gb');
    source.join('gb', 'ga');
    source.changedGroups = ['gb'];
    expect((await importer.cycle('c-2')).memberships).toMatchObject({ added: 0, removed: 0, refused: 2 });
    source.leave('gb', 'ga');
    source.join('gb', 'gc');
    expect((await importer.cycle('c-3')).memberships).toMatchObject({ added: 2, removed: 1, refused: 0 });
    await importer.settled(() => membersOf('ga').join() === 'gb' && membersOf('gb').join() === 'gc');
    expect([membersOf('ga'), membersOf('gb')]).toEqual([['gb'], ['gc']]);
  });

  test('are replaced by the people in them', async () => {
    await begin({ nested: 'flatten' });
    nest();
    await importer.cycle('c-1', 'initial');
    await importer.settled(() => membersOf('g1').length === 3 && membersOf('g2').length === 2);
    expect([membersOf('g1'), membersOf('g2'), membersOf('g3')]).toEqual([['1', '2', '3'], ['2', '3'], ['3']]);
    source.leave('g2', 'g3');
    await importer.cycle('c-2');
    await importer.settled(() => membersOf('g1').join() === '1,2');
    expect(membersOf('g2')).toEqual(['2']);
  });

  test('are left out with a reason each', async () => {
    await begin({ nested: 'refuse' });
    nest();
    const { memberships } = await importer.cycle('c-1', 'initial');
    await importer.settled(() => membersOf('g1').join() === '1' && membersOf('g2').join() === '2');
    expect(memberships).toMatchObject({ refused: 5 });
    expect(refusals()).toContain('group:g1 group:g2 nested-group');
  });
});

const rows = (): Promise<{ target_id: string | null }[]> =>
  importer.database.query('SELECT group_key, member_key, wanted, refused, target_id, failed, due FROM membership ORDER BY 1, 2');

function disabled(anchor: string) {
  const { changeId, ...facts } = objectFacts(anchor, { cycleId: 'c-2', rules: importer.rules });
  const data = {
    ...facts,
    changeId,
    sourceId: anchor,
    action: 'disable' as const,
    targetId: accountOf(user(anchor))!,
    changes: [],
    enabled: false,
    durationMs: 1,
  };
  return newEvent(ObjectExported, data, { lane: laneOf(facts.objectKey, lanes), stage: 'exporter', id: `${anchor}.disabled` });
}
