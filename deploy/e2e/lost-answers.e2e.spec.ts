import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type QuirkAction, QuirkFault, type QuirkScimServer, startQuirkScimServer } from '@provident/connectors/testing';
import { ExportDeferred, ObjectExported } from '@provident/contracts';

import { Installation, accountsIn, checkLog, csvJob, expectedAccounts, openEscrows, people, person, writeCsv } from './harness/index.js';

describe('a write that took effect while its answer was lost', () => {
  let installation: Installation;
  let target: QuirkScimServer;
  beforeAll(async () => {
    installation = await Installation.start({ env: { TARGET_TIMEOUT_MS: '700' } });
  });
  afterAll(() => installation?.stop());

  test.each<[string, QuirkAction]>([
    ['reset', { do: 'reset', afterEffect: true }],
    ['hang', { do: 'hang', afterEffect: true }],
    ['half', { do: 'half-body' }],
  ])('is not made twice when the connection ends with a %s', async (name, action) => {
    target = await startQuirkScimServer();
    try {
      const job = `lost-${name}`;
      const everybody = people(40);
      writeCsv(join(installation.folder, `${job}.csv`), everybody);
      target.fail(new QuirkFault(action, { method: 'POST', after: 5, times: 6 }));
      await installation.apply(csvJob(job, { url: target.url }));
      const first = await installation.cycleClosed(job);
      expect(first).toMatchObject({ result: 'succeeded', tally: { imported: 40, skipped: 4, escrowed: 0 } });
      expect(first.tally.created + first.tally.unchanged).toBe(36);
      expect(accountsIn(target.users())).toEqual(expectedAccounts(everybody));
      expect(await installation.list(job, ExportDeferred)).not.toEqual([]);

      const changed = everybody.map(({ employeeId }, index) => person(Number(employeeId.slice(1)), { givenName: `New${index}` }));
      writeCsv(join(installation.folder, `${job}.csv`), changed);
      target.fail(new QuirkFault(action, { method: 'PATCH', after: 3, times: 3 }));
      expect(await installation.run(job)).toMatchObject({ result: 'succeeded', tally: { updated: 36, escrowed: 0 } });
      expect(accountsIn(target.users())).toEqual(expectedAccounts(everybody, changed));

      const events = await installation.eventsAtRest(job);
      expect(checkLog(events)).toEqual([]);
      expect(openEscrows(events)).toEqual([]);
      expect(new Set((await installation.list(job, ObjectExported)).map(({ targetId }) => targetId)).size).toBe(36);
    } finally {
      await target.close();
    }
  });

  test('leaves the services without trouble', () => expect(installation.troubles()).toEqual([]));
});
