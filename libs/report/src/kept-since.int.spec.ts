import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PersonStoryView, WhyView } from '@provident/contracts';
import { Projector, removeOld, Story, type TestReadModels, testReadModels } from '@provident/projection/testing';

import { findLog, getStory, getWhy, type ReadModels } from './index.js';

const keptSince = '2026-06-01T00:00:00.000Z';
let models: TestReadModels;
let db: ReadModels;
beforeAll(async () => {
  models = await testReadModels();
  db = models.dataSource;
  const early = new Story('hr', '2026-01-01T00:00:00.000Z').configured().cycle([
    { plot: 'joiner', id: 'E-1' },
    { plot: 'out-of-scope', id: 'E-2' },
  ]).events;
  const late = new Story('crm', '2026-06-10T00:00:00.000Z', early.length).configured().cycle([{ plot: 'joiner', id: 'E-3' }]).events;
  await new Projector(models.connection, 'log').project([...early, ...late]);
  const horizons = { jobs: new Map([['hr', keptSince]]), others: null };
  for (let isMore = true; isMore; ) {
    ({ isMore } = await removeOld(models.connection, { log: horizons, events: horizons }, new Date('2026-06-02T00:00:00Z')));
  }
}, 120_000);
afterAll(() => models?.close());

test('a log that ends where something is gone says since when it is kept', async () => {
  expect(await findLog(db, { limit: 10, jobId: 'hr' })).toEqual({ entries: [], next: null, keptSince });
  expect(await findLog(db, { limit: 10, jobId: 'hr', since: '2026-06-01T12:00:00.000Z' })).not.toHaveProperty('keptSince');
  expect((await findLog(db, { limit: 10, jobId: 'crm' })).keptSince).toBeUndefined();
  expect((await findLog(db, { limit: 10, user: 'E-1' })).keptSince).toBe(keptSince);
});

test('a past that is gone is told as such, and not as if there had been none', async () => {
  const story = PersonStoryView.parse(await getStory(db, { value: 'E-1', at: '2026-02-01T00:00:00.000Z' }));
  expect([story.objects, story.keptSince]).toEqual([[], keptSince]);
  expect((await getStory(db, { value: 'E-3', at: null })).keptSince).toBeUndefined();
});

test('why somebody has an account or none is answered by what they were left as', async () => {
  const why = async (value: string) => WhyView.parse(await getWhy(db, { value, jobId: 'hr' })).jobs;
  expect(await why('E-1')).toMatchObject([{ verdict: 'provisioned', text: expect.stringContaining(`kept since ${keptSince}`) }]);
  expect(await why('E-2')).toMatchObject([{ verdict: 'skipped', text: expect.stringContaining('has no account') }]);
});
