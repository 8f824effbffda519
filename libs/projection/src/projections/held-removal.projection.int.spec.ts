import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type LogEvent, RemovalWithdrawn } from '@provident/contracts';

import { Projector, resetReadModels } from '../index.js';
import { Story, type TestReadModels, testReadModels } from '../testing/index.js';

let models: TestReadModels;
beforeAll(async () => {
  models = await testReadModels();
}, 120_000);
afterAll(() => models?.close());
afterEach(() => resetReadModels(models.connection));

/** What is known of what waits, after a cycle in which the removals of some people were held, and these events. */
async function after(people: readonly string[], ...more: readonly LogEvent[]): Promise<unknown> {
  const { events } = new Story('hr', '2026-07-01T09:00:00.000Z').configured().cycle(
    people.map((id) => ({ plot: 'held', id })),
    { close: false },
  );
  const projector = new Projector(models.connection, 'log-1');
  await projector.project([...events, ...more.map((event, at) => ({ ...event, sequence: events.length + 1 + at }))]);
  const [row] = await models.dataSource.query(
    'select proposed, released_at is null as waits, verdict, released_by as by, cycle_id as "cycleId" from held_removal',
  );
  return row;
}

let ids = 0;
const offIn = (heldCycleId: string, more: object = {}): LogEvent => {
  const facts = {
    jobId: 'hr',
    cycleId: 'c-later',
    changeId: 'c-later.x',
    objectKey: 'user:x',
    rules: 1,
    attempt: 0,
    round: 0,
    sourceId: 'x',
  };
  const reason = { code: 'removal-withdrawn', text: 'the removal that waited is off' };
  const data = { ...facts, heldCycleId, reason, ...more };
  const at = '2026-07-02T09:00:00.000Z';
  return {
    id: `off-${++ids}`,
    type: RemovalWithdrawn.type,
    at,
    jobId: 'hr',
    lane: '0',
    stage: 'exporter',
    cause: 1,
    position: 1,
    data,
  } as never;
};

test('removals that are off wait no more, one by one, until none is left', async () => {
  const { cycleId } = (await after(['1', '2', '3'])) as { cycleId: string };
  await resetReadModels(models.connection);
  expect(await after(['1', '2', '3'], offIn(cycleId), offIn(cycleId))).toMatchObject({ proposed: 1, waits: true, verdict: null });
  await resetReadModels(models.connection);
  expect(await after(['1', '2'], offIn(cycleId), offIn(cycleId))).toMatchObject({ waits: false, verdict: 'withdrawn', by: null });
});

test('what no cycle counted, and what a person let go of, is no part of that', async () => {
  const { cycleId } = (await after(['1', '2'])) as { cycleId: string };
  await resetReadModels(models.connection);
  const released = offIn(cycleId, { reason: { code: 'removal-released', text: 'released by kim' }, part: 'members' });
  expect(await after(['1', '2'], offIn(cycleId, { uncounted: true }), released)).toMatchObject({ proposed: 2, waits: true });
});
