import { expect, test } from '@jest/globals';
import type { CauseView } from '@provident/contracts/http';

import { texts } from '../../texts/en.js';
import { failureLines } from './failure-lines.js';

const cause = (people: number, text: string): CauseView => ({ people, text, remedy: `mend ${text}` }) as CauseView;

test('the biggest cause is named with its share and what helps', () => {
  expect(failureLines([cause(1_200, 'taken'), cause(3, 'empty')])).toEqual([
    'Most of them, 1,200 of 1,203, fail for one reason: taken',
    'mend taken',
  ]);
});

test('one cause is that of all, and the largest of several small ones is not said to be most of them', () => {
  expect(failureLines([cause(2, 'taken')])[0]).toBe('All fail for one reason: taken');
  expect(failureLines([cause(2, 'taken'), cause(2, 'empty'), cause(1, 'gone')])[0]).toBe('The commonest reason, for 2 of 5: taken');
});

test('while the causes are not known, it is said what happens by itself', () => {
  expect(failureLines(undefined)).toEqual([texts.attention.failuresDo]);
  expect(failureLines([])).toEqual([texts.attention.failuresDo]);
});
