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

describe('a page', () => {
  test('finds out that an object was said with values that are at least as new as its own', () => {
    const read = reads.begin(jane);
    expect(reads.isReadSince(jane, 5)).toBe(false);
    reads.say(read);
    expect([5, 10, 11].map((at) => reads.isReadSince(jane, at))).toEqual([true, true, false]);
    expect(reads.isReadSince(kim, 5)).toBe(false);
  });
});
