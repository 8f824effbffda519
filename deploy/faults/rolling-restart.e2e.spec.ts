import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import {
  Installation,
  type PlainTarget,
  type ServiceName,
  accountsIn,
  checkLog,
  csvJob,
  expectedAccounts,
  openEscrows,
  people,
  pipeline,
  scimTarget,
  startPlainTarget,
  writeCsv,
} from '../e2e/harness/index.js';

const size = Number(process.env['FAULTS_USERS'] ?? 250);
const services: ServiceName[] = [...pipeline, 'audit-projector'];

let target: PlainTarget;
let installation: Installation;
beforeAll(async () => {
  target = await startPlainTarget({ latencyMs: 10, unique: false });
  installation = await Installation.start({ services });
});
afterAll(async () => {
  await installation?.stop();
  await target?.close();
});

test('every service is restarted one after another under load, as an upgrade does it: nothing is lost, and nobody has to do anything', async () => {
  const first = people(size);
  writeCsv(join(installation.folder, 'rolling.csv'), first);
  const thresholds = { removals: { count: 100_000, percent: 100 } };
  await installation.apply({
    ...csvJob('rolling', { url: target.url, thresholds }),
    target: scimTarget(target.url, { patch: 'never', concurrency: 2 }),
  });
  for (const service of services) {
    const process = installation.process(service);
    expect(process.kill('SIGTERM')).toBe(true);
    await process.untilGone();
    await process.untilReady();
  }
  expect(target.users().length).toBeLessThan(size); // it was amid the cycle that they were restarted
  await installation.cycleClosed('rolling', 1, 120_000);
  const second = first.slice(3).map((each) => ({ ...each, familyName: 'Later' }));
  writeCsv(join(installation.folder, 'rolling.csv'), second);
  await installation.run('rolling', { timeoutMs: 120_000 });

  expect(accountsIn(target.users())).toEqual(expectedAccounts(first, second));
  const events = await installation.events('rolling');
  expect(checkLog(events)).toEqual([]);
  expect(openEscrows(events)).toEqual([]);
  expect(installation.troubles()).toEqual([]);
}, 300_000);
