import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { LogReplaced, StaleWriter } from '@provident/bus';
import { MemoryLog, retryDue, subjectIn, tell } from '@provident/bus/testing';
import { type TestDatabase, testDatabase } from '@provident/embedded/testing';
import { eventually } from '@provident/testing';
import { type DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';

import { openDatabase } from './database.js';
import { FoldPosition, StateFold, addLandmark, foldPositionTable } from './state-fold.js';

class Tables1764000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(foldPositionTable);
    await runner.query(addLandmark);
    await runner.query('CREATE TABLE folded (sequence bigint PRIMARY KEY)');
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE folded, fold_position');
  }
}

let server: TestDatabase;
let database: DataSource;
let log: MemoryLog;
let stop: AbortController;
beforeAll(async () => {
  server = await testDatabase();
  database = await openDatabase({ url: server.url, schema: 'spec', entities: [FoldPosition], migrations: [Tables1764000000001] });
}, 60_000);
afterAll(async () => {
  await database?.destroy();
  await server?.drop();
});
beforeEach(async () => {
  await database.query('TRUNCATE folded, fold_position');
  log = new MemoryLog();
  stop = new AbortController();
});
afterEach(() => stop.abort());

const filters = [subjectIn('0', 'escrow-retrier'), subjectIn('1', 'escrow-retrier')];
/** Fails at events about that person. */
let poison: string | null = null;
const open = (on = log) =>
  StateFold.open(on, database, {
    name: 'spec',
    filters,
    apply: async (events, manager) => {
      for (const { sequence, id } of events) {
        await manager.query('INSERT INTO folded VALUES ($1)', [sequence]);
        if (poison !== null && id === `retry.${poison}`) throw new Error('poison');
      }
    },
  });
afterEach(() => {
  poison = null;
});
const rows = async () =>
  (await database.query<{ sequence: string }[]>('SELECT sequence FROM folded ORDER BY sequence')).map((row) => Number(row.sequence));
const stored = async () =>
  (await database.query<{ sequence: string; passed: string }[]>('SELECT sequence, passed FROM fold_position'))[0] ?? null;

describe('folding', () => {
  test('catches up with what its filters name, and goes on behind that after a restart', async () => {
    await tell(log, retryDue('a'), retryDue('x', { lane: '7' }), retryDue('b', { lane: '1' }));
    const first = await open();
    await first.catchUp(stop.signal);
    expect([await rows(), first.position]).toEqual([[1, 3], 3]);
    await tell(log, retryDue('c'));
    const second = await open();
    expect(second.position).toBe(3);
    await second.catchUp(stop.signal);
    expect(await rows()).toEqual([1, 3, 4]);
  });

  test('catches up with nothing at once', async () => {
    const fold = await open();
    await fold.catchUp(stop.signal);
    expect([fold.position, await stored()]).toEqual([0, null]);
  });

  test('puts rows and position there together or not at all', async () => {
    await tell(log, retryDue('a'));
    const fold = await open();
    await fold.catchUp(stop.signal);
    await tell(log, retryDue('b'), retryDue('bad'));
    poison = 'bad';
    await expect(fold.catchUp(stop.signal)).rejects.toThrow('poison');
    expect([await rows(), (await stored())?.sequence, fold.position]).toEqual([[1], '1', 1]);
    poison = null;
    await (await open()).catchUp(stop.signal);
    expect(await rows()).toEqual([1, 2, 3]);
  });

  test('takes what it is given once, whether or not it was read already', async () => {
    await tell(log, retryDue('a'), retryDue('b'));
    const fold = await open();
    await fold.take(log.events);
    await fold.take(log.events);
    expect(await rows()).toEqual([1, 2]);
  });

  test('follows the log, and tells whoever waits for a place in it', async () => {
    const fold = await open();
    const running = fold.run(stop.signal);
    let reached = false;
    const waiting = fold.waitFor(2).then(() => (reached = true));
    await tell(log, retryDue('a'));
    await eventually(async () => (await rows()).length === 1);
    expect(reached).toBe(false);
    await tell(log, retryDue('b'));
    await waiting;
    expect(await rows()).toEqual([1, 2]);
    await fold.waitFor(1);
    stop.abort();
    await running;
  });

  test('by two instances at once is refused to the one that is behind, and leaves the tables as they were', async () => {
    await tell(log, retryDue('a'), retryDue('b'), retryDue('c'));
    const [behind, ahead] = [await open(), await open()];
    await ahead.take(log.events);
    await expect(behind.take(log.events.slice(0, 1))).rejects.toBeInstanceOf(StaleWriter);
    expect([await rows(), (await stored())?.sequence]).toEqual([[1, 2, 3], '3']);
    const results = await Promise.allSettled(
      [await open(), await open()].map(async (each) => {
        await tellOnce();
        await each.take(log.events);
      }),
    );
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});

let told: Promise<unknown> | null = null;
const tellOnce = () => (told ??= tell(log, retryDue('d')));

describe('a log that is not the one that was folded', () => {
  beforeEach(async () => {
    await tell(log, retryDue('a'), retryDue('b'));
    await (await open()).catchUp(stop.signal);
  });

  test('is refused with the remedy when it was made anew', async () => {
    const other = new MemoryLog();
    await tell(other, retryDue('x'), retryDue('y'), retryDue('z'));
    const refused = open(other);
    await expect(refused).rejects.toBeInstanceOf(LogReplaced);
    await expect(refused).rejects.toThrow(/provident restore --present-log/);
  });

  test('is refused when it went back to an older state', async () => {
    const older = new MemoryLog(log.identity);
    await tell(older, retryDue('a'));
    await expect(open(older)).rejects.toBeInstanceOf(LogReplaced);
  });

  test('is refused when it went back behind inputs that needed no word', async () => {
    await tell(log, retryDue('quiet-1', { lane: '8' }), retryDue('quiet-2', { lane: '8' }));
    await (await open()).notePassed(4);
    const older = new MemoryLog(log.identity);
    await tell(older, retryDue('a'), retryDue('b'), retryDue('quiet-1', { lane: '8' }));
    await expect(open(older)).rejects.toBeInstanceOf(LogReplaced);
    expect((await open()).position).toBe(2);
  });

  const at = '2026-01-02T03:04:05.678Z';
  test.each(['its own words', 'inputs that needed no word'])(
    'is refused when it went back behind %s, and was written on past them',
    async (what) => {
      await tell(log, retryDue('quiet-1', { lane: '8' }));
      const older = new MemoryLog(log.identity);
      await tell(older, retryDue('a'), ...(what === 'its own words' ? [] : [retryDue('b')]));
      if (what !== 'its own words') await (await open()).notePassed(3);
      await tell(older, ...['a', 'b', 'c'].map((id) => ({ ...retryDue(`later-${id}`), at })));
      const refused = open(older);
      await expect(refused).rejects.toBeInstanceOf(LogReplaced);
      await expect(refused).rejects.toThrow(/written on since.*provident restore --present-log/);
      expect((await open()).position).toBe(2);
    },
  );

  test('is not told by a position without an event, as earlier versions left it', async () => {
    await database.query('UPDATE fold_position SET landmark = NULL');
    const other = new MemoryLog(log.identity);
    await tell(other, retryDue('x'), retryDue('y'), retryDue('z'));
    const fold = await open(other);
    expect(fold.position).toBe(2);
    await fold.catchUp(stop.signal);
    await expect(open()).rejects.toBeInstanceOf(LogReplaced);
  });
});

describe('inputs that needed no word', () => {
  test('are kept over a restart, now and then, apart from the position', async () => {
    await tell(log, ...Array.from({ length: 9 }, (_, at) => retryDue(String(at), { lane: '8' })));
    const fold = await open();
    await fold.notePassed(5);
    await fold.notePassed(9); // too soon to be written again
    expect([fold.passed, await stored()]).toEqual([9, { sequence: '0', passed: '5' }]);
    const next = await open();
    expect([next.position, next.passed]).toEqual([0, 5]);
  });

  test('do not keep events from being folded', async () => {
    await tell(log, retryDue('a'), retryDue('b'));
    const fold = await open();
    await fold.notePassed(2);
    await (await open()).catchUp(stop.signal);
    expect([await rows(), await stored()]).toEqual([[1, 2], { sequence: '2', passed: '2' }]);
  });
});

describe('the database', () => {
  test('is brought up to date once by instances that start at the same time', async () => {
    const options = { url: server.url, schema: 'turns', entities: [FoldPosition], migrations: [Tables1764000000001] };
    const sources = await Promise.all([1, 2, 3].map(() => openDatabase(options)));
    expect(await sources[0]!.query('SELECT count(*)::int AS count FROM migrations')).toEqual([{ count: 1 }]);
    await Promise.all(sources.map((source) => source.destroy()));
  });

  test('keeps the schemas of services apart', async () => {
    const other = await openDatabase({ url: server.url, schema: 'apart', entities: [FoldPosition], migrations: [Tables1764000000001] });
    await other.query('INSERT INTO folded VALUES (99)');
    expect(await rows()).toEqual([]);
    await other.destroy();
  });
});
