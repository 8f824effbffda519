import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import { eventDefinitions } from '../define-event.js';
import { UnreadableEvent, readData } from '../log-event.js';
import './index.js';

interface Recorded {
  /** As on the wire, with its version. */
  readonly type: string;
  readonly data: Record<string, unknown>;
}

/** Events as earlier builds wrote them: lines are added, never changed. */
const recorded = readFileSync(new URL('./recorded/v1.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);

const types = [...new Set(recorded.map(({ type }) => type))];

describe('an event of an earlier build is still read:', () => {
  test.each(types)('%s', (type) => {
    for (const { data } of recorded.filter((each) => each.type === type)) {
      const read = readData(type, '', data);
      expect(`provident.${read.type}`).toBe(type.replace(/\.v\d+$/, ''));
      expect(read.data).toMatchObject(data);
    }
  });
});

test('no event type is missing from what was recorded', () => {
  expect(types.map((type) => /^provident\.(.+)\.v\d+$/.exec(type)![1]!).sort()).toEqual([...eventDefinitions().keys()].sort());
});

test('an event of a later build is refused and not guessed at', () => {
  expect(() => readData('provident.cycle-opened.v99', '', recorded[0]!.data)).toThrow(UnreadableEvent);
});
