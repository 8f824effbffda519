import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { LeaseLost } from '@provident/bus';
import { MemoryTarget } from '@provident/connectors/testing';
import { objectKeyOf } from '@provident/domain';

import { type Decision, decision, openedTarget } from './testing/decisions.js';
import { type WriteContext, writeToTarget } from './write-to-target.js';

let target: MemoryTarget;
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
  target = new MemoryTarget();
});
afterEach(() => void jest.useRealTimers());

/** Lets the pauses between attempts pass. */
async function patiently<Result>(work: Promise<Result>): Promise<Result> {
  let ended = false;
  const noteEnd = (): void => void (ended = true);
  work.then(noteEnd, noteEnd);
  while (!ended) {
    await new Promise(setImmediate);
    await jest.advanceTimersByTimeAsync(1_000);
  }
  return work;
}

const write = (what: Decision, context: Partial<WriteContext> = {}) =>
  writeToTarget(what, {
    target: openedTarget(target),
    inDoubt: false,
    signal: new AbortController().signal,
    assertHeld: () => undefined,
    untilStarted: () => undefined,
    begin: () => true,
    ...context,
  });
const accounts = () => [...target.accounts].map(([id, { attributes, active }]) => [id, attributes, active]);

describe('creating', () => {
  test('writes the values and gives back the id', async () => {
    expect(await write(decision('create'))).toEqual({ outcome: 'written', targetId: 't-1' });
    expect(accounts()).toEqual([['t-1', { userName: 'p1' }, true]]);
    expect(target.calls).toEqual(['create p1']);
  });

  test('in doubt looks first, and sends the decision back when somebody is there', async () => {
    target.put('t-9', { userName: 'p1' });
    expect(await write(decision('create'), { inDoubt: true })).toMatchObject({ outcome: 'stale', code: 'found-before-create' });
    expect(target.calls).toEqual(['find p1']);
  });

  test('in doubt creates when nobody is there', async () => {
    expect(await write(decision('create'), { inDoubt: true })).toMatchObject({ outcome: 'written' });
    expect(target.calls).toEqual(['find p1', 'create p1']);
  });

  test.each([0, 1])('what conflicts is sent back in round %d, when the other account is found', async (round) => {
    target.put('t-9', { userName: 'p1' });
    expect(await write(decision('create', '1', { facts: { round } }))).toMatchObject({ outcome: 'stale', code: 'conflict' });
  });

  test('what conflicts for the third time is a failure', async () => {
    target.put('t-9', { userName: 'p1' });
    await expect(write(decision('create', '1', { facts: { round: 2 } }))).rejects.toMatchObject({ kind: 'conflict' });
  });

  test('what conflicts with an account that is not found by its match is a failure', async () => {
    target.failNext('create', 'conflict');
    await expect(write(decision('create'))).rejects.toMatchObject({ kind: 'conflict' });
    expect(target.calls).toEqual(['create p1', 'find p1']);
  });

  test('without an answer that had taken effect is sent back and never repeated', async () => {
    target.failNext('create', 'unknown-outcome', { carriedOut: true });
    expect(await write(decision('create'))).toMatchObject({ outcome: 'stale', code: 'found-before-create' });
    expect(target.calls).toEqual(['create p1', 'find p1']);
    expect(target.accounts.size).toBe(1);
  });

  test('without an answer stays unknown when the account cannot be looked up either: another failure would say that nothing was done', async () => {
    target.failNext('create', 'unknown-outcome', { carriedOut: true });
    for (let time = 0; time < 10; time++) target.failNext('find', 'unauthorized');
    await expect(patiently(write(decision('create')))).rejects.toMatchObject({ kind: 'unknown-outcome' });
    expect(target.accounts.size).toBe(1);
  });

  test('without an answer that had taken no effect is done once more', async () => {
    target.failNext('create', 'unknown-outcome');
    expect(await write(decision('create'))).toMatchObject({ outcome: 'written' });
    expect(target.calls).toEqual(['create p1', 'find p1', 'create p1']);
    expect(target.accounts.size).toBe(1);
  });

  test.each([500, 408])(
    'answered by %d although it had taken effect is not done twice, where names are not unique either',
    async (status) => {
      target = new MemoryTarget({ unique: [] });
      target.failNext('create', 'unavailable', { carriedOut: true, status });
      expect(await patiently(write(decision('create')))).toMatchObject({ outcome: 'stale', code: 'found-before-create' });
      expect(target.calls).toEqual(['create p1', 'find p1']);
      expect(target.accounts.size).toBe(1);
    },
  );

  test('answered by 500 that had taken no effect is done once more', async () => {
    target.failNext('create', 'unavailable', { status: 500 });
    expect(await patiently(write(decision('create')))).toMatchObject({ outcome: 'written' });
    expect(target.calls).toEqual(['create p1', 'find p1', 'create p1']);
  });

  test('answered by 500, of whom nothing can be looked up by, is never repeated', async () => {
    target = new MemoryTarget({ unique: [] });
    target.failNext('create', 'unavailable', { carriedOut: true, status: 500 });
    await expect(patiently(write(decision('create', '1', { match: null })))).rejects.toMatchObject({ kind: 'unavailable' });
    expect(target.accounts.size).toBe(1);
  });

  test('is not repeated for ever', async () => {
    for (let time = 0; time < 3; time++) target.failNext('create', 'unknown-outcome');
    await expect(write(decision('create'))).rejects.toMatchObject({ kind: 'unknown-outcome' });
    expect(target.calls.filter((call) => call.startsWith('create'))).toHaveLength(3);
  });

  test('what nothing can be looked up by is never repeated: it could be there already', async () => {
    target = new MemoryTarget({ unique: [] });
    target.failNext('create', 'unknown-outcome', { carriedOut: true });
    await expect(write(decision('create', '1', { match: null }))).rejects.toMatchObject({ kind: 'unknown-outcome' });
    expect(target.accounts.size).toBe(1);
  });
});

describe('updating', () => {
  beforeEach(() => target.put('t-1', { userName: 'p1' }, false));

  test('writes what differs and leaves the rest', async () => {
    expect(await write(decision('update'))).toEqual({ outcome: 'written', targetId: 't-1' });
    expect(accounts()).toEqual([['t-1', { userName: 'p1', title: 'Dr' }, false]]);
  });

  test('enables as well where that is decided, and only enables when nothing else differs', async () => {
    await write(decision('update', '1', { enable: true }));
    expect(accounts()).toEqual([['t-1', { userName: 'p1', title: 'Dr' }, true]]);
    await write(decision('update', '1', { enable: true, changes: [] }));
    expect(target.calls).toEqual(['update t-1', 'setActive t-1 true', 'setActive t-1 true']);
  });

  test.each([1, 2, 3])('without an answer is repeated, %d times if need be', async (times) => {
    for (let time = 0; time < times; time++) target.failNext('update', 'unknown-outcome', { carriedOut: true });
    expect(await patiently(write(decision('update')))).toMatchObject({ outcome: 'written' });
    expect(target.calls).toEqual(Array.from({ length: times + 1 }, () => 'update t-1'));
  });

  test('without an answer is not repeated for ever', async () => {
    for (let time = 0; time < 4; time++) target.failNext('update', 'unknown-outcome');
    await expect(patiently(write(decision('update')))).rejects.toMatchObject({ kind: 'unknown-outcome' });
    expect(target.calls).toHaveLength(4);
  });

  test('what is gone is a failure and not created again', async () => {
    target.accounts.clear();
    await expect(write(decision('update'))).rejects.toMatchObject({ kind: 'gone' });
    expect(target.accounts.size).toBe(0);
  });
});

describe('removing', () => {
  beforeEach(() => target.put('t-1', { userName: 'p1' }));

  test('disables or deletes as decided', async () => {
    await write(decision('disable'));
    expect(accounts()).toEqual([['t-1', { userName: 'p1' }, false]]);
    await write(decision('delete'));
    expect(accounts()).toEqual([]);
  });

  test.each(['disable', 'delete'] as const)('%s without an answer is repeated', async (action) => {
    const operation = action === 'delete' ? 'remove' : 'setActive';
    target.failNext(operation, 'unknown-outcome', { carriedOut: true });
    expect(await patiently(write(decision(action)))).toMatchObject({ outcome: 'written' });
    expect(target.calls).toHaveLength(2);
  });
});

test.each(['create', 'update', 'disable', 'delete'] as const)('nothing is written once the lease is lost: %s', async (action) => {
  target.put('t-1', { userName: 'p1' });
  const assertHeld = () => {
    throw new LeaseLost('lost');
  };
  const before = accounts();
  await expect(write(decision(action, '1', { match: { attribute: 'userName', value: 'p2' } }), { assertHeld })).rejects.toBeInstanceOf(
    LeaseLost,
  );
  expect(accounts()).toEqual(before);
});

test('the lease is asked for again before a repeated write', async () => {
  let asked = 0;
  target.failNext('create', 'unknown-outcome');
  const assertHeld = () => {
    if (++asked > 1) throw new LeaseLost('lost');
  };
  await expect(write(decision('create'), { assertHeld })).rejects.toBeInstanceOf(LeaseLost);
  expect(target.accounts.size).toBe(0);
});

describe('members', () => {
  const member = (id: string) => ({ key: objectKeyOf('user', id), id });
  const change = (more: Partial<Decision> = {}) =>
    decision('update', '1', { changes: [], members: { add: [member('a'), member('b')], remove: [member('c')] }, part: 'members', ...more });

  test('are added and removed, and nothing else is written', async () => {
    target.put('t-1', {});
    target.accounts.get('t-1')!.members.add('c').add('d');
    await write(change());
    expect([...target.accounts.get('t-1')!.members].sort()).toEqual(['a', 'b', 'd']);
    expect(target.calls).toEqual(['changeMembers t-1 +2 -1']);
  });

  test('go with the attributes of a group that is taken up as a whole', async () => {
    target.put('t-1', {});
    await write(change({ changes: [{ attribute: 'title', old: null, new: 'Dr' }] }));
    expect(target.calls).toEqual(['update t-1', 'changeMembers t-1 +2 -1']);
  });

  test('are written again when no answer came: twice is the same as once', async () => {
    target.put('t-1', {});
    target.failNext('changeMembers', 'unknown-outcome', { carriedOut: true });
    await patiently(write(change()));
    expect([...target.accounts.get('t-1')!.members].sort()).toEqual(['a', 'b']);
  });

  test.each(['unknown-outcome', 'unavailable'] as const)(
    'of whom nobody knows after an answer of %s: a later failure does not hide that',
    async (kind) => {
      target.put('t-1', {});
      target.failNext('changeMembers', kind, { carriedOut: true, status: 500 });
      target.failNext('changeMembers', 'rejected', { message: 'no' });
      await expect(patiently(write(change()))).rejects.toMatchObject({ kind: 'unknown-outcome', facts: { message: 'no' } });
      expect([...target.accounts.get('t-1')!.members].sort()).toEqual(['a', 'b']);
    },
  );

  test('of whom nobody knows because a predecessor may have written them', async () => {
    target.put('t-1', {});
    target.failNext('changeMembers', 'rejected');
    await expect(patiently(write(change(), { inDoubt: true }))).rejects.toMatchObject({ kind: 'unknown-outcome' });
    target.failNext('changeMembers', 'rejected');
    await expect(patiently(write(change()))).rejects.toMatchObject({ kind: 'rejected' });
  });
});

test('a stopped job writes nothing, and goes on with the very same write when it is started', async () => {
  let start = (): void => undefined;
  const started = new Promise<void>((resolve) => (start = resolve));
  const writing = write(decision('create'), { untilStarted: () => started });
  await jest.advanceTimersByTimeAsync(60_000);
  expect(target.calls).toEqual([]);
  start();
  expect(await patiently(writing)).toEqual({ outcome: 'written', targetId: 't-1' });
  expect(target.calls).toEqual(['create p1']);
});

test('what waits for a start is given up with the run', async () => {
  const stop = new AbortController();
  const signal = stop.signal;
  const untilStarted = () => new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  const writing = write(decision('create'), { signal, untilStarted });
  const ended = expect(writing).rejects.toBe('over');
  await jest.advanceTimersByTimeAsync(0);
  stop.abort('over');
  await ended;
  expect(target.calls).toEqual([]);
});
