import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type LogEvent, RetryDue, objectLanes, subjectOf } from '@provident/contracts';
import { eventually } from '@provident/testing';
import fc from 'fast-check';

import { StaleWriter } from '../event-log.js';
import {
  type LaneRunOptions,
  MemoryLog,
  aJob,
  anInstant,
  objectFacts,
  retryDue,
  runLane,
  saidIn,
  subjectIn,
  tell,
} from '../testing/index.js';
import {
  type Answer,
  type Heard,
  type LaneContext,
  type LaneProgram,
  LeaseLost,
  type LaneSession,
  type Said,
  say,
} from './lane-program.js';

const output = subjectIn('0', 'exporter');

/** Something said about an object; `id` tells one word from another. */
const word = (id: string): Said =>
  say(RetryDue, id, 'user:x', { ...objectFacts('x'), sourceId: null, firstFailedAt: anInstant, wokenBy: 'person' });
const nameOf = (event: LogEvent): string => (event.data as { sourceId: string }).sourceId;
/** Inputs a, b, c … of that lane. */
const inputs = (log: MemoryLog, ...names: string[]) => tell(log, ...names.map((name) => retryDue(name, { stage: 'importer' })));

type Handle = (name: string, heard: Heard, context: LaneContext) => Answer | Promise<Answer>;

function program(handle: Handle, { window = 8, ...session }: Partial<LaneSession> & { window?: number } = {}): LaneProgram {
  return {
    stage: 'exporter',
    window,
    lanesOf: objectLanes,
    hears: ({ jobId, lane }) => [subjectOf(jobId, lane, 'importer')],
    open: async (context) => ({
      keyOf: (event) => nameOf(event).replace(/\d+$/, ''),
      handle: (heard) => handle(nameOf(heard.event), heard, context),
      ...session,
    }),
  };
}

/** Handlers that wait until they are told what to say; those that are still waiting at the end of a test fail. */
class Held {
  readonly begun: string[] = [];
  private readonly waiting = new Map<string, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();

  constructor(private readonly minds: 'abort' | 'nothing' = 'abort') {
    ends.push(() => this.waiting.forEach(({ reject }) => reject(new Error('the test is over'))));
  }

  readonly handle: Handle = (name, _, { signal }) => {
    this.begun.push(name);
    return new Promise((resolve, reject) => {
      this.waiting.set(name, { resolve, reject });
      if (this.minds === 'abort') signal.addEventListener('abort', () => reject(new Error('given up')), { once: true });
    });
  };

  answer(name: string, answer: Answer = [word(name)]): void {
    this.waiting.get(name)!.resolve(answer);
  }

  fail(name: string, error: Error): void {
    this.waiting.get(name)!.reject(error);
  }
}

let ends: (() => void)[] = [];
let log: MemoryLog;
let stops: (() => Promise<void>)[];
beforeEach(() => {
  log = new MemoryLog();
  stops = [];
  ends = [];
});
afterEach(async () => {
  log.fault = null;
  for (const end of ends) end();
  await Promise.allSettled(stops.map((stop) => stop()));
  jest.useRealTimers();
});

const run = (each: LaneProgram, options: LaneRunOptions = {}) => {
  const running = runLane(log, each, options);
  stops.push(running.stop);
  return running;
};
const said = (): string[] => saidIn(log, { stage: 'exporter' }).map(({ id }) => id);
const positions = (): number[] => saidIn(log, { stage: 'exporter' }).map(({ position }) => position);
const settle = async (): Promise<void> => {
  for (let turns = 0; turns < 30; turns++) await new Promise((resolve) => setImmediate(resolve));
};

describe('answers', () => {
  test('are appended in the order of the inputs, in whatever order the handlers finish', async () => {
    const held = new Held();
    run(program(held.handle));
    await inputs(log, 'a', 'b', 'c');
    await eventually(() => held.begun.length === 3);
    held.answer('c');
    held.answer('b');
    await settle();
    expect(said()).toEqual([]);
    held.answer('a');
    await eventually(() => said().length === 3);
    expect(said()).toEqual(['a', 'b', 'c']);
  });

  test('name the input that they answer, the time and the position', async () => {
    run(
      program((name) => (name === 'a' ? [word('a.1'), word('a.2')] : [word(name)])),
      { now: () => new Date('2026-03-01T00:00:00.000Z') },
    );
    await inputs(log, 'a');
    await eventually(() => said().length === 2);
    await inputs(log, 'b');
    await eventually(() => said().length === 3);
    const facts = saidIn(log, { stage: 'exporter' }).map(({ cause, position, at, stage, lane, jobId }) => ({
      cause,
      position,
      at,
      stage,
      lane,
      jobId,
    }));
    const where = { at: '2026-03-01T00:00:00.000Z', stage: 'exporter', lane: '0', jobId: aJob };
    expect(facts).toEqual([
      { cause: 1, position: 1, ...where },
      { cause: 1, position: 1, ...where },
      { cause: 4, position: 4, ...where },
    ]);
  });

  test('that are ready together travel in one append', async () => {
    const appends: number[] = [];
    log.fault = async (events, store) => {
      if (events[0]!.stage === 'exporter') appends.push(events.length);
      return store();
    };
    await inputs(log, 'a', 'b', 'c');
    run(program((name) => [word(name)]));
    await eventually(() => said().length === 3);
    expect(appends).toEqual([3]);
  });

  test('of nothing pass the input without an append, and are told to the session', async () => {
    const passed: number[] = [];
    await inputs(log, 'a', 'b');
    run(program(() => [], { passed: async (position) => void passed.push(position) }));
    await eventually(() => passed.at(-1) === 2);
    expect(said()).toEqual([]);
  });

  test('are settled in order, each before the next append', async () => {
    const order: string[] = [];
    log.fault = async (events, store) => {
      if (events[0]!.stage === 'exporter') order.push(`append ${events.map(({ id }) => id).join()}`);
      return store();
    };
    const settled = async (appended: readonly LogEvent[], position: number) => {
      await settle();
      order.push(`settled ${appended.map(({ id, sequence }) => `${id}@${sequence}`).join()} to ${position}`);
    };
    run(program((name) => [word(name)], { settled }));
    await inputs(log, 'a');
    await eventually(() => order.length > 0);
    await inputs(log, 'b');
    await eventually(() => order.length === 4);
    expect(order).toEqual(['append a', 'settled a@2 to 1', 'append b', 'settled b@4 to 3']);
  });

  test('of one input that are more than 500 are appended in parts, of which only the last moves the position', async () => {
    await inputs(log, 'a', 'b');
    run(program((name) => (name === 'b' ? Array.from({ length: 1_200 }, (_, at) => word(`b.${at}`)) : [word(name)])));
    await eventually(() => said().length === 1_201);
    expect(said().slice(1)).toEqual(Array.from({ length: 1_200 }, (_, at) => `b.${at}`));
    expect([0, 1, 2].map((position) => positions().filter((each) => each === position).length)).toEqual([0, 1_001, 200]);
  });

  test('that stand before a large one are not said again when the process dies among its parts', async () => {
    await inputs(log, 'a', 'b', 'c');
    const large = program((name) => (name === 'c' ? Array.from({ length: 700 }, (_, at) => word(`c.${at}`)) : [word(name)]));
    let appends = 0;
    log.fault = async (events, store) => {
      if (events.at(-1)!.id === 'c.699') throw new Error('died');
      appends++;
      return store();
    };
    await expect(run(large).ended).rejects.toThrow('died');
    expect(appends).toBeGreaterThan(0);
    log.fault = null;
    run(large);
    await eventually(() => said().at(-1) === 'c.699');
    expect(said().filter((id) => id === 'a' || id === 'b')).toEqual(['a', 'b']);
  });
});

describe('inputs', () => {
  test('of one object are handled one after another, others at once', async () => {
    const held = new Held();
    run(program(held.handle));
    await inputs(log, 'a1', 'b1', 'a2', 'c1');
    await eventually(() => held.begun.length === 3);
    await settle();
    expect(held.begun).toEqual(['a1', 'b1', 'c1']);
    held.answer('a1');
    await eventually(() => held.begun.length === 4);
    expect(held.begun.at(-1)).toBe('a2');
  });

  test('are handled so many at once as the window allows, and not one more', async () => {
    const held = new Held();
    run(program(held.handle, { window: 3 }));
    await inputs(log, 'a', 'b', 'c', 'd', 'e');
    await eventually(() => held.begun.length === 3);
    held.answer('b'); // finished, but not told yet
    await settle();
    expect(held.begun).toEqual(['a', 'b', 'c']);
    held.answer('a');
    await eventually(() => held.begun.length === 5);
  });

  test('that are answered together with the next do not move the position by themselves', async () => {
    const passed: number[] = [];
    const pairs = program((name) => (name.endsWith('1') ? 'together' : [word(name)]), {
      passed: async (position) => void passed.push(position),
    });
    const first = run(pairs);
    await inputs(log, 'a1', 'a2', 'b1');
    await eventually(() => said().length === 1);
    await settle();
    expect([positions(), passed]).toEqual([[2], []]);
    await first.stop();

    const heard: string[] = [];
    run(program((name) => (heard.push(name), name.endsWith('1') ? 'together' : [word(name)])));
    await inputs(log, 'b2');
    await eventually(() => said().length === 2);
    expect(heard).toEqual(['b1', 'b2']);
    expect(said()).toEqual(['a2', 'b2']);
  });
});

describe('a run', () => {
  test('begins right behind the last output of its stage', async () => {
    await inputs(log, 'a', 'b', 'c');
    const held = new Held();
    const first = run(program(held.handle));
    await eventually(() => held.begun.length === 3);
    held.answer('a');
    held.answer('c');
    await eventually(() => said().length === 1);
    held.fail('b', new Error('died'));
    await expect(first.ended).rejects.toThrow('died');

    const heard: string[] = [];
    run(program((name) => (heard.push(name), [word(name)])));
    await eventually(() => said().length === 3);
    expect([heard, said()]).toEqual([
      ['b', 'c'],
      ['a', 'b', 'c'],
    ]);
  });

  test('begins later when its session knows that nothing needs a word until there, and not earlier', async () => {
    await inputs(log, 'a', 'b', 'c');
    const heard: string[] = [];
    const listen = (startAfter: number) => program((name) => (heard.push(name), [word(name)]), { startAfter });
    const first = run(listen(2));
    await eventually(() => said().length === 1);
    expect(heard).toEqual(['c']);
    await first.stop();
    run(listen(1));
    await inputs(log, 'd');
    await eventually(() => said().length === 2);
    expect(heard).toEqual(['c', 'd']);
  });

  test('that another instance has overtaken ends and stores nothing', async () => {
    const held = new Held();
    const stale = run(program(held.handle));
    await inputs(log, 'a');
    await eventually(() => held.begun.length === 1);
    await tell(log, retryDue('theirs', { stage: 'exporter', id: 'theirs', position: 1 }));
    held.answer('a');
    await expect(stale.ended).rejects.toBeInstanceOf(StaleWriter);
    expect(said()).toEqual(['theirs']);
  });

  test('whose append was stored without an answer ends, and the next says nothing twice', async () => {
    await inputs(log, 'a', 'b');
    log.fault = async (_, store) => {
      store();
      throw new Error('no answer');
    };
    await expect(run(program((name) => [word(name)])).ended).rejects.toThrow('no answer');
    log.fault = null;
    run(program((name) => [word(name)]));
    await inputs(log, 'c');
    await eventually(() => said().includes('c'));
    expect(said()).toEqual(['a', 'b', 'c']);
  });

  test('whose append was lost says nothing more: what it would say would pass over the lost answers', async () => {
    const held = new Held('nothing');
    const first = run(program(held.handle));
    await inputs(log, 'a', 'b');
    await eventually(() => held.begun.length === 2);
    log.fault = async () => {
      log.fault = null;
      throw new Error('lost');
    };
    held.answer('a');
    await eventually(() => log.fault === null);
    await settle();
    held.answer('b'); // finishes while the run is ending
    await expect(first.ended).rejects.toThrow('lost');
    expect(said()).toEqual([]);
    run(program((name) => [word(name)]));
    await eventually(() => said().length === 2);
    expect(said()).toEqual(['a', 'b']);
  });

  test.each([
    [
      'at once',
      () => {
        throw new Error('a bug');
      },
    ],
    [
      'later',
      async () => {
        await settle();
        throw new Error('a bug');
      },
    ],
  ])('whose handler fails %s ends with that error', async (_, handle) => {
    await inputs(log, 'a');
    await expect(run(program(handle as Handle)).ended).rejects.toThrow('a bug');
    expect(said()).toEqual([]);
  });

  test('whose session cannot remember ends with that error, and the next goes on behind what was said', async () => {
    await inputs(log, 'a');
    const failing = program((name) => [word(name)], { settled: () => Promise.reject(new Error('no database')) });
    await expect(run(failing).ended).rejects.toThrow('no database');
    const heard: string[] = [];
    run(program((name) => (heard.push(name), [word(name)])));
    await inputs(log, 'b');
    await eventually(() => said().length === 2);
    expect(heard).toEqual(['b']);
  });

  test('that fails tells its running effects to give up', async () => {
    const held = new Held();
    const given: AbortSignal[] = [];
    const failing = run(program((name, heard, context) => (given.push(context.signal), held.handle(name, heard, context))));
    await inputs(log, 'a', 'b');
    await eventually(() => given.length === 2);
    held.fail('b', new LeaseLost('gone'));
    await eventually(() => given[0]!.aborted);
    held.fail('a', new Error('given up'));
    await expect(failing.ended).rejects.toBeInstanceOf(LeaseLost);
  });

  test('closes its session whatever ended it', async () => {
    let closed = 0;
    const close = async (): Promise<void> => void closed++;
    await inputs(log, 'a');
    await expect(run(program(() => Promise.reject(new Error('a bug')), { close })).ended).rejects.toThrow('a bug');
    await run(program((name) => [word(name)], { close })).stop();
    expect(closed).toBe(2);
  });
});

describe('a graceful stop', () => {
  test('begins nothing new, lets what is running finish, and tells of it', async () => {
    const held = new Held();
    const running = run(program(held.handle, { window: 2 }));
    await inputs(log, 'a', 'b', 'c');
    await eventually(() => held.begun.length === 2);
    const stopped = running.stop();
    await settle();
    held.answer('b');
    held.answer('a');
    await stopped;
    expect([held.begun, said()]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  test('begins nothing for an object whose earlier input is still being handled', async () => {
    const held = new Held();
    const running = run(program(held.handle));
    await inputs(log, 'a1', 'a2');
    await eventually(() => held.begun.length === 1);
    await settle();
    const stopped = running.stop();
    held.answer('a1');
    await stopped;
    expect([held.begun, said()]).toEqual([['a1'], ['a1']]);
  });

  test('gives up after a few seconds what does not finish, tells what did, and is no failure', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'performance', 'queueMicrotask'] });
    const handle: Handle = (name, _, { signal }) =>
      name === 'a'
        ? [word('a')]
        : new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));
    const running = run(program(handle));
    await inputs(log, 'a', 'b');
    for (let turns = 0; turns < 100 && said().length === 0; turns++) await new Promise((resolve) => setImmediate(resolve));
    let ended = false;
    const stopped = running.stop().then(() => (ended = true));
    await settle();
    expect(ended).toBe(false);
    await jest.advanceTimersByTimeAsync(5_000);
    await stopped;
    expect(said()).toEqual(['a']);
  });

  test('before the first input is read ends at once', async () => {
    await run(program((name) => [word(name)])).stop();
    expect(said()).toEqual([]);
  });
});

describe('doubt', () => {
  const doubts = (window: number, silent: (name: string) => boolean = () => false) => {
    const seen: Record<string, boolean> = {};
    const each = program((name, { inDoubt }) => ((seen[name] = inDoubt), silent(name) ? [] : [word(name)]), { window });
    return { each, seen };
  };

  test('is on the first inputs after a takeover, as many as an earlier instance may have had in hand', async () => {
    await inputs(log, 'a', 'b', 'c', 'd', 'e');
    const { each, seen } = doubts(3);
    run(each);
    await eventually(() => said().length === 5);
    expect(seen).toEqual({ a: true, b: true, c: true, d: false, e: false });
  });

  test('is on nothing that came after the takeover', async () => {
    await inputs(log, 'a');
    const { each, seen } = doubts(3);
    run(each);
    await eventually(() => said().length === 1);
    await inputs(log, 'b');
    await eventually(() => said().length === 2);
    expect(seen).toEqual({ a: true, b: false });
  });

  test('is not used up by inputs that need no word: nothing tells how far an earlier instance had passed them', async () => {
    await inputs(log, ...Array.from({ length: 20 }, (_, at) => `quiet${at}`), 'a', 'b', 'c', 'd', 'e');
    const { each, seen } = doubts(3, (name) => name.startsWith('quiet'));
    run(each);
    await eventually(() => said().length === 5);
    expect([seen['a'], seen['b'], seen['c'], seen['d'], seen['e']]).toEqual([true, true, true, false, false]);
  });
});

describe('what is due by the clock', () => {
  const realTurns = async (until: () => boolean) => {
    for (let turns = 0; turns < 500 && !until(); turns++) await new Promise((resolve) => setImmediate(resolve));
  };

  test('is said without an input and leaves the position where it is', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'performance', 'queueMicrotask'] });
    await inputs(log, 'a');
    let due = [[word('due.1'), word('due.2')]];
    run(program((name) => [word(name)], { due: async () => due.pop() ?? [] }));
    await realTurns(() => said().length === 1);
    await jest.advanceTimersByTimeAsync(1_000);
    await realTurns(() => said().length === 3);
    await inputs(log, 'b');
    await realTurns(() => said().length === 4);
    expect(said()).toEqual(['a', 'due.1', 'due.2', 'b']);
    expect(saidIn(log, { stage: 'exporter' }).map(({ cause, position }) => [cause, position])).toEqual([
      [1, 1],
      [0, 1],
      [0, 1],
      [5, 5],
    ]);
    due = [];
  });

  test('ends the run when it cannot be found out', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'performance', 'queueMicrotask'] });
    const running = run(program((name) => [word(name)], { due: () => Promise.reject(new Error('no clock')) }));
    await settle();
    await jest.advanceTimersByTimeAsync(1_000);
    await expect(running.ended).rejects.toThrow('no clock');
  });
});

test('every input is answered once and in order, whatever fails and however often', async () => {
  const story = fc.record({
    sizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }),
    window: fc.integer({ min: 2, max: 6 }),
    kinds: fc.array(fc.constantFrom('one', 'one', 'one', 'two', 'none'), { minLength: 7, maxLength: 7 }),
    turns: fc.array(fc.nat(4), { minLength: 5, maxLength: 5 }),
    /** What happens at the n-th append: as often as not nothing. */
    faults: fc.array(fc.constantFrom('fine', 'fine', 'fine', 'lost', 'unanswered', 'slow', 'bug'), { maxLength: 12 }),
    crashes: fc.array(fc.nat(30), { maxLength: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(story, async ({ sizes, window, kinds, turns, faults, crashes }) => {
      const own = new MemoryLog();
      const pending = [...faults];
      own.fault = async (events, store) => {
        if (events[0]!.stage !== 'exporter') return store();
        const fault = pending.shift() ?? 'fine';
        if (fault === 'slow') await settle();
        if (fault === 'lost') throw new Error('lost');
        const sequences = store();
        if (fault === 'unanswered') throw new Error('unanswered');
        return sequences;
      };
      const crashAt = new Set(crashes);
      let calls = 0;
      const each = program(
        async (name) => {
          const at = Number(/\d+$/.exec(name)![0]);
          const call = calls++;
          for (let turn = 0; turn < turns[at % turns.length]!; turn++) await new Promise((resolve) => setImmediate(resolve));
          if (crashAt.delete(call)) throw new Error('crashed');
          const kind = kinds[at % kinds.length]!;
          if (kind === 'none') return [];
          return kind === 'two' ? [word(`${name}.1`), word(`${name}.2`)] : [word(name)];
        },
        { window },
      );
      const total = sizes.reduce((sum, size) => sum + size, 0);
      const expected = Array.from({ length: total }, (_, at) => at).flatMap((at) => {
        const kind = kinds[at % kinds.length]!;
        const name = `${'xyz'[at % 3]}${at}`;
        return kind === 'none' ? [] : kind === 'two' ? [`${name}.1`, `${name}.2`] : [name];
      });
      const stop = new AbortController();
      const pool = (async () => {
        while (!stop.signal.aborted) {
          const running = runLane(own, each);
          const end = () => void running.stop().catch(() => undefined);
          stop.signal.addEventListener('abort', end);
          if (stop.signal.aborted) end();
          await running.ended.catch(() => undefined);
          stop.signal.removeEventListener('abort', end);
        }
      })();
      let told = 0;
      for (const size of sizes) {
        await tell(own, ...Array.from({ length: size }, () => retryDue(`${'xyz'[told % 3]}${told++}`, { stage: 'importer' })));
        await settle();
      }
      const ids = () => saidIn(own, { stage: 'exporter' }).map(({ id }) => id);
      await eventually(() => ids().length >= expected.length, { timeoutMs: 1_500, intervalMs: 1 }).catch(() => undefined);
      await settle();
      stop.abort();
      await pool;
      expect(ids()).toEqual(expected);
    }),
    { numRuns: 60, interruptAfterTimeLimit: 30_000 },
  );
}, 60_000);

test('two instances that work on one lane at the same time answer every input once', async () => {
  const names = Array.from({ length: 60 }, (_, at) => `${'abc'[at % 3]}${at}`);
  const stop = new AbortController();
  const slow = (turns: number) =>
    program(
      async (name) => {
        for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
        return [word(name)];
      },
      { window: 4 },
    );
  const pools = [1, 3].map(async (turns) => {
    while (!stop.signal.aborted) {
      const running = runLane(log, slow(turns));
      stop.signal.addEventListener('abort', () => void running.stop().catch(() => undefined), { once: true });
      await running.ended.catch((error: unknown) => expect(error).toBeInstanceOf(StaleWriter));
    }
  });
  try {
    for (let from = 0; from < names.length; from += 6) {
      await inputs(log, ...names.slice(from, from + 6));
      await settle();
    }
    await eventually(() => said().length >= names.length);
  } finally {
    stop.abort();
  }
  await Promise.all(pools);
  expect(said()).toEqual(names);
  expect((await log.findLast(output))?.position).toBeGreaterThan(0);
});
