import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { QuirkFault, type QuirkScimServer, startQuirkScimServer } from '@provident/connectors/testing';
import { CycleClosed } from '@provident/contracts';
import { eventually } from '@provident/testing';

import {
  Installation,
  type PlainTarget,
  accountsIn,
  checkLog,
  csvJob,
  expectedAccounts,
  people,
  startPlainTarget,
  writeCsv,
} from './harness/index.js';

const waiting = 5_000;

let installation: Installation;
let silent: QuirkScimServer;
let healthy: PlainTarget;
beforeAll(async () => {
  installation = await Installation.start();
  silent = await startQuirkScimServer();
  healthy = await startPlainTarget({ unique: true });
});
afterAll(async () => {
  await installation?.stop();
  await Promise.all([silent?.close(), healthy?.close()]);
});

/** Takes a few accounts, and never answers again: worse than a refusal, because each request is waited for. */
class Silence extends QuirkFault {
  override matches(request: { method: string; url: string }): boolean {
    return silent.users().length >= 12 && super.matches(request);
  }
}

test(`a target that never answers holds up nobody but its own ${waiting} people: another job's cycles begin, write and close meanwhile`, async () => {
  silent.fail(new Silence({ do: 'hang' }));
  writeCsv(join(installation.folder, 'silent.csv'), people(waiting));
  await installation.apply(csvJob('silent', { url: silent.url }));
  await eventually(() => silent.users().length >= 12, { timeoutMs: 60_000 });

  const first = people(200, 100_000);
  writeCsv(join(installation.folder, 'healthy.csv'), first);
  await installation.apply(csvJob('healthy', { url: healthy.url }));
  await installation.cycleClosed('healthy');
  const second = first.map((each, index) => (index % 4 === 0 ? { ...each, familyName: 'Later' } : each));
  writeCsv(join(installation.folder, 'healthy.csv'), second);
  await installation.run('healthy');
  const [one] = await installation.provision('healthy', [second[1]!.employeeId]).then(({ results }) => results);

  expect(one).toBeDefined();
  expect(await installation.list('silent', CycleClosed)).toEqual([]);
  expect(accountsIn(healthy.users())).toEqual(expectedAccounts(first, second));
  expect(checkLog(await installation.events('healthy'))).toEqual([]);
}, 180_000);
