import { beforeEach, describe, expect, test } from '@jest/globals';
import { objectKeyOf } from '@provident/domain';

import { DemandReads } from './demand-reads.js';

const jane = objectKeyOf('user', 'jane');
const kim = objectKeyOf('user', 'kim');
let clock: number;
let reads: DemandReads;
beforeEach(() => {
  clock = 10;
  reads = new DemandReads(() => clock);
});

describe('a reading on demand', () => {
  test('is overtaken by a page that came after it began, and not by one that came before, nor by one about others', () => {
    const read = reads.begin(jane);
    reads.readElsewhere([jane], 9);
    reads.readElsewhere([kim], 12);
    expect(reads.isOvertaken(read)).toBe(false);
    reads.readElsewhere([kim, jane], 12);
    expect(reads.isOvertaken(read)).toBe(true);
    clock = 13;
    expect(reads.isOvertaken(reads.begin(jane))).toBe(false);
  });

  test('that has ended is not remembered', () => {
    const read = reads.begin(jane);
    reads.readElsewhere([jane], 12);
    reads.end(read);
    expect(reads.isOvertaken(read)).toBe(false);
  });
});

describe('whoever has values from tables', () => {
  test('finds out that an object was said with values that are not in them, also while nobody knows where these stand', () => {
    const read = reads.begin(jane);
    expect(reads.isSaidBehind(jane, 5)).toBe(false);
    reads.say(read);
    expect(reads.isSaidBehind(jane, 1_000)).toBe(true);
    reads.wasSaid(read, 7);
    expect([6, 7].map((known) => reads.isSaidBehind(jane, known))).toEqual([true, false]);
    expect(reads.isSaidBehind(kim, 6)).toBe(false);
  });

  test('goes by what was said last', () => {
    const first = reads.begin(jane);
    reads.say(first);
    clock = 11;
    const second = reads.begin(jane);
    reads.say(second);
    reads.wasSaid(first, 7);
    expect(reads.isSaidBehind(jane, 8)).toBe(true);
    reads.wasSaid(second, 9);
    expect(reads.isSaidBehind(jane, 9)).toBe(false);
  });
});

describe('a page', () => {
  test('finds out that an object was said with values that are at least as new as its own', () => {
    const read = reads.begin(jane);
    expect(reads.isReadSince(jane, 5)).toBe(false);
    reads.say(read);
    expect([5, 10, 11].map((at) => reads.isReadSince(jane, at))).toEqual([true, true, false]);
    expect(reads.isReadSince(kim, 5)).toBe(false);
  });
});
