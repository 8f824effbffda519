import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { listParts, nextPartSize, Projector } from './index.js';
import { plots, Story, type TestReadModels, testReadModels } from './testing/index.js';

let models: TestReadModels;
beforeAll(async () => {
  models = await testReadModels();
}, 120_000);
afterAll(() => models?.close());

const hour = 3_600_000;

test.each([
  ['the first one is small', null, 0, 16_384],
  ['four weeks at the pace of the last', { from: 0, to: 100_000 }, 28 * 24 * hour, 100_000],
  ['it grows by four at most', { from: 0, to: 20_000 }, hour, 80_000],
  ['it shrinks by four at most', { from: 0, to: 400_000 }, 10_000 * hour, 100_000],
  ['a quiet log has small parts, and not smaller ones', { from: 16_384, to: 32_768 }, 100_000 * hour, 16_384],
  ['none is too large to be rid of quickly', { from: 0, to: 4_000_000 }, hour, 4_194_304],
  ['events of one instant', { from: 0, to: 16_384 }, 0, 65_536],
] as const)('the size of a part: %s', (_case, last, tookMs, size) => {
  expect(nextPartSize(last, tookMs)).toBe(size);
});

test('parts are made as the log comes to them, without a gap, and rows find theirs whenever they come', async () => {
  const { events } = new Story().configured().cycle(plots.map((plot, i) => ({ plot, id: `E-${i}` })));
  // The same log with much between two events: it needs parts in plenty.
  const spread = events.map((event, i) => ({ ...event, sequence: (i + 1) * 1_000, cause: event.cause * 1_000 }));
  let projector = new Projector(models.connection, 'log-1');
  for (const [i, event] of spread.entries()) {
    if (i % 7 === 0) projector = new Projector(models.connection, 'log-1');
    await projector.project([event]);
  }
  const parts = await listParts(models.connection);
  expect(parts.length).toBeGreaterThan(1);
  expect(parts[0]!.from).toBe(0);
  for (const [i, { from }] of parts.entries()) if (i > 0) expect(from).toBe(parts[i - 1]!.to);
  expect(parts.at(-1)!.to).toBeGreaterThan(spread.at(-1)!.sequence);
  const rows = (await models.dump())['audit_event'];
  expect(rows).toHaveLength(events.length);
  const [{ inParts }] = await models.dataSource.query(`select count(distinct tableoid)::int as "inParts" from audit_event`);
  expect(inParts).toBeGreaterThan(1);
});
