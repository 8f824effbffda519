import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ExportFailed } from '@provident/contracts';

import {
  Installation,
  type Person,
  type PlainTarget,
  type ServiceName,
  accountsIn,
  checkLog,
  csvJob,
  expectedAccounts,
  mainOf,
  openEscrows,
  people,
  person,
  pipeline,
  scimTarget,
  seededRandom,
  startPlainTarget,
  writeCsv,
} from './harness/index.js';

const kills = Number(process.env['E2E_KILLS'] ?? 20);
const size = 700;
const random = seededRandom();
const killable: ServiceName[] = [...pipeline, ...(existsSync(mainOf('audit-projector')) ? (['audit-projector'] as const) : [])];
/** Who writes to the outside is hit more often. */
const victims: ServiceName[] = [...killable, 'exporter', 'exporter', 'importer'];
const wholeFile = { removals: { count: 1_000, percent: 100 } };

let installation: Installation;
/** The same people in a target that refuses a name twice, and in one that takes whatever it is given. */
let targets: Record<'strict' | 'lax', PlainTarget>;
beforeAll(async () => {
  targets = {
    strict: await startPlainTarget({ latencyMs: 12, unique: true }),
    lax: await startPlainTarget({ latencyMs: 12, unique: false }),
  };
  installation = await Installation.start({ services: killable });
});
afterAll(async () => {
  await installation?.stop();
  await Promise.all(Object.values(targets ?? {}).map((target) => target.close()));
});

/** Another day at the source: some changed, some left, some came, some are gone. */
function nextDay(before: readonly Person[], day: number): Person[] {
  const stayed = before.filter((_, index) => (index + day) % 41 !== 0);
  const changed = stayed.map((each, index): Person => {
    if ((index + day) % 7 === 0) return { ...each, givenName: `Given on day ${day}`, familyName: `Family on day ${day}` };
    if ((index + day) % 23 === 0) return { ...each, status: each.status === 'active' ? 'inactive' : 'active' };
    if ((index + day) % 31 === 0) return { ...each, department: each.department === 'Finance' ? 'Contractors' : 'Finance' };
    return each;
  });
  return [...changed, ...Array.from({ length: 60 }, (_, index) => person(day * 10_000 + index))];
}

test(`${kills} kills change nothing: every account is right and made once, and the log is complete`, async () => {
  const jobs = Object.keys(targets) as (keyof typeof targets)[];
  const fileOf = (job: string): string => join(installation.folder, `${job}.csv`);
  const days = [people(size)];
  const killed: string[] = [];
  const killing = (async () => {
    while (killed.length < kills) {
      await sleep(random.between(200, 2_200));
      const service = random.pick(victims);
      if (installation.process(service).kill('SIGKILL')) killed.push(service);
    }
  })();
  try {
    for (const job of jobs) {
      writeCsv(fileOf(job), days[0]!);
      const target = scimTarget(targets[job].url, { patch: 'never', concurrency: 8 });
      await installation.apply({ ...csvJob(job, { url: targets[job].url, thresholds: wholeFile }), target });
    }
    await Promise.all(jobs.map((job) => installation.cycleClosed(job)));
    for (let day = 1; killed.length < kills || day < 3; day++) {
      days.push(nextDay(days.at(-1)!, day));
      for (const job of jobs) writeCsv(fileOf(job), days.at(-1)!);
      await Promise.all(jobs.map((job) => installation.run(job)));
    }
    await killing;

    for (const job of jobs) {
      expect(accountsIn(targets[job].users())).toEqual(expectedAccounts(...days));
      const events = await installation.eventsAtRest(job);
      expect(checkLog(events)).toEqual([]);
      expect(openEscrows(events)).toEqual([]);
      expect((await installation.list(job, ExportFailed)).map(({ failure }) => failure)).toEqual([]);
    }
    expect(installation.troubles()).toEqual([]);
  } catch (error) {
    process.stderr.write(`E2E_SEED=${random.seed}; killed so far: ${killed.join(', ')}\n${installation.troubles().join('\n')}\n`);
    throw error;
  }
}, 180_000);
