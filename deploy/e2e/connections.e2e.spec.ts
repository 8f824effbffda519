import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { LinkRemoved, LinkRepaired, is } from '@provident/contracts';
import { eventuallyHolds } from '@provident/testing';

import { Installation, type PlainTarget, checkLog, csvJob, person, scimTarget, startPlainTarget, writeCsv } from './harness/index.js';

let installation: Installation;
const targets: PlainTarget[] = [];
beforeAll(async () => {
  installation = await Installation.start();
});
afterAll(async () => {
  await installation?.stop();
  await Promise.all(targets.map((each) => each.close()));
});

const familyNames = (target: PlainTarget): Record<string, unknown> =>
  Object.fromEntries(target.users().map(({ id, name }) => [id, (name as { familyName?: string } | undefined)?.familyName]));

test('a wrong link is mended while people come and go: the right account gets the next change, the wrong one is left alone, nobody twice', async () => {
  const job = 'mended';
  const target = await startPlainTarget({ latencyMs: 5, unique: false });
  targets.push(target);
  // An account that somebody made by hand for the first of them, under another user name.
  const made = await fetch(`${target.url}/Users`, {
    method: 'POST',
    body: JSON.stringify({ userName: 'by-hand', name: { familyName: 'Hand' }, active: true }),
  });
  const { id: right } = (await made.json()) as { id: string };
  const everybody = Array.from({ length: 5 }, (_, at) => person(at));
  const file = join(installation.folder, `${job}.csv`);
  writeCsv(file, everybody);
  await installation.apply({ ...csvJob(job, { url: target.url }), target: scimTarget(target.url, { patch: 'never' }) });
  await installation.cycleClosed(job);
  expect(target.users()).toHaveLength(6);
  const idOf = (userName: string): string => target.users().find((each) => each['userName'] === userName)!.id;
  const wrong = idOf(person(0).userName);
  const taken = idOf(person(1).userName);

  await expect(installation.repairConnection(job, 'E0', { targetId: taken })).rejects.toThrow('is linked to user:E1');
  await expect(installation.repairConnection(job, 'E0', { value: 'nobody' })).rejects.toThrow(
    'no account of the target has userName "nobody"',
  );
  await installation.repairConnection(job, 'E0', { value: 'by-hand' });
  expect(familyNames(target)[right]).toBe('Hand');
  writeCsv(
    file,
    everybody.map((each) => ({ ...each, familyName: 'New' })),
  );
  await installation.run(job);
  expect(familyNames(target)).toMatchObject({ [right]: 'New', [wrong]: 'Family 0', [taken]: 'New' });

  // Taken away, the link is found again by the matching rules: the account has the user name by now. But so has the wrong one, and that is said.
  await installation.removeConnection(job, 'E0');
  await installation.removeConnection(job, taken);
  const { tally } = await installation.run(job);
  expect(tally).toMatchObject({ imported: 2, created: 0, escrowed: 1 });
  expect(target.users()).toHaveLength(6);
  // Whose account it is, is for a person to say; the object in escrow goes on from there.
  await installation.repairConnection(job, 'E0', { targetId: right });
  await installation.run(job);
  await eventuallyHolds(async () => {
    const events = await installation.eventsAtRest(job);
    expect(checkLog(events)).toEqual([]);
    expect(events.filter((event) => is(event, LinkRemoved) || is(event, LinkRepaired)).map(({ data }) => data)).toMatchObject([
      { targetId: right, formerId: wrong, by: { name: 'e2e' } },
      { targetId: right },
      { targetId: taken },
      { targetId: right, formerId: null },
    ]);
  });
  await installation.restartService('importer');
  expect(await installation.run(job)).toMatchObject({ tally: { imported: 0 } });
  expect(target.users()).toHaveLength(6);
  expect(installation.troubles()).toEqual([]);
});
