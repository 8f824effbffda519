import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { plots, Story, type TestReadModels, testReadModels } from '@provident/projection/testing';

import type { LogSource } from './log-source.js';
import { LogBranchedOff, LogWentBack, ProjectorLoop } from './projector-loop.js';
import { TestLog } from './testing/test-log.js';

const { events } = new Story().configured().cycle(plots.map((plot, i) => ({ plot, id: `E-${i}` })));
const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };

let models: TestReadModels;
let ending: AbortController;
const loopOf = (log: LogSource): ProjectorLoop =>
  new ProjectorLoop(models.dataSource, log, { schema: models.schema, logger, standbyMs: 20, pausesMs: { first: 10, longest: 50 } });
const position = async (): Promise<number> =>
  (await models.dataSource.query('select sequence from position where version > 0'))[0]?.sequence ?? 0;

async function reaches(sequence: number): Promise<void> {
  for (const until = Date.now() + 10_000; (await position()) !== sequence; ) {
    if (Date.now() > until) throw new Error(`the position is ${await position()}, not ${sequence}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

beforeEach(async () => {
  models = await testReadModels();
  ending = new AbortController();
}, 120_000);
afterEach(async () => {
  ending.abort();
  await models.close();
});

test('projects what is there and what comes, and goes on behind it after a restart', async () => {
  const log = new TestLog().append(events.slice(0, 20));
  const first = loopOf(log).run(ending.signal);
  await reaches(20);
  log.append(events.slice(20, 40));
  await reaches(40);
  ending.abort();
  await first;
  ending = new AbortController();
  const second = loopOf(log.append(events.slice(40))).run(ending.signal);
  await reaches(events.length);
  ending.abort();
  await second;
  expect(log.asked).toEqual([0, 40]);
});

test('a second instance stands by, and takes over when the first ends', async () => {
  const [one, two] = [new TestLog().append(events), new TestLog().append(events.slice(0, 0))];
  const holder = new AbortController();
  const first = loopOf(one).run(holder.signal);
  await reaches(events.length);
  const second = loopOf(two.append(events)).run(ending.signal);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(two.asked).toEqual([]);
  holder.abort();
  await first;
  for (const until = Date.now() + 5_000; two.asked.length === 0 && Date.now() < until; )
    await new Promise((resolve) => setTimeout(resolve, 10));
  expect(two.asked).toEqual([events.length]);
  ending.abort();
  await second;
});

test('goes on when its connection is cut', async () => {
  const log = new TestLog().append(events.slice(0, 20));
  const running = loopOf(log).run(ending.signal);
  await reaches(20);
  await models.dataSource.query(`
    select pg_terminate_backend(pid) from pg_locks
    where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database()) and pid <> pg_backend_pid()
      and objid = hashtext('provident projector ${models.schema}')::bigint & 4294967295`);
  log.append(events.slice(20));
  await reaches(events.length);
  ending.abort();
  await running;
  expect(log.asked.length).toBeGreaterThan(1);
});

test('refuses a log that went back, and one that is another', async () => {
  const log = new TestLog().append(events);
  const running = loopOf(log).run(ending.signal);
  await reaches(events.length);
  ending.abort();
  await running;
  const { signal } = new AbortController();
  await expect(loopOf(new TestLog().append(events.slice(0, 10))).run(signal)).rejects.toThrow(LogWentBack);
  const other = Object.assign(new TestLog().append(events), { identity: 'another' });
  await expect(loopOf(other).run(signal)).rejects.toThrow('log another');
});

test('refuses a log that went back and was written on past the position', async () => {
  const running = loopOf(new TestLog().append(events.slice(0, 20))).run(ending.signal);
  await reaches(20);
  ending.abort();
  await running;
  const { signal } = new AbortController();
  const branched = new TestLog().append(events.map((event) => (event.sequence > 15 ? { ...event, id: `another-${event.id}` } : event)));
  const refused = loopOf(branched).run(signal);
  await expect(refused).rejects.toThrow(LogBranchedOff);
  await expect(refused).rejects.toThrow(/projected up to 20 of this log, but event 20 .* written on since/);
  expect(branched.asked).toEqual([]);
});

test('goes on from a position of which nobody noted the event, and from one that the log does not hold any more', async () => {
  const running = loopOf(new TestLog().append(events.slice(0, 20))).run(ending.signal);
  await reaches(20);
  ending.abort();
  await running;
  ending = new AbortController();
  const cut = loopOf(new TestLog().append(events.slice(20, 30))).run(ending.signal);
  await reaches(30);
  ending.abort();
  await cut;
  await models.dataSource.query('delete from landmark');
  ending = new AbortController();
  const unmarked = loopOf(new TestLog().append(events)).run(ending.signal);
  await reaches(events.length);
  ending.abort();
  await unmarked;
  expect((await models.dataSource.query<{ event: string }[]>('select event from landmark'))[0]?.event).toContain(events.at(-1)!.id);
});

test('rebuilds read models of another version by itself', async () => {
  const log = new TestLog().append(events);
  const running = loopOf(log).run(ending.signal);
  await reaches(events.length);
  ending.abort();
  await running;
  const rows = await models.dump();
  await models.dataSource.query('update position set version = 0');
  await models.dataSource.query('delete from provisioning_entry');
  ending = new AbortController();
  const again = loopOf(log).run(ending.signal);
  await reaches(events.length);
  ending.abort();
  await again;
  expect(log.asked).toEqual([0, 0]);
  expect(await models.dump()).toEqual(rows);
});

describe('a long rebuild', () => {
  const indexes = async (): Promise<string[]> =>
    (
      await models.dataSource.query(
        `select indexname as name from pg_indexes where schemaname = current_schema() and tablename !~ '_\\d+$' order by 1`,
      )
    ).map(({ name }: { name: string }) => name);
  const rebuild = (log: LogSource): Promise<void> =>
    new ProjectorLoop(models.dataSource, log, { schema: models.schema, logger, longRebuild: 10 }).run(ending.signal);

  /** As many indexes as at first, or fewer: looked at until it is so. */
  async function has(wanted: readonly string[]): Promise<void> {
    for (const until = Date.now() + 10_000; ; await new Promise((resolve) => setTimeout(resolve, 10))) {
      const there = await indexes();
      if (there.join() === wanted.join()) return;
      if (Date.now() > until) expect(there).toEqual(wanted);
    }
  }

  test('does without the indexes that only questions need, and makes them again at its end', async () => {
    const all = await indexes();
    const log = new TestLog().append(events);
    log.head = async () => events.length + 1; // one event is not there yet
    const running = rebuild(log);
    await reaches(events.length);
    const meanwhile = await indexes();
    expect(meanwhile).toContain('audit_event_object');
    expect(meanwhile).not.toContain('provisioning_entry_job');
    log.append([{ ...events[0]!, id: 'one-more', sequence: events.length + 1 }]);
    await has(all);
    ending.abort();
    await running;
  });

  test('that was broken off has its indexes made by the successor', async () => {
    const all = await indexes();
    const log = new TestLog().append(events.slice(0, 20));
    log.head = async () => events.length;
    const first = rebuild(log);
    await reaches(20);
    ending.abort();
    await first;
    expect((await indexes()).length).toBeLessThan(all.length);
    ending = new AbortController();
    const second = loopOf(new TestLog().append(events)).run(ending.signal);
    await has(all);
    await reaches(events.length);
    ending.abort();
    await second;
  });
});
