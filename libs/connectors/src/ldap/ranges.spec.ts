import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { groupMark, markAfter, membershipWatermark, nameMark, parseMembershipWatermark, unknownFrom } from './membership-marks.js';
import { MalformedRange, rangeFrom, rangeOf } from './ranges.js';

const attribute = (name: string, count: number) => ({ name, values: Array.from({ length: count }, (_, at) => Buffer.from(`v${at}`)) });

describe('ranges of values', () => {
  test.each<[string, ReturnType<typeof attribute>[], number, [number, number | null]]>([
    ['a list that came whole', [attribute('member', 3)], 0, [3, null]],
    ['no list', [], 0, [0, null]],
    ['the first of several', [attribute('member', 0), attribute('member;range=0-2', 3)], 0, [3, 3]],
    ['one in the middle, in other letters', [attribute('Member;Range=3-5', 3)], 3, [3, 6]],
    ['the last', [attribute('member;range=6-*', 2)], 6, [2, null]],
    ['an empty last one', [attribute('member;range=6-*', 0)], 6, [0, null]],
  ])('%s', (_case, attributes, start, [count, next]) => {
    const found = rangeOf(attributes, 'member', start);
    expect([found.values.length, found.next]).toEqual([count, next]);
  });

  test.each<[string, ReturnType<typeof attribute>[], number, RegExp]>([
    ['no numbers', [attribute('member;range=a-b', 3)], 0, /is not a range/],
    ['no end', [attribute('member;range=0-', 3)], 0, /is not a range/],
    ['a number that no list has', [attribute('member;range=0-99999999999', 3)], 0, /is not a range/],
    ['another start', [attribute('member;range=3-5', 3)], 0, /values from 0 on were asked for/],
    ['the same again', [attribute('member;range=0-2', 3)], 3, /values from 3 on were asked for/],
    ['fewer values than it says', [attribute('member;range=0-2', 2)], 0, /came with 2 value\(s\)/],
    ['more values than it says', [attribute('member;range=0-2', 4)], 0, /came with 4 value\(s\)/],
    ['no progress', [attribute('member;range=3-2', 0)], 3, /holds no value/],
    ['two at once', [attribute('member;range=0-2', 3), attribute('member;range=3-5', 3)], 0, /two ranges/],
    ['nothing where more was promised', [], 3, /no range came/],
    ['the whole list where the rest was asked for', [attribute('member', 9)], 3, /no range came/],
    ['a list without an end', [attribute('member;range=9999999-10000000', 2)], 9_999_999, /do not end/],
  ])('refused: %s', (_case, attributes, start, words) => {
    expect(() => rangeOf(attributes, 'member', start)).toThrow(MalformedRange);
    expect(() => rangeOf(attributes, 'member', start)).toThrow(words);
  });

  test('cut anywhere, a list comes back as it was', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), (list, atOnce) => {
        const answer = (start: number) => {
          const values = list.slice(start, start + atOnce).map((text) => Buffer.from(text));
          const isLast = start + values.length >= list.length;
          return [{ name: rangeFrom('member', start).replace('*', isLast ? '*' : String(start + values.length - 1)), values }];
        };
        const read: string[] = [];
        for (let at: number | null = 0; at !== null; ) {
          const part = rangeOf(answer(at), 'member', at);
          read.push(...part.values.map(String));
          at = part.next;
        }
        expect(read).toEqual(list.map((text) => Buffer.from(text).toString()));
      }),
    );
  });
});

describe('marks', () => {
  const now = new Date('2026-11-01T12:00:00.000Z');
  const later = (seconds: number) => new Date(now.getTime() + seconds * 1_000);

  test('the second of the latest change is asked for until it must be over, and not any more then', () => {
    const first = markAfter(null, '20261101115959', now);
    expect(unknownFrom(first)).toBe('20261101115959');
    const soon = markAfter(first, '20261101115959', later(1));
    expect(unknownFrom(soon)).toBe('20261101115959');
    const over = markAfter(soon, '20261101115959', later(2));
    expect(unknownFrom(over)).toBe('20261101120000');
    expect(unknownFrom(markAfter(over, null, later(60)))).toBe('20261101120000');
    expect(unknownFrom(markAfter(over, '20261101120100', later(61)))).toBe('20261101120100');
  });

  test('the second after the last of a year is the first of the next', () => {
    expect(unknownFrom({ upTo: '20261231235959', latestSince: now.toISOString(), isSettled: true })).toBe('20270101000000');
  });

  test('a watermark carries both marks and the groups to read again; too many of these, and everything is read', () => {
    const groups = markAfter(null, '20261101115959', now);
    const names = markAfter(null, null, now);
    const parts = { groups, names, fullReadAt: now.toISOString(), rules: 'r' };
    const kept = parseMembershipWatermark(membershipWatermark({ ...parts, again: ['g1'] }))!;
    expect([groupMark(kept), nameMark(kept), kept.again]).toEqual([groups, names, ['g1']]);
    const many = membershipWatermark({ ...parts, again: Array.from({ length: 100 }, (_, at) => `a group with a long anchor ${at}`) });
    expect([many['changedUpTo'], many['again'], JSON.stringify(many).length < 4_096]).toEqual([null, undefined, true]);
  });
});
