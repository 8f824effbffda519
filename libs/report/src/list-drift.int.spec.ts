import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DriftPageView, PersonStoryView } from '@provident/contracts';
import { objectKeyOf } from '@provident/domain';
import { Projector, Story, type TestReadModels, testReadModels } from '@provident/projection/testing';

import { findLog, getStory, listDrift, NotFound, type ReadModels } from './index.js';

let models: TestReadModels;
let db: ReadModels;
const list = async (jobId: string, more: { cycle?: string; cursor?: string; limit?: number } = {}) =>
  DriftPageView.parse(await listDrift(db, { jobId, limit: 10, ...more }));

beforeAll(async () => {
  models = await testReadModels();
  db = models.dataSource;
  const joiners = [{ plot: 'joiner' as const, id: 'E-1' }];
  const looked = new Story('hr').configured().cycle(joiners).drift(7, 'E-1', 'E-2').drift(8, 'E-3', 'E-4').cycle([]).events;
  const never = new Story('crm', '2026-03-02T10:00:00.000Z', looked.length).configured().cycle(joiners).events;
  await new Projector(models.connection, 'log').project([...looked, ...never]);
}, 120_000);
afterAll(() => models?.close());

test('tells what the latest cycle found that looked, attribute by attribute', async () => {
  const { cycle, found, next } = await list('hr');
  expect(cycle).toMatchObject({ cycleId: 'hr-c3', drift: { mode: 'report', checked: 8, differ: 1, vanished: 1, unasked: 0 } });
  expect(found).toMatchObject([
    {
      objectKey: 'user:E-3',
      objectType: 'user',
      sourceId: 'E-3',
      displayName: null,
      targetId: 'w-E-3',
      account: 'differs',
      attributes: [{ attribute: 'title', expected: 'Clerk', found: 'Head' }],
    },
    { objectKey: 'user:E-4', account: 'vanished', attributes: [] },
  ]);
  expect(next).toBeNull();
});

test('an earlier cycle is told of by its name, page by page', async () => {
  const first = await list('hr', { cycle: 'hr-c2', limit: 1 });
  const second = await list('hr', { cycle: 'hr-c2', limit: 1, cursor: first.next! });
  expect([...first.found, ...second.found].map(({ sourceId }) => sourceId)).toEqual(['E-1', 'E-2']);
  expect(second.next).toBeNull();
});

test('where no cycle has looked there is none to tell of, and one that did not look is not found', async () => {
  expect(await list('crm')).toEqual({ cycle: null, found: [], next: null });
  await expect(list('hr', { cycle: 'hr-c1' })).rejects.toThrow(NotFound);
});

test('a person is told with what the rules expect and what was found instead, as of any instant', async () => {
  const story = async (value: string, at: string | null) =>
    PersonStoryView.parse(await getStory(db, { value, at, jobId: 'hr' })).objects[0]!;
  const now = await story('E-1', null);
  expect(now).toMatchObject({ drift: 'differs', expected: { title: 'Clerk' }, account: { attributes: { title: 'Head' } } });
  const made = now.changes.find(({ steps }) => steps.some(({ step }) => step === 'object-exported'))!;
  const then = await story('E-1', made.endedAt);
  expect(then.drift).toBeNull();
  expect(then.account.attributes).toEqual(then.expected);
});

test('of an account that is gone from the target nothing is left to compare', async () => {
  const lost = new Story('lost', '2026-03-07T10:00:00.000Z', 150_000)
    .configured()
    .cycle([{ plot: 'joiner', id: 'L-1' }])
    .drift(2, 'L-2', 'L-1');
  await new Projector(models.connection, 'log').project(lost.events);
  const [told] = (await getStory(db, { value: 'L-1', at: null, jobId: 'lost' })).objects;
  expect(told).toMatchObject({ drift: 'vanished', account: { id: 'w-L-1', attributes: {} } });
  expect(Object.keys(told!.expected!)).not.toEqual([]);
});

test('of a cycle that changes back each account says how that went', async () => {
  const { connection } = models;
  await new Projector(connection, 'log').project(
    new Story('mend', '2026-03-05T10:00:00.000Z', 200_000)
      .configured()
      .cycle([{ plot: 'joiner', id: 'E-1' }])
      .drift(2, 'E-1', 'E-2', 'repair').events,
  );
  expect((await list('mend')).found.map(({ repair }) => repair)).toEqual([null, null]);
  await db.query(`update provisioning_entry set cycle_id = 'mend-c2' where job_id = 'mend' and object_key = 'user:E-1'`);
  expect((await list('mend')).found).toMatchObject([
    { sourceId: 'E-1', repair: 'success' },
    { sourceId: 'E-2', repair: null },
  ]);
  expect((await list('hr')).found.every((found) => !('repair' in found))).toBe(true);
});

test('members that differ are told by name where one is known, on the page of the job and of the group', async () => {
  const examples = { missing: [objectKeyOf('user', 'M-1')], added: [objectKeyOf('user', 'M-9')] };
  const grown = new Story('grown', '2026-03-09T10:00:00.000Z', 300_000)
    .configured()
    .cycle([{ plot: 'joiner', id: 'M-1', name: 'Zoë Müller' }])
    .drift(3, 'M-2', 'M-3', 'report', { missing: 1, added: 1, examples });
  await new Projector(models.connection, 'log').project(grown.events);
  const group = (await list('grown')).found.find(({ objectType }) => objectType === 'group');
  expect(group).toMatchObject({ members: { missing: 1, added: 1, examples }, memberNames: { 'user:M-1': 'Zoë Müller' } });
  await db.query(`insert into identity values ('G-1', 'source', 'grown', 'group:G-1', 300001)`); // as its first import would
  const [told] = PersonStoryView.parse(await getStory(db, { value: 'G-1', at: null, jobId: 'grown' })).objects;
  // Its values are as they should be.
  expect(told).toMatchObject({ drift: null, driftOfMembers: { examples }, memberNames: { 'user:M-1': 'Zoë Müller' } });
});

test('a change of members names those who came and left where that change or its group is asked for', async () => {
  const [one] = await db.query(`select change_id from provisioning_entry where job_id = 'hr' order by change_id limit 1`);
  await db.query(`update provisioning_entry set display_name = 'Ada Lovelace' where job_id = 'hr'`);
  await db.query(`update provisioning_entry set modified = $1 where change_id = $2`, [
    JSON.stringify([{ attribute: 'members', old: ['user:nobody'], new: ['user:E-1'] }]),
    one.change_id,
  ]);
  const namesIn = async (asked: object) =>
    (await findLog(db, { jobId: 'hr', limit: 100, ...asked })).entries.find(({ changeId }) => changeId === one.change_id)?.memberNames;
  expect(await namesIn({ change: one.change_id })).toEqual({ 'user:E-1': 'Ada Lovelace' });
  expect(await namesIn({})).toBeUndefined();
});
