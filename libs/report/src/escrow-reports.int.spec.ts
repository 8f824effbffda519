import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CauseView, EscrowView, JobStatusView, QuarantinesView } from '@provident/contracts';
import { Projector, Story, type TestReadModels, testReadModels } from '@provident/projection/testing';

import {
  assertJob,
  BadCursor,
  countEscrows,
  findEscrowed,
  findLog,
  getJobStatus,
  listCauses,
  listEscrows,
  listQuarantines,
  NotFound,
} from './index.js';

const jobId = 'hr-to-wiki';
let models: TestReadModels;
let db: TestReadModels['dataSource'];

beforeAll(async () => {
  models = await testReadModels();
  db = models.dataSource;
  const { events } = new Story()
    .configured()
    .cycle([{ plot: 'joiner', id: 'E-1' }], { kind: 'initial' })
    .disabled()
    .aftermath();
  await new Projector(models.connection, 'log').project(events);
}, 120_000);
afterAll(() => models?.close());

test('all who fail for one reason are one cause, with the remedy and examples', async () => {
  const causes = await listCauses(db, jobId);
  expect(causes.map((cause) => CauseView.parse(cause))).toEqual(causes);
  expect(causes).toEqual([
    {
      causeId: 'http-400-1abc',
      operation: 'create',
      kind: 'rejected',
      code: 'invalid-value',
      status: 400,
      attribute: null,
      text: 'the target answered 400: … is not a number',
      remedy: expect.stringContaining('retry this cause'),
      people: 3,
      givenUp: 1,
      failures: 4,
      firstSeenAt: expect.any(String),
      lastSeenAt: expect.any(String),
      examples: ['X-1', 'X-2', 'X-3'].map((id) => expect.objectContaining({ sourceId: id, displayName: `Person ${id}` })),
    },
  ]);
  expect(Date.parse(causes[0]!.lastSeenAt)).toBeGreaterThan(Date.parse(causes[0]!.firstSeenAt));
});

test('kept objects are listed with what becomes of them, page by page', async () => {
  const { escrows, next } = await listEscrows(db, { jobId, limit: 10 });
  expect(next).toBeNull();
  expect(escrows.map((escrow) => EscrowView.parse(escrow))).toEqual(escrows);
  expect(escrows.map(({ sourceId, state, retries, wokenBy }) => ({ sourceId, state, retries, wokenBy }))).toEqual([
    { sourceId: 'X-1', state: 'given-up', retries: 2, wokenBy: null },
    { sourceId: 'X-2', state: 'trying', retries: 2, wokenBy: null },
    { sourceId: 'X-3', state: 'trying', retries: 1, wokenBy: 'source' },
  ]);
  expect(escrows[2]).toMatchObject({ changeId: 'hr-to-wiki-later-X-3', cycleId: 'hr-to-wiki-later' });
  const first = await listEscrows(db, { jobId, limit: 2, causeId: 'http-400-1abc' });
  const second = await listEscrows(db, { jobId, limit: 2, cursor: first.next! });
  expect([...first.escrows, ...second.escrows]).toEqual(escrows);
  expect((await listEscrows(db, { jobId, limit: 10, state: 'given-up' })).escrows).toEqual([escrows[0]]);
  expect((await listEscrows(db, { jobId, limit: 10, causeId: 'none' })).escrows).toEqual([]);
  await expect(listEscrows(db, { jobId, limit: 2, cursor: 'x' })).rejects.toThrow(BadCursor);
});

test('who is to be tried again is found by any name', async () => {
  expect(await findEscrowed(db, jobId, 'X-1')).toEqual(['user:X-1']);
  expect(await findEscrowed(db, jobId, 'user:X-2')).toEqual(['user:X-2']);
  expect(await findEscrowed(db, jobId, 'E-1')).toEqual([]);
  expect([await countEscrows(db, jobId, null), await countEscrows(db, jobId, 'http-400-1abc'), await countEscrows(db, jobId, 'x')]).toEqual(
    [3, 3, 0],
  );
});

test('what was given up is counted apart from what will be tried again', async () => {
  const status = await getJobStatus(db, jobId, null);
  expect(JobStatusView.parse(status)).toEqual(status);
  expect(status).toMatchObject({ escrows: 2, givenUp: 1, state: 'active' });
});

test('the history of quarantines has each reason, how it ended, and who was told', async () => {
  const history = await listQuarantines(db, jobId);
  expect(QuarantinesView.parse(history)).toEqual(history);
  expect(history.quarantines).toMatchObject([
    { reason: 'failure-proportion', times: 1, disabledAt: expect.any(String), leftBy: { kind: 'user', name: 'kim' } },
    { reason: 'connection', times: 2, disabledAt: null, leftAt: history.quarantines[0]!.enteredAt, leftBy: null },
  ]);
  expect(history.notices).toMatchObject([
    { channel: 'email', state: 'given-up', attempts: 9, message: 'no such server' },
    { channel: 'webhook', state: 'sent', attempts: 2, message: null },
  ]);
});

test('the log says that an escrow goes on elsewhere, and that a removal that waited is off', async () => {
  const { entries } = await findLog(db, { jobId, limit: 50 });
  const entryOf = (id: string) => entries.find(({ sourceId }) => sourceId === id)!;
  expect(entryOf('X-3').statusText).toContain('taken up again by a later cycle');
  expect(entryOf('X-4')).toMatchObject({ action: 'staged-delete', status: 'skipped', reason: 'removal-withdrawn' });
  const texts = entryOf('X-1').steps.map(({ text }) => text);
  expect(texts).toContain('to be tried again before its time: somebody asked for it (kim)');
  expect(texts.at(-1)).toContain('given up after 2 retries');
});

test('an unknown job is told apart from one without failures', async () => {
  await expect(assertJob(db, 'none')).rejects.toThrow(NotFound);
  await assertJob(db, jobId);
});
