import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { KnownJob } from '@provident/bus';
import { type Person, plots, Story, type TestReadModels, testReadModels } from '@provident/projection/testing';
import { eventually } from '@provident/testing';

import { ProjectorLoop } from './projector-loop.js';
import { RetentionKeeper } from './retention.js';
import { TestLog } from './testing/test-log.js';

const people: Person[] = plots.map((plot, i) => ({ plot, id: `E-${i}` }));
const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
const early = new Story('hr-to-wiki', '2026-01-01T00:00:00.000Z').configured().cycle(people, { kind: 'initial' }).events;
const late = new Story('crm', '2026-06-01T00:00:00.000Z', early.length).configured().cycle(people).events;

let models: TestReadModels;
let ending: AbortController;
let running: Promise<void>;
beforeEach(async () => {
  models = await testReadModels();
  ending = new AbortController();
}, 120_000);
afterEach(async () => {
  ending.abort();
  await running;
  await models.close();
});

const count = async (where: string): Promise<number> =>
  (await models.dataSource.query(`select count(*)::int as n from provisioning_entry where ${where}`))[0].n;

const projectedTo = async (sequence: number): Promise<boolean> =>
  (await models.dataSource.query('select sequence from position'))[0]?.sequence === sequence;

test('the one who projects removes what jobs do not keep, while it projects', async () => {
  const log = new TestLog().append(early);
  const jobs = [{ jobId: 'hr-to-wiki', configured: { definition: { retention: { log: '30d' } } } }] as unknown as KnownJob[];
  const retention = new RetentionKeeper({
    registry: { list: () => jobs },
    installation: {},
    logger,
    now: () => new Date('2026-06-02T00:00:00Z'),
    everyMs: 20,
  });
  running = new ProjectorLoop(models.dataSource, log, { schema: models.schema, logger, retention }).run(ending.signal);
  // Those in escrow stay, and nobody else.
  const isDone = async (): Promise<boolean> => (await count('escrow is not null')) === 2 && (await count('escrow is null')) === 0;
  await eventually(async () => (await isDone()) && (await projectedTo(early.length)));
  log.append(late);
  await eventually(async () => (await count(`job_id = 'crm'`)) > 10);
  expect(await count(`job_id = 'hr-to-wiki' and status = 'skipped' and escrow is null`)).toBe(0);
});
