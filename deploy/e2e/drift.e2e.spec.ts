import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DriftFound, ImportCompleted } from '@provident/contracts';

import {
  Installation,
  type PlainTarget,
  accountsIn,
  checkLog,
  csvJob,
  expectedAccounts,
  people,
  scimTarget,
  startPlainTarget,
  writeCsv,
} from './harness/index.js';

let installation: Installation;
const targets: PlainTarget[] = [];
beforeAll(async () => {
  installation = await Installation.start();
});
afterAll(async () => {
  await installation?.stop();
  await Promise.all(targets.map((each) => each.close()));
});

test('what was changed by hand in the target is told, then changed back, and then there is nothing left to tell', async () => {
  const job = 'drifted';
  const target = await startPlainTarget({ unique: true });
  targets.push(target);
  const everybody = people(30);
  writeCsv(join(installation.folder, `${job}.csv`), everybody);
  await installation.apply({ ...csvJob(job, { url: target.url }), target: scimTarget(target.url, { patch: 'never' }) });
  await installation.cycleClosed(job);
  const [one, two] = target.users();
  const change = (user: typeof one, more: object) =>
    fetch(`${target.url}/Users/${user!.id}`, { method: 'PUT', body: JSON.stringify({ ...user, ...more }) });
  await change(one, { name: { ...(one!['name'] as object), familyName: 'By hand' } });
  await change(two, { active: false });

  // An ordinary cycle does not look; one that is asked to tells, and writes nothing.
  await installation.run(job);
  expect(await installation.list(job, DriftFound)).toEqual([]);
  const reported = await installation.run(job, { drift: 'report' });
  expect(reported.tally).toMatchObject({ imported: 0, updated: 0 });
  const found = await installation.list(job, DriftFound);
  expect(found).toHaveLength(2);
  expect(found).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        targetId: one!.id,
        account: 'differs',
        attributes: [{ attribute: 'name.familyName', expected: (one!['name'] as { familyName: string }).familyName, found: 'By hand' }],
      }),
      expect.objectContaining({ targetId: two!.id, account: 'disabled' }),
    ]),
  );
  expect(accountsIn(target.users())).not.toEqual(expectedAccounts(everybody));

  const repaired = await installation.run(job, { drift: 'repair' });
  expect(repaired.tally).toMatchObject({ imported: 2, updated: 2, created: 0 });
  expect(accountsIn(target.users())).toEqual(expectedAccounts(everybody));
  await installation.run(job, { drift: 'report' });
  expect((await installation.list(job, ImportCompleted)).at(-1)).toMatchObject({
    drift: { mode: 'report', checked: 27, differ: 0, vanished: 0 },
  });
  expect(checkLog(await installation.eventsAtRest(job))).toEqual([]);
  expect(installation.troubles()).toEqual([]);
});
