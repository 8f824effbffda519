import type * as Jest from '@jest/globals';
import { ObjectExported, RetryDue, UnreadableEvent, configSubjects, everything, is, stageSubjects } from '@provident/contracts';
import { asJobId } from '@provident/domain';
import { eventually } from '@provident/testing';

import type { EventLog, UnreadableLogEvent } from '../event-log.js';
import { StaleWriter } from '../event-log.js';
import { collect } from './collect.js';
import { aJob, exported, objectFacts, newEvent, retryDue, subjectIn, tell } from './events.js';

/** A log under test: empty at the start of every test. */
export interface LogUnderTest {
  /** An empty log, made anew. */
  fresh(): Promise<EventLog>;
  /** Puts bytes into the log as somebody else's program might. */
  put(log: EventLog, subject: string, headers: Readonly<Record<string, string>>, body: string): Promise<unknown>;
  close(): Promise<void>;
}

const one = subjectIn('0', 'escrow-retrier');
const two = subjectIn('1', 'escrow-retrier');
const many = (count: number, lane = '0') => Array.from({ length: count }, (_, at) => retryDue(`${lane}-${at}`, { lane }));
const all =
  (log: EventLog, after = 0, batch?: number) =>
  (signal: AbortSignal) =>
    log.read({ filters: [everything], after, signal, ...(batch === undefined ? {} : { batch }) });
const ids = (events: readonly { readonly id: string }[]): string[] => events.map(({ id }) => id);

/** What every log keeps to, in memory or not. */
export function eventLogContract(name: string, open: () => Promise<LogUnderTest>): void {
  // Taken from the running jest: the import would fail wherever else this library's testing entry is loaded.
  const { afterAll, beforeAll, beforeEach, describe, expect, test } = globalThis as unknown as typeof Jest;

  describe(name, () => {
    let under: LogUnderTest;
    let log: EventLog;

    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under?.close());
    beforeEach(async () => {
      log = await under.fresh();
    });

    describe('an append', () => {
      test('gives events the sequences in which they stand', async () => {
        expect(
          await log.append(
            [retryDue('a'), retryDue('b', { lane: '1' })],
            new Map([
              [one, 0],
              [two, 0],
            ]),
          ),
        ).toEqual([1, 2]);
        expect(await log.append([retryDue('c', { lane: '1' })], new Map([[two, 2]]))).toEqual([3]);
        expect(await log.head()).toBe(3);
      });

      test('of nothing is nothing', async () => {
        expect(await log.append([], new Map())).toEqual([]);
        expect(await log.head()).toBe(0);
      });

      test.each([
        ['behind what somebody else said', 0],
        ['ahead of what was said', 2],
      ])('%s is refused and stores nothing', async (_, expected) => {
        await tell(log, retryDue('first'));
        await expect(log.append([retryDue('late')], new Map([[one, expected]]))).rejects.toBeInstanceOf(StaleWriter);
        expect(await log.head()).toBe(1);
      });

      test('of several subjects stores nothing when one of them has moved on', async () => {
        await tell(log, retryDue('x', { lane: '1' }));
        const events = [...many(3), ...many(3, '1')];
        await expect(
          log.append(
            events,
            new Map([
              [one, 0],
              [two, 0],
            ]),
          ),
        ).rejects.toBeInstanceOf(StaleWriter);
        expect(await log.head()).toBe(1);
        expect(
          await log.append(
            events,
            new Map([
              [one, 0],
              [two, 1],
            ]),
          ),
        ).toEqual([2, 3, 4, 5, 6, 7]);
      });

      test('may change between subjects at will', async () => {
        const events = ['0', '1', '0', '1', '0'].map((lane, at) => retryDue(`m-${at}`, { lane }));
        expect(
          await log.append(
            events,
            new Map([
              [one, 0],
              [two, 0],
            ]),
          ),
        ).toEqual([1, 2, 3, 4, 5]);
        expect((await log.findLast(one))?.sequence).toBe(5);
        expect((await log.findLast(two))?.sequence).toBe(4);
      });

      test('takes a thousand events and refuses more', async () => {
        const sequences = await log.append(many(1_000), new Map([[one, 0]]));
        expect([sequences.length, sequences[0], sequences.at(-1)]).toEqual([1_000, 1, 1_000]);
        await expect(log.append(many(1_001), new Map([[one, 1_000]]))).rejects.toThrow(RangeError);
        expect(await log.head()).toBe(1_000);
      });

      test('without saying what is expected is a bug, and stores nothing', async () => {
        await expect(log.append([retryDue('a'), retryDue('b', { lane: '1' })], new Map([[one, 0]]))).rejects.toThrow(
          /without saying what is expected/,
        );
        expect(await log.head()).toBe(0);
        expect(await tell(log, retryDue('c'))).toEqual([1]);
      });

      test('of two writers who saw the same lets one through', async () => {
        const results = await Promise.allSettled([
          log.append([retryDue('mine')], new Map([[one, 0]])),
          log.append([retryDue('yours')], new Map([[one, 0]])),
        ]);
        expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
        expect(await log.head()).toBe(1);
      });
    });

    test('tells what is stored', async () => {
      expect(await log.extent()).toEqual({ first: 0, last: 0, events: 0 });
      await tell(log, retryDue('one'), retryDue('two'));
      expect(await log.extent()).toEqual({ first: 1, last: 2, events: 2 });
    });

    describe('an event', () => {
      test('comes back as it was said', async () => {
        const said = exported('1001', { lane: '3', cause: 7, position: 6, at: '2026-03-01T08:00:00.123Z' });
        await tell(log, retryDue('before'), said);
        const expected = {
          sequence: 2,
          id: 'export.1001',
          type: 'object-exported',
          at: '2026-03-01T08:00:00.123Z',
          jobId: aJob,
          lane: '3',
          stage: 'exporter',
          cause: 7,
          position: 6,
          data: said.data,
          raw: new TextEncoder().encode(JSON.stringify(said.data)),
        };
        expect(await log.find(2)).toEqual(expected);
        expect(await log.findLast(subjectIn('3', 'exporter'))).toEqual(expected);
        expect((await collect(all(log, 1), 1)).events).toEqual([expected]);
      });

      test.each(['Żółć Łukasz 张伟 🙂', 'with space', '100 % : ; , "quoted"', 'line\r\nbreak: pv-cause', 'uid=jane,ou=people', '%41'])(
        'may be about %j',
        async (anchor) => {
          const facts = objectFacts(anchor);
          const event = newEvent(
            RetryDue,
            { ...facts, sourceId: anchor, displayName: anchor, firstFailedAt: '2026-03-01T08:00:00.000Z', wokenBy: 'person' },
            { id: `${anchor}.retry.1` },
          );
          await tell(log, event);
          const found = await log.find(1);
          expect([found?.id, found?.data, found?.cause]).toEqual([`${anchor}.retry.1`, event.data, 0]);
        },
      );

      test('may be large', async () => {
        const data = {
          ...objectFacts(),
          sourceId: 'x'.repeat(600_000),
          firstFailedAt: '2026-03-01T08:00:00.000Z',
          wokenBy: 'ladder' as const,
        };
        await tell(log, newEvent(RetryDue, data));
        expect((await log.find(1))?.data).toEqual(data);
      });
    });

    describe('looking up', () => {
      test('finds nothing in an empty log', async () => {
        expect([await log.head(), await log.find(1), await log.findLast(one), await log.findLast(configSubjects)]).toEqual([
          0,
          null,
          null,
          null,
        ]);
      });

      test('finds the newest on a subject, and on any that a pattern names', async () => {
        await tell(log, retryDue('a'), retryDue('b', { lane: '1' }), retryDue('c', { lane: '1' }), exported('d', { lane: '1' }));
        await tell(log, retryDue('e', { jobId: asJobId('another') }));
        const newest = async (subject: string) => (await log.findLast(subject))?.sequence ?? null;
        expect([await newest(one), await newest(two), await newest(stageSubjects(aJob, 'escrow-retrier'))]).toEqual([1, 3, 3]);
        expect([await newest(stageSubjects('*', 'escrow-retrier')), await newest(everything)]).toEqual([5, 5]);
        expect([await newest(configSubjects), await newest(subjectIn('9', 'exporter'))]).toEqual([null, null]);
      });

      test('of an event that this build cannot read says so', async () => {
        await under.put(log, one, { 'ce-type': 'provident.retry-due.v99', 'ce-id': 'x' }, '{}');
        await expect(log.find(1)).rejects.toBeInstanceOf(UnreadableEvent);
        await expect(log.findLast(one)).rejects.toBeInstanceOf(UnreadableEvent);
      });
    });

    describe('a reader', () => {
      test('gets what its filters name, in order, in batches of the size it asked for', async () => {
        for (let lane = 0; lane < 3; lane++) await tell(log, ...many(20, String(lane)));
        const { events, sizes } = await collect(
          (signal) => log.read({ filters: [two, subjectIn('2', 'escrow-retrier')], after: 0, signal, batch: 7 }),
          40,
        );
        expect(events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 40 }, (_, at) => at + 21));
        expect(Math.max(...sizes)).toBeLessThanOrEqual(7);
      });

      test('gets everything once, however much there is', async () => {
        for (let part = 0; part < 3; part++) await tell(log, ...many(900, String(part)));
        const { events } = await collect(all(log, 0, 128), 2_700);
        expect(events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 2_700 }, (_, at) => at + 1));
      });

      test('goes on behind the position that it names', async () => {
        await tell(log, ...many(10));
        expect(ids((await collect(all(log, 7), 3)).events)).toEqual(['retry.0-7', 'retry.0-8', 'retry.0-9']);
      });

      test('follows what comes, also when there was nothing at first', async () => {
        const stop = new AbortController();
        const seen: string[] = [];
        const reading = (async () => {
          for await (const events of log.read({ filters: [one], after: 0, signal: stop.signal })) seen.push(...ids(events));
        })();
        await tell(log, retryDue('a'), retryDue('hidden', { lane: '1' }));
        await eventually(() => seen.length === 1);
        await tell(log, retryDue('b'));
        await eventually(() => seen.length === 2);
        expect(seen).toEqual(['retry.a', 'retry.b']);
        stop.abort();
        await reading;
      });

      test('ends when the signal is given, while it waits and before it began', async () => {
        const stop = new AbortController();
        const reading = collect((signal) => log.read({ filters: [one], after: 0, signal: AbortSignal.any([signal, stop.signal]) }), 1);
        stop.abort();
        expect(await reading).toEqual({ events: [], sizes: [] });
        expect(await collect(() => log.read({ filters: [one], after: 0, signal: AbortSignal.abort() }), 1)).toEqual({
          events: [],
          sizes: [],
        });
      });

      test('that does not keep up loses nothing', async () => {
        const stop = new AbortController();
        const seen: number[] = [];
        const reading = (async () => {
          for await (const events of log.read({ filters: [everything], after: 0, signal: stop.signal, batch: 10 })) {
            await new Promise((resolve) => setImmediate(resolve));
            seen.push(...events.map(({ sequence }) => sequence));
            if (seen.length >= 300) stop.abort();
          }
        })();
        for (let part = 0; part < 30; part++) await tell(log, ...many(10, String(part)));
        await reading;
        expect(seen).toEqual(Array.from({ length: 300 }, (_, at) => at + 1));
      });

      test.each<[string, Record<string, string>, string, RegExp]>([
        ['no headers', {}, '{}', /without CloudEvents headers/],
        ['an unknown type', { 'ce-type': 'provident.nobody-knows.v1', 'ce-id': 'x' }, '{}', /unknown event type/],
        ['a newer version', { 'ce-type': 'provident.retry-due.v99', 'ce-id': 'x' }, '{}', /newer than version/],
        ['a body of another shape', { 'ce-type': 'provident.retry-due.v1', 'ce-id': 'x' }, '{"jobId":1}', /another shape/],
        ['a body that is no JSON', { 'ce-type': 'provident.retry-due.v1', 'ce-id': 'x' }, 'garbage', /not JSON/],
      ])('is told of a message with %s, and goes on', async (_, headers, body, reason) => {
        await tell(log, retryDue('a'));
        await under.put(log, one, headers, body);
        await tell2(log, retryDue('b'));
        const told: UnreadableLogEvent[] = [];
        const onUnreadable = (event: UnreadableLogEvent) => void told.push(event);
        const { events } = await collect((signal) => log.read({ filters: [one], after: 0, signal, onUnreadable }), 2);
        expect(ids(events)).toEqual(['retry.a', 'retry.b']);
        expect(told).toEqual([{ sequence: 2, subject: one, reason: expect.stringMatching(reason) }]);
        await expect(collect((signal) => log.read({ filters: [one], after: 0, signal }), 2)).rejects.toBeInstanceOf(UnreadableEvent);
      });

      test('of heads gets the brief of what has one, and no body', async () => {
        await tell(
          log,
          exported('a'),
          retryDue('b'),
          newEvent(
            RetryDue,
            { ...objectFacts('c', { attempt: 2, round: 1 }), sourceId: null, firstFailedAt: '2026-03-01T08:00:00.000Z', wokenBy: 'ladder' },
            { id: 'c' },
          ),
        );
        const { events } = await collect((signal) => log.readHeads({ filters: [everything], after: 0, signal }), 3);
        expect(events.map(({ brief }) => brief)).toEqual([
          { cycleId: 'c-1', attempt: 0, round: 0, outcome: 'create', failure: '-' },
          { cycleId: 'c-1', attempt: 0, round: 0, outcome: 'other', failure: '-' },
          { cycleId: 'c-1', attempt: 2, round: 1, outcome: 'other', failure: '-' },
        ]);
        expect(events.map((event) => [event.sequence, event.type, 'data' in event])).toEqual([
          [1, ObjectExported.type, false],
          [2, RetryDue.type, false],
          [3, RetryDue.type, false],
        ]);
      });
    });

    test('types what it reads', async () => {
      await tell(log, exported('a'));
      const event = await log.find(1);
      expect(event && is(event, ObjectExported) && event.data.targetId).toBe('t-a');
    });

    test('a log that was made anew has another name', async () => {
      expect((await under.fresh()).identity).not.toBe(log.identity);
    });
  });
}

/** As `tell`, where the newest event on the subject cannot be read. */
const tell2 = (log: EventLog, event: ReturnType<typeof retryDue>): Promise<number[]> => log.append([event], new Map([[one, 2]]));
