import { beforeEach, describe, expect, test } from '@jest/globals';

import { type Asking, type RequestPace, type Turn, inTurn, nextTurn } from './request-pace.js';

/** Lets one request go at a time, and tells of everything. */
class OneAtATime implements RequestPace {
  readonly told: string[] = [];
  private isTaken = false;
  private readonly queue: (() => void)[] = [];

  constructor(private readonly suitsBoth = false) {}

  async take({ kind, urgent }: Asking): Promise<Turn> {
    if (this.isTaken) await new Promise<void>((resolve) => this.queue.push(resolve));
    this.isTaken = true;
    this.told.push(`${urgent ? 'urgent ' : ''}${kind}`);
    return { kind, suitsBoth: this.suitsBoth, finish: () => this.free('finished'), giveBack: () => this.free('given back') };
  }

  async close(): Promise<void> {
    this.told.push('closed');
  }

  private free(what: string): void {
    this.told.push(what);
    this.isTaken = false;
    this.queue.shift()?.();
  }
}

let pace: OneAtATime;
beforeEach(() => {
  pace = new OneAtATime();
});
const { signal } = new AbortController();
const request = async (kind: 'read' | 'write'): Promise<void> => (await nextTurn(pace, kind, signal)).finish(null);
const write = { kind: 'write', urgent: false, signal } as const;

describe('an operation', () => {
  test('makes its first request with the turn that it waited for, and takes another for the next', async () => {
    await inTurn(pace, write, async () => {
      await request('write');
      await request('write');
    });
    expect(pace.told).toEqual(['write', 'finished', 'write', 'finished']);
  });

  test('that begins with a request of the other kind holds none while it waits for one', async () => {
    await inTurn(pace, write, async () => {
      await request('read');
      await request('write');
    });
    expect(pace.told).toEqual(['write', 'given back', 'read', 'finished', 'write', 'finished']);
  });

  test('where a turn suits both kinds, keeps it', async () => {
    pace = new OneAtATime(true);
    await inTurn(pace, write, () => request('read'));
    expect(pace.told).toEqual(['write', 'finished']);
  });

  test('that makes no request, or fails, gives its turn back', async () => {
    await inTurn(pace, write, async () => undefined);
    await expect(inTurn(pace, write, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(pace.told).toEqual(['write', 'given back', 'write', 'given back']);
  });

  test('for somebody in person is urgent in all of its requests', async () => {
    await inTurn(pace, { ...write, urgent: true }, async () => {
      await request('write');
      await request('write');
    });
    expect(pace.told.filter((each) => each.startsWith('urgent'))).toHaveLength(2);
  });

  test('asks what has to come before, and holds no turn while it waits for that', async () => {
    let start = (): void => undefined;
    const started = new Promise<void>((resolve) => (start = resolve));
    let isStopped = true;
    const stopped = inTurn(pace, { ...write, before: () => (isStopped ? started : undefined) }, () => request('write'));
    await inTurn(pace, write, () => request('write')); // another's: the turn was free
    isStopped = false;
    start();
    await stopped;
    expect(pace.told).toEqual(['write', 'given back', 'write', 'finished', 'write', 'finished']);
  });

  test('is not begun when that forbids it, and a later request that had to wait neither', async () => {
    const forbidden = () => {
      throw new Error('the lease ran out');
    };
    await expect(inTurn(pace, { ...write, before: forbidden }, () => request('write'))).rejects.toThrow('the lease ran out');
    expect(pace.told).toEqual(['write', 'given back']);
    let asked = 0;
    const later = inTurn(pace, { ...write, before: () => (++asked > 1 ? forbidden() : undefined) }, async () => {
      await request('write');
      await request('write');
    });
    await expect(later).rejects.toThrow('the lease ran out');
    expect(pace.told.slice(2)).toEqual(['write', 'finished', 'write', 'given back']);
  });

  test('without a pace only asks what has to come before', async () => {
    let asked = 0;
    expect(await inTurn(null, { ...write, before: () => void (asked += 1) }, async () => 'done')).toBe('done');
    expect(asked).toBe(1);
  });
});
