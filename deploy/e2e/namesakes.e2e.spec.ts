import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type QuirkScimServer, startQuirkScimServer } from '@provident/connectors/testing';
import { ExportFailed, ObjectExported, ObjectImportFailed } from '@provident/contracts';

import { Installation, checkLog, csvJob, people, writeCsv } from './harness/index.js';

let installation: Installation;
let target: QuirkScimServer;
beforeAll(async () => {
  installation = await Installation.start();
  target = await startQuirkScimServer();
});
afterAll(async () => {
  await installation?.stop();
  await target?.close();
});

test('two people of one name never share an account, however far apart the source has them', async () => {
  const job = 'namesakes';
  const everybody = people(1_500).map((each) => ({ ...each, department: 'Finance' }));
  // Each has the name of somebody this far before: in the same page, in the next, and behind what is written by then.
  const distances = [1, 50, 250, 600, 1_000];
  const namesakes = distances.flatMap((distance, which) =>
    Array.from({ length: 20 }, (_, at) => ({ first: at * 20 + which * 2, second: at * 20 + which * 2 + distance })),
  );
  const rows = [...everybody];
  for (const { first, second } of namesakes) rows[second] = { ...rows[second]!, userName: rows[first]!.userName };
  const names = new Set(rows.map(({ userName }) => userName));
  writeCsv(join(installation.folder, `${job}.csv`), rows);
  await installation.apply(csvJob(job, { url: target.url }));
  const { tally } = await installation.cycleClosed(job);
  expect(names.size).toBeLessThan(rows.length);
  expect(tally).toMatchObject({ imported: rows.length, created: names.size, escrowed: rows.length - names.size });
  expect(target.users()).toHaveLength(names.size);

  const made = await installation.list(job, ObjectExported);
  expect(new Set(made.map(({ targetId }) => targetId)).size).toBe(made.length);
  const failures = [...(await installation.list(job, ExportFailed)), ...(await installation.list(job, ObjectImportFailed))];
  expect(new Set(failures.map(({ failure }) => failure.code))).toEqual(new Set(['duplicate-source-entries']));
  expect(checkLog(await installation.eventsAtRest(job))).toEqual([]);
});
