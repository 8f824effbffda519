import { beforeEach, describe, expect, test } from '@jest/globals';
import { MemoryLog, MemorySimulations, aJob, anInstant, exported, jobConfigured, openedSimulation, tell } from '@provident/bus/testing';
import { MemoryTarget, targetFailure } from '@provident/connectors/testing';
import type { SimulatedRow, StartSimulation } from '@provident/contracts';
import type { JobDefinition } from '@provident/domain';
import { job, mapping, objectMapping } from '@provident/domain/testing';
import { eventually } from '@provident/testing';
import type { DataSource } from 'typeorm';

import { contentHash } from '../state/content-hash.js';
import { importerDatabase } from '../testing/importer-database.js';
import { MemorySource, personOf, sourceFailure } from '../testing/memory-source.js';
import { Simulation, type SimulationPorts } from './simulation.js';

const tables = importerDatabase();
let database: DataSource;
let store: MemorySimulations;
let source: MemorySource;
let target: MemoryTarget;
let log: MemoryLog;
let opened: { readOnly: boolean }[];
const errors: object[] = [];

const rules = (parts: Parameters<typeof objectMapping>[0] = {}, thresholds = {}): JobDefinition =>
  job({
    job: aJob,
    thresholds,
    objects: [
      objectMapping({
        displayName: 'lastName',
        scope: [{ name: 'Staff', all: [{ attribute: 'kind', operator: 'NOT EQUALS', value: 'guest' }] }],
        active: { attribute: 'status', operator: 'NOT EQUALS', value: 'left' },
        ...parts,
      }),
    ],
  });

beforeEach(() => {
  ({ database } = tables);
  store = new MemorySimulations();
  source = new MemorySource();
  target = new MemoryTarget();
  log = new MemoryLog();
  opened = [];
  errors.length = 0;
});

const staff = (anchor: string, more = {}) => personOf(anchor, { kind: 'staff', status: 'active', ...more });
const present = (...anchors: readonly string[]): void => anchors.forEach((anchor) => source.people.set(anchor, staff(anchor)));

/** What the importer knows of somebody from earlier cycles. */
async function known(anchor: string, targetId: string | null, attributes = staff(anchor), deleted = false, late = false): Promise<void> {
  await database.query(
    `INSERT INTO source_object (job_id, object_key, source_id, hash, attributes, deleted, target_id, cycle_id, late, rules, failed)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 'c-1', $8, 1, false)`,
    [aJob, `user:${anchor}`, anchor, contentHash(attributes), JSON.stringify(attributes), deleted, targetId, late],
  );
}

const inStep = (anchor: string, more = {}) => ({
  userName: `p${anchor}`,
  'name.givenName': 'Jane',
  'name.familyName': `Doe ${anchor}`,
  ...more,
});

function simulation(definition: JobDefinition, current: JobDefinition | null = null): Simulation {
  const order: StartSimulation = {
    opened: openedSimulation({ jobId: aJob, comparing: current !== null }),
    rules: { definition, baseDir: '/jobs' },
    current: current && { definition: current, baseDir: '/jobs' },
  };
  const ports = {
    log,
    database,
    store,
    now: () => new Date(anInstant),
    logger: { error: (facts: object) => errors.push(facts) },
    config: { SOURCE_TIMEOUT_MS: 1_000, TARGET_TIMEOUT_MS: 1_000 },
    openers: {
      source: async (_: unknown, options: { readOnly: boolean }) => (opened.push(options), source.open()),
      target: async (_: unknown, options: { readOnly: boolean }) => (opened.push(options), target),
    },
  };
  return new Simulation(order, ports as unknown as SimulationPorts);
}

async function run(definition = rules(), current: JobDefinition | null = null) {
  const one = simulation(definition, current);
  await one.run();
  const { rows } = await store.listRows(one.id, { limit: 1_000 });
  return { progress: store.told.get(one.id)!.at(-1)!, rows };
}

const fates = (rows: readonly SimulatedRow[]): Record<string, string> =>
  Object.fromEntries(
    rows.filter(({ part }) => part === null).map(({ sourceId, action, reason }) => [sourceId, `${action}: ${reason.code}`]),
  );

/** Somebody for each thing that can happen. */
async function mixedCompany(): Promise<void> {
  present('new', 'same', 'moved', 'left', 'never-here', 'twins', 'found');
  source.people.set('left', staff('left', { status: 'left' }));
  source.people.set('never-here', staff('never-here', { kind: 'guest' }));
  for (const anchor of ['same', 'moved', 'left', 'gone']) await known(anchor, `t-${anchor}`);
  for (const anchor of ['same', 'left', 'gone']) target.put(`t-${anchor}`, inStep(anchor));
  target.put('t-moved', inStep('moved', { 'name.familyName': 'Maiden' }));
  target.put('t-twin-1', inStep('twins'));
  target.put('t-twin-2', inStep('twins'));
  target.put('t-found', inStep('found'));
}

describe('a simulation', () => {
  test('says what would become of everybody, with every value, and writes nothing', async () => {
    await mixedCompany();
    source.failures = [{ anchor: 'torn', code: 'wrong-field-count', message: 'two fields too few', place: 'line 9' }];
    const { progress, rows } = await run();
    expect(fates(rows)).toEqual({
      new: 'create: not-in-target',
      same: 'unchanged: redundant-export',
      moved: 'update: attributes-differ',
      left: 'disable: not-active',
      'never-here': 'skip: out-of-scope',
      twins: 'fail: duplicate-target-entries',
      found: 'unchanged: redundant-export',
      gone: 'delete: deleted-at-source',
      torn: 'fail: wrong-field-count',
    });
    const of = (anchor: string) => rows.find(({ sourceId }) => sourceId === anchor)!;
    expect(of('moved')).toMatchObject({
      targetId: 't-moved',
      displayName: 'Doe moved',
      changes: [{ attribute: 'name.familyName', old: 'Maiden', new: 'Doe moved' }],
    });
    expect(of('new').changes).toHaveLength(3);
    expect(of('found')).toMatchObject({ linksNow: true, targetId: 't-found' });
    expect(progress).toMatchObject({
      state: 'completed',
      read: 8,
      total: 7,
      totals: { create: 1, update: 1, disable: 1, delete: 1, skip: 1, unchanged: 2, fail: 2 },
      before: null,
      differing: null,
      guard: { proposed: 2, linked: 5, decision: 'release', threshold: null },
    });
    expect(opened).toEqual([expect.objectContaining({ readOnly: true }), expect.objectContaining({ readOnly: true })]);
    expect(target.calls.filter((call) => !/^(count|list|find|read)/.test(call))).toEqual([]);
  });

  test.each([
    ['asking', { list: false }],
    ['listing', { list: true }],
  ])('finds accounts by %s', async (_, abilities) => {
    target = new MemoryTarget(abilities);
    await mixedCompany();
    expect((await run()).progress.totals).toEqual({ create: 1, update: 1, disable: 1, delete: 1, skip: 1, unchanged: 2, fail: 1 });
    expect(target.calls.some((call) => call.startsWith('list'))).toBe(abilities.list);
  });

  test('gives an account to one person only, across pages', async () => {
    present('a', 'b', 'c', 'd');
    for (const anchor of ['a', 'd']) source.people.set(anchor, staff(anchor, { email: 'shared' }));
    target.put('t-shared', inStep('a', { userName: 'shared' }));
    expect(fates((await run()).rows)).toMatchObject({ a: 'unchanged: redundant-export', d: 'fail: duplicate-source-entries' });
  });

  test('foretells removals that would be held', async () => {
    for (const anchor of ['1', '2', '3']) {
      await known(anchor, `t-${anchor}`);
      target.put(`t-${anchor}`, inStep(anchor));
    }
    present('1');
    const { progress } = await run(rules({}, { removals: { count: 1, percent: 100, atLeast: 0 } }));
    expect(progress.guard).toMatchObject({ proposed: 2, linked: 3, decision: 'hold', threshold: '2 accounts, limit 1' });
  });

  test('takes nobody for gone when a record is nobody´s, and says so', async () => {
    await known('gone', 't-gone');
    present('1');
    source.failures = [{ anchor: null, code: 'missing-anchor', message: 'no id', place: 'line 2' }];
    const { progress, rows } = await run();
    expect(progress).toMatchObject({
      state: 'completed',
      totals: { delete: 0 },
      absenceWithheld: expect.stringContaining('nobody can say'),
    });
    expect(rows.map(({ sourceId }) => sourceId)).toEqual(expect.arrayContaining(['1', null]));
  });

  test('takes up an account that has to go since longer, once', async () => {
    await known('late', 't-late', staff('late'), true, true);
    await known('there', 't-there', staff('there'), false, true);
    present('there');
    target.put('t-late', inStep('late'));
    target.put('t-there', inStep('there'));
    const { rows } = await run();
    expect(rows.map(({ sourceId, action }) => `${sourceId} ${action}`).sort()).toEqual(['late delete', 'there unchanged']);
  });

  test('leaves alone whose removal a person rejected, as long as person and rules are the same', async () => {
    present('1', 'left');
    source.people.set('left', staff('left', { status: 'left' }));
    for (const anchor of ['1', 'left']) {
      await known(anchor, `t-${anchor}`, source.people.get(anchor));
      target.put(`t-${anchor}`, inStep(anchor));
    }
    const [under = 0] = await tell(log, jobConfigured(rules()));
    const rejected = { action: 'disable', by: 'kim', at: anInstant, rules: under };
    await database.query(`UPDATE source_object SET rejected = $1 WHERE object_key = 'user:left'`, [JSON.stringify(rejected)]);
    expect(fates((await run()).rows)).toMatchObject({ left: 'skip: removal-rejected' });
    expect(fates((await run(rules({ displayName: 'email' }))).rows)).toMatchObject({ left: 'disable: not-active' });
    source.people.set('left', staff('left', { status: 'left', lastName: 'Other' }));
    expect(fates((await run()).rows)).toMatchObject({ left: 'disable: not-active' });
  });

  test('leaves the scratch of a running cycle alone, and none of its own', async () => {
    await database.query("INSERT INTO seen VALUES ($1, 'c-2', 'user:1')", [aJob]);
    await database.query("INSERT INTO listed_account VALUES ($1, 'c-2', 't-1', 'active', '{}')", [aJob]);
    await database.query("INSERT INTO seen VALUES ('simulation:20200101t000000-dead', 'x', 'user:1')");
    await mixedCompany();
    await run();
    expect(await database.query('SELECT job_id FROM seen UNION ALL SELECT job_id FROM listed_account')).toEqual([
      { job_id: aJob },
      { job_id: aJob },
    ]);
    expect(await database.query('SELECT FROM claimed_account')).toEqual([]);
  });
});

describe('of people and groups', () => {
  const both = (): JobDefinition =>
    job({
      job: aJob,
      objects: [
        objectMapping({ attributes: [...objectMapping().attributes, mapping('manager', { reference: 'boss' })] }),
        objectMapping({
          type: 'group',
          source: 'group',
          target: 'Group',
          attributes: [mapping('displayName', { source: 'name', matching: 1 })],
        }),
      ],
    });

  async function company(): Promise<void> {
    source.people.set('1', staff('1', { boss: '2' }));
    source.people.set('2', staff('2', { boss: '3' }));
    source.people.set('3', staff('3'));
    await known('1', 't-1');
    await known('2', 't-2');
    target.put('t-1', inStep('1', { manager: 't-2' }));
    target.put('t-2', inStep('2', { manager: 't-9' }));
    source.join('new', '1');
    source.join('found');
    target.put('g-1', { displayName: 'Group found' });
  }

  test('each kind goes by its own rules, and references are looked at', async () => {
    await company();
    const { progress, rows } = await run(both());
    expect(fates(rows)).toEqual({
      1: 'unchanged: redundant-export',
      2: 'unchanged: redundant-export',
      3: 'create: not-in-target',
      new: 'create: not-in-target',
      found: 'unchanged: redundant-export',
    });
    expect(rows.find(({ sourceId }) => sourceId === '2')?.reason.text).toContain('manager waits until user:3 has an account');
    expect(progress).toMatchObject({ state: 'completed', read: 5, total: 5, guard: { linked: 3 } });
    expect(target.calls.filter((call) => !/^(count|list|find|read)/.test(call))).toEqual([]);
  });

  test('rules that bring groups differ in each of them', async () => {
    await company();
    const { rows } = await run(both(), job({ job: aJob, objects: [both().objects[0]!] }));
    expect(rows.map(({ objectKey, action, before }) => [objectKey, before?.reason.code, action])).toEqual([
      ['group:new', 'type-not-mapped', 'create'],
      ['group:found', 'type-not-mapped', 'unchanged'],
      ['group:new', 'redundant-export', 'update'],
    ]);
  });

  test('a source that holds no group any more ends it, if it held some before', async () => {
    await company();
    source.groups.clear();
    await database.query("UPDATE source_object SET object_key = 'group:a' WHERE object_key = 'user:2'");
    expect((await run(both())).progress).toMatchObject({
      state: 'failed',
      failure: { code: 'source-empty', message: expect.stringContaining('no group') },
    });
  });
});

const reporting = (nested: 'keep' | 'flatten' | 'refuse' = 'keep', more: Parameters<typeof objectMapping>[0] = {}): JobDefinition => {
  const [people] = rules(more).objects;
  const attributes = [...people!.attributes, mapping('manager', { reference: 'boss' })];
  const groups = objectMapping({
    type: 'group',
    displayName: 'name',
    nested,
    attributes: [mapping('displayName', { source: 'name', matching: 1 })],
  });
  return job({ job: aJob, objects: [{ ...people!, attributes }, groups] });
};
/** Somebody is in a group in the target, through the job. */
const written = (group: string, member: string, wanted = true) =>
  database.query(
    `INSERT INTO membership (job_id, group_key, member_key, wanted, target_id, cycle_id) VALUES ($1, $2, $3, $4, 'x', 'c-1')`,
    [aJob, `group:${group}`, `user:${member}`, wanted],
  );
const knownGroup = async (anchor: string): Promise<void> => {
  await known(anchor, `t-${anchor}`, { id: anchor, name: `Group ${anchor}` });
  await database.query('UPDATE source_object SET object_key = $1 WHERE object_key = $2', [`group:${anchor}`, `user:${anchor}`]);
  target.put(`t-${anchor}`, { displayName: `Group ${anchor}` });
};
const inStepWith = async (...anchors: readonly string[]): Promise<void> => {
  for (const anchor of anchors) {
    await known(anchor, `t-${anchor}`);
    target.put(`t-${anchor}`, inStep(anchor));
  }
};

describe('what follows on it', () => {
  const membersIn = (rows: readonly SimulatedRow[]) =>
    rows
      .filter(({ part }) => part === 'members')
      .map(({ objectKey, members }) => [
        objectKey,
        ...members!.add.map(({ key }) => `+${key}`),
        ...members!.remove.map(({ key }) => `-${key}`),
      ]);

  test('is who joins and leaves groups, also of those who are only created, and nobody whose account goes', async () => {
    present('1', '2', 'new', 'left');
    source.people.set('left', staff('left', { status: 'left' }));
    await inStepWith('1', '2', 'left', 'gone');
    await knownGroup('ga');
    source.join('ga', '1', 'new', 'left', 'nobody');
    source.join('gb', '2');
    for (const anchor of ['2', 'left', 'gone']) await written('ga', anchor, anchor !== '2');
    const { progress, rows } = await run(reporting());
    expect(membersIn(rows)).toEqual([
      ['group:ga', '+user:1', '+user:new', '-user:2', '-user:left'],
      ['group:gb', '+user:2'],
    ]);
    const [of] = rows.filter(({ part }) => part === 'members');
    expect(of).toMatchObject({ objectType: 'group', sourceId: 'ga', displayName: 'Group ga', targetId: 't-ga', action: 'update' });
    expect(of!.members!.add).toEqual([
      { key: 'user:1', displayName: 'Doe 1', targetId: 't-1' },
      { key: 'user:new', displayName: 'Doe new', targetId: null },
    ]);
    expect(progress.followUps).toEqual({ membersAdded: 3, membersRemoved: 2, nestingsRefused: 0, references: 0 });
    expect(progress.totals).toMatchObject({ update: 0, unchanged: 3, create: 2, disable: 1, delete: 1 });
    expect(target.calls.filter((call) => !/^(count|list|find|read)/.test(call))).toEqual([]);
    const left = await database.query(
      'SELECT 1 FROM simulated_account UNION ALL SELECT 1 FROM simulated_membership UNION ALL SELECT 1 FROM seen_membership',
    );
    expect(left).toEqual([]);
  });

  test('leaves everybody where they are when the removals would be held', async () => {
    present('1');
    await inStepWith('1', ...Array.from({ length: 8 }, (_, at) => `off-${at}`));
    await knownGroup('ga');
    source.join('ga', '1', 'off-1');
    await written('ga', 'off-1');
    const { progress, rows } = await run(reporting());
    expect(progress.guard).toMatchObject({ decision: 'hold' });
    expect(membersIn(rows)).toEqual([['group:ga', '+user:1']]);
  });

  test('takes nobody out of a group whom a person let stay, as long as the rules are the same', async () => {
    present('1', '2');
    await inStepWith('1', '2');
    await knownGroup('ga');
    source.join('ga', '1');
    for (const anchor of ['1', '2']) await written('ga', anchor, anchor === '1');
    const [under] = await tell(log, jobConfigured(reporting()));
    await database.query(`UPDATE membership SET gated = true, rejected_rules = $1 WHERE member_key = 'user:2'`, [under]);
    expect(membersIn((await run(reporting())).rows)).toEqual([]);
    expect(membersIn((await run(reporting('flatten'))).rows)).toEqual([['group:ga', '-user:2']]);
  });

  test('takes nobody out of a group for a read that shows none or cannot be used, and says so', async () => {
    present('1', '2');
    await inStepWith('1', '2');
    await knownGroup('ga');
    source.groups.set('ga', { id: 'ga', name: 'Group ga' });
    await written('ga', '1');
    const empty = await run(reporting());
    expect(membersIn(empty.rows)).toEqual([]);
    expect(empty.progress.absenceWithheld).toContain('nobody is taken out of a group');
    source.join('ga', '2');
    source.unusableMemberships = [{ anchor: null, code: 'unreadable-record', message: 'no member', place: 'line 3' }];
    const torn = await run(reporting());
    expect(membersIn(torn.rows)).toEqual([['group:ga', '+user:2']]);
    expect(torn.progress).toMatchObject({ totals: { fail: 1 }, followUps: { membersRemoved: 0 } });
  });

  test('leaves who is in a group whose list could not be read, while others come and go; unless that group may be within any other', async () => {
    present('1', '2', '3');
    await inStepWith('1', '2', '3');
    for (const anchor of ['ga', 'gb']) {
      await knownGroup(anchor);
      for (const member of ['1', '2']) await written(anchor, member);
    }
    source.join('ga', '1', '3'); // as far as it was read
    source.join('gb', '3');
    source.unusableMemberships = [
      { anchor: 'ga', group: 'ga', code: 'unreadable-record', message: 'it changed five times', place: 'cn=a' },
    ];
    const { rows, progress } = await run(reporting());
    expect(membersIn(rows)).toEqual([['group:gb', '+user:3', '-user:1', '-user:2']]);
    expect(progress).toMatchObject({ absenceWithheld: null, followUps: { membersAdded: 1, membersRemoved: 2 }, totals: { fail: 1 } });
    const flat = await run(reporting('flatten'), reporting());
    expect(flat.progress).toMatchObject({ followUps: { membersRemoved: 0 }, followUpsBefore: { membersRemoved: 2 } });
    expect(flat.progress.absenceWithheld).toContain('1 record(s)');
  });

  test('goes by what the job makes of groups in groups', async () => {
    present('1', '2');
    await inStepWith('1', '2');
    for (const anchor of ['ga', 'gb']) await knownGroup(anchor);
    source.join('ga', 'gb', '1', 'ga');
    source.join('gb', '2');
    expect(membersIn((await run(reporting('keep'))).rows)).toEqual([
      ['group:ga', '+group:gb', '+user:1'],
      ['group:gb', '+user:2'],
    ]);
    const { rows, progress } = await run(reporting('flatten'), reporting('keep'));
    expect(
      rows.map(({ objectKey, members, before }) => [
        objectKey,
        members!.add.map(({ key }) => key),
        before!.members!.add.map(({ key }) => key),
      ]),
    ).toEqual([['group:ga', ['user:2'], ['group:gb']]]);
    expect(progress).toMatchObject({
      differing: 0,
      followUps: { membersAdded: 3, nestingsRefused: 1 },
      followUpsBefore: { membersAdded: 3, nestingsRefused: 1 },
    });
    expect((await run(reporting('refuse'))).progress.followUps).toMatchObject({ membersAdded: 2, nestingsRefused: 2 });
  });

  test('is that references lead to accounts that are made, and no longer to those that go', async () => {
    for (const [anchor, boss] of [
      ['1', 'new'],
      ['2', 'gone'],
      ['3', '1'],
      ['new', ''],
    ] as const)
      source.people.set(anchor, staff(anchor, { boss }));
    await inStepWith('1', '2', '3', 'gone');
    target.put('t-2', inStep('2', { manager: 't-gone' }));
    target.put('t-3', inStep('3', { manager: 't-1' }));
    const { rows, progress } = await run(reporting());
    expect(rows.filter(({ part }) => part === 'references').map(({ sourceId, changes }) => [sourceId, changes])).toEqual([
      ['1', [{ attribute: 'manager', old: null, new: { accountOf: 'user:new' } }]],
      ['2', [{ attribute: 'manager', old: 't-gone', new: null }]],
    ]);
    expect(progress.followUps).toMatchObject({ references: 2 });
  });
});

describe('the removal guard', () => {
  const limited = (removals: object, objects = reporting().objects): JobDefinition =>
    job({ job: aJob, thresholds: { removals } as never, objects: objects as never });

  /** Three groups of ten; one member leaves the first, four the second, and somebody comes to the third. */
  async function leavings(): Promise<void> {
    const everybody = Array.from({ length: 10 }, (_, at) => `p${at}`);
    present(...everybody, 'q');
    await inStepWith(...everybody, 'q');
    for (const [group, stays] of [
      ['ga', 9],
      ['gb', 6],
      ['gc', 10],
    ] as const) {
      await knownGroup(group);
      source.join(group, ...everybody.slice(0, stays));
      for (const anchor of everybody) await written(group, anchor);
    }
    source.join('gc', 'q');
  }
  const heldIn = (rows: readonly SimulatedRow[]) =>
    rows.filter(({ held }) => held).map(({ objectKey, members }) => [objectKey, members!.remove.length]);

  test('foretells what leaves groups, and that it is done', async () => {
    await leavings();
    const { progress, rows } = await run(limited({ percent: 50, atLeast: 0 }));
    expect(progress.guard).toMatchObject({ proposed: 0, members: 5, held: [], decision: 'release' });
    expect(progress.followUps).toMatchObject({ membersAdded: 1, membersRemoved: 5 });
    expect(heldIn(rows)).toEqual([]);
  });

  test('foretells that a group that loses too many keeps them, and the others do not', async () => {
    await leavings();
    const { progress, rows } = await run(limited({ percent: 20, atLeast: 3 }));
    expect(progress.guard).toMatchObject({ held: ['group-membership'], decision: 'hold', threshold: '4 of 10 members, limit 20 %' });
    expect(progress.followUps).toMatchObject({ membersRemoved: 1 });
    expect(heldIn(rows)).toEqual([['group:gb', 4]]);
    expect(rows.find(({ held }) => held)!.reason.text).toContain('held for a person to decide');
  });

  test('foretells that too many memberships of a cycle are held, whatever group they are of', async () => {
    await leavings();
    const { progress, rows } = await run(limited({ percent: 90, memberships: { count: 4 } }));
    expect(progress.guard).toMatchObject({ held: ['membership'], threshold: '5 memberships, limit 4' });
    expect(heldIn(rows)).toEqual([
      ['group:ga', 1],
      ['group:gb', 4],
    ]);
    expect(progress.followUps).toMatchObject({ membersAdded: 1, membersRemoved: 0 });
  });

  test('foretells that a source that has shrunk too much holds everything', async () => {
    await leavings();
    for (const anchor of ['q', 'p0', 'p1']) source.people.delete(anchor);
    source.people.set('new', staff('new'));
    const { progress, rows } = await run(limited({ percent: 90, atLeast: 1, source: { percent: 20 } }));
    expect(progress.guard).toMatchObject({
      proposed: 3,
      members: 5,
      held: ['delete', 'membership'],
      threshold: '3 of 12 users gone from the source, limit 20 %',
    });
    expect(progress.followUps).toMatchObject({ membersRemoved: 0 });
    expect(heldIn(rows)).toHaveLength(2);
  });

  test('foretells that members go with accounts that are done away with while other removals are held', async () => {
    await leavings();
    source.people.delete('p9');
    const { progress, rows } = await run(limited({ percent: 90, memberships: { count: 1 } }));
    // p9 is gone, and so are his memberships with his account: nobody weighs them.
    expect(progress.guard).toMatchObject({ proposed: 1, members: 3, held: ['membership'] });
    expect(heldIn(rows)).toEqual([['group:gb', 3]]);
  });
});

describe('people who manage each other in a circle', () => {
  const managed = () =>
    rules({ attributes: [mapping('userName', { source: 'email', matching: 1 }), mapping('manager', { reference: 'boss' })] });
  const references = (rows: readonly SimulatedRow[]) =>
    rows
      .filter(({ part }) => part === 'references')
      .map(({ sourceId, action, changes, reason }) => [sourceId, action, changes, reason.text]);

  test('are told so, and nothing is foretold to be written; whoever is below them has a manager', async () => {
    for (const [anchor, boss] of ['12', '23', '31', '41'].map((pair) => [...pair])) source.people.set(anchor!, staff(anchor!, { boss }));
    const { rows, progress } = await run(managed());
    expect(references(rows)).toEqual([
      ['4', 'update', [{ attribute: 'manager', old: null, new: { accountOf: 'user:1' } }], 'the account differs in manager'],
      ['1', 'unchanged', [], expect.stringContaining('closes a circle: user:1 → user:2 → user:3 → user:1')],
      ['2', 'unchanged', [], expect.stringContaining('closes a circle: user:2 → user:3 → user:1 → user:2')],
      ['3', 'unchanged', [], expect.stringContaining('closes a circle: user:3 → user:1 → user:2 → user:3')],
    ]);
    expect(progress.followUps).toMatchObject({ references: 1 });
  });

  test('who do so no longer get theirs written', async () => {
    source.pageSize = 1;
    source.people.set('1', staff('1', { boss: '2' }));
    source.people.set('2', staff('2', { boss: '' }));
    for (const [anchor, boss] of ['12', '21'].map((pair) => [...pair])) {
      await known(anchor!, `t-${anchor}`, staff(anchor!, { boss }));
      target.put(`t-${anchor}`, { userName: `p${anchor}` });
      await database.query(
        `INSERT INTO reference_given (job_id, object_key, attribute, wanted_key, target_id, cycle_id, circle) VALUES ($1, $2, 'manager', $3, $4, 'c-1', $5)`,
        [aJob, `user:${anchor}`, `user:${boss}`, `t-${boss}`, JSON.stringify([`user:${anchor}`, `user:${boss}`])],
      );
    }
    const { rows } = await run(managed());
    expect(rows.find(({ sourceId, part }) => sourceId === '1' && part === null)!.reason.text).toContain('closes a circle');
    expect(references(rows)).toEqual([
      ['1', 'update', [{ attribute: 'manager', old: null, new: 't-2' }], 'the account differs in manager'],
    ]);
  });
});

describe('two sets of rules', () => {
  test('are compared over the same people: only who would fare differently is told of', async () => {
    await mixedCompany();
    const current = rules();
    const stricter = rules({ scope: [{ name: 'Staff', all: [{ attribute: 'id', operator: 'NOT EQUALS', value: 'same' }] }] });
    const { progress, rows } = await run(stricter, current);
    expect(rows.map(({ sourceId, action, before }) => [sourceId, before?.action, action]).sort()).toEqual([
      ['never-here', 'skip', 'create'],
      ['same', 'unchanged', 'disable'],
    ]);
    expect(progress).toMatchObject({
      differing: 2,
      totals: { create: 2, disable: 2, unchanged: 1, skip: 0 },
      before: { create: 1, disable: 1, unchanged: 2, skip: 1 },
      guard: { proposed: 3 },
    });
  });

  test('differ in values too, and each account is asked for once', async () => {
    target = new MemoryTarget({ list: false });
    present('1', '2');
    for (const anchor of ['1', '2']) {
      await known(anchor, `t-${anchor}`);
      target.put(`t-${anchor}`, inStep(anchor, { title: 'Clerk' }));
    }
    source.people.set('2', staff('2', { title: 'Chief' }));
    const titled = rules({ attributes: [...rules().objects[0]!.attributes, mapping('title', { source: 'title' })] });
    const { rows } = await run(titled, rules());
    expect(rows.map(({ sourceId, changes, before }) => [sourceId, before?.changes, changes])).toEqual([
      ['2', [], [{ attribute: 'title', old: 'Clerk', new: 'Chief' }]],
    ]);
    expect(target.calls.filter((call) => call.startsWith('read'))).toEqual(['read t-1', 'read t-2']);
  });

  test('that are the same differ in nobody', async () => {
    await mixedCompany();
    expect(await run(rules(), rules())).toMatchObject({ rows: [], progress: { differing: 0, state: 'completed' } });
  });
});

describe('a simulation ends with the reason', () => {
  test('when the source fails', async () => {
    present('1', '2', '3');
    source.beforePage = (page) => {
      if (page === 1) throw sourceFailure('the disk is gone');
    };
    expect((await run()).progress).toMatchObject({
      state: 'failed',
      read: 2,
      guard: null,
      failure: { side: 'source', code: 'test', message: 'the disk is gone' },
    });
  });

  test('when the target refuses to be asked', async () => {
    present('1');
    target.failNext('count', 'unauthorized', { message: 'who are you?' });
    expect((await run()).progress).toMatchObject({ state: 'failed', failure: { side: 'target', message: 'who are you?' } });
  });

  test('when the source is empty and was not before', async () => {
    await known('1', 't-1');
    expect((await run()).progress).toMatchObject({ state: 'failed', failure: { side: 'source', code: 'source-empty' } });
  });

  test('when it is cancelled, in the middle of a page too', async () => {
    present('1', '2', '3', '4', '5');
    const one = simulation(rules());
    source.beforePage = (page) => {
      if (page === 1) one.end('cancelled');
    };
    await one.run();
    expect(store.told.get(one.id)!.at(-1)).toMatchObject({ state: 'cancelled', failure: null, read: 2 });
  });

  test('when the service stops', async () => {
    present('1', '2', '3');
    const one = simulation(rules());
    source.beforePage = () => one.end('service-stops');
    await one.run();
    expect(store.told.get(one.id)!.at(-1)).toMatchObject({ state: 'failed', failure: { side: 'service', code: 'importer-stopped' } });
  });

  test('when something breaks that nobody expected, of which the log says more', async () => {
    present('1');
    source.beforePage = () => {
      throw new TypeError('a bug');
    };
    expect((await run()).progress).toMatchObject({ state: 'failed', failure: { side: 'service', code: 'internal' } });
    expect(errors).toHaveLength(1);
  });
});

test('a target that fails for one person fails that person alone', async () => {
  target = new MemoryTarget({ list: false });
  present('1', '2');
  target.faults.push({
    on: 'find',
    fault: () => {
      throw targetFailure('rejected', 'no such filter');
    },
  });
  expect((await run()).progress).toMatchObject({ state: 'completed', totals: { create: 1, fail: 1 } });
});

test('what the log says of links is waited for', async () => {
  const [sequence] = await tell(log, exported('1', { lane: '2' }));
  present('1');
  target.put('t-1', inStep('1'));
  const running = run();
  await eventually(() => store.told.size === 0 && opened.length === 0);
  await known('1', 't-1');
  await database.query("INSERT INTO fold_position (name, log_identity, sequence) VALUES ($1, 'log', $2)", [aJob, sequence]);
  const { rows } = await running;
  expect(rows).toMatchObject([{ sourceId: '1', action: 'unchanged', linksNow: false }]);
});
