import { describe, expect, test } from '@jest/globals';
import { emptyTally } from '@provident/contracts';

import { accountsOf } from '../load/job.js';
import { makePeople } from '../load/people.js';
import { checkAccounts } from './check-accounts.js';
import { checkCycle } from './check-cycle.js';
import type { ChangeTrace } from './read-trace.js';
import type { CycleMeasured } from './run-cycle.js';

describe('accounts', () => {
  const expected = accountsOf(makePeople(10));
  const held = expected.map((account, at) => ({ id: `u-${at}`, ...account }));
  const [first, second, ...rest] = held;

  test.each([
    ['all is well', held, []],
    ['one lacks', held.slice(1), ['holds 9 accounts, not 10', 'lacks']],
    ['one is there twice', [first!, ...held], ['holds 11 accounts, not 10', 'twice']],
    ['one is in another place', [first!, { ...second!, userName: 'nobody' }, ...rest], ['nobody, who should not be there', 'lacks']],
    ['one differs', [{ ...first!, title: 'Tsar' }, second!, ...rest], ['"title":"Tsar"']],
  ])('%s', (_, accounts, words) => {
    const problems = checkAccounts(accounts, expected);
    expect(problems).toHaveLength(words.length);
    for (const [at, word] of words.entries()) expect(problems[at]).toContain(word);
  });
});

describe('a cycle', () => {
  const trace = (outcome: string): ChangeTrace => ({
    objectKey: 'user:E-1',
    imported: 1,
    lookedUp: 1,
    evaluated: 1,
    outcomes: [outcome],
    importedAt: 0,
    exportedAt: 0,
    exportedSequence: 0,
  });
  const tally = { ...emptyTally, read: 3, imported: 3, created: 2, skipped: 1 };
  const changes = new Map([trace('create'), trace('create'), trace('skip')].map((each, at) => [`c-${at}`, each]));
  const cycle = (over: Partial<CycleMeasured['closed']> = {}, told: ReadonlyMap<string, ChangeTrace> = changes): CycleMeasured =>
    ({ closed: { kind: 'initial', result: 'succeeded', tally, failure: null, ...over }, trace: { changes: told } }) as CycleMeasured;
  const expected = { kind: 'initial', read: 3, imported: 3, created: 2, skipped: 1 } as const;

  test('that did what it should', () => expect(checkCycle(cycle(), expected)).toEqual([]));
  test.each([
    ['did not succeed', cycle({ result: 'entry-level-errors' }), 'entry-level-errors'],
    ['did something else', cycle({ tally: { ...tally, created: 1, escrowed: 1 } }), 'created 1, not 2'],
    ['does not balance', cycle({ tally: { ...tally, skipped: 0 } }), 'does not balance'],
    ['lacks a change', cycle({}, new Map([...changes].slice(1))), 'tells of 2 changes, not of 3'],
    ['exported twice', cycle({}, new Map([...changes, ['c-0', { ...trace('create'), outcomes: ['create', 'create'] }]])), 'do not add up'],
    ['has no decision', cycle({}, new Map([...changes, ['c-0', { ...trace('create'), evaluated: 0 }]])), 'do not add up'],
  ])('that %s', (_, wrong, words) => expect(checkCycle(wrong, expected).join('\n')).toContain(words));
});
