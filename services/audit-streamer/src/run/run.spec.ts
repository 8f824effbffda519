import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import type { Message } from '../formats/message.js';
import { backOffMs } from './back-off.js';
import { parcelsOf } from './parcels.js';

test('a destination is left alone for longer and longer, up to five minutes, and as long as it asks, up to an hour', () => {
  expect([1, 2, 3, 8, 9, 10, 500].map((failures) => backOffMs(failures, undefined))).toEqual([
    1_000, 2_000, 4_000, 128_000, 256_000, 300_000, 300_000,
  ]);
  expect(backOffMs(1, 90_000)).toBe(90_000);
  expect(backOffMs(10, 90_000)).toBe(300_000);
  expect(backOffMs(1, 86_400_000)).toBe(3_600_000);
});

const message = (sequence: number, length: number): Message => ({
  sequence,
  id: '',
  at: '',
  type: '',
  severity: 'info',
  mediaType: '',
  text: 'x'.repeat(length),
  changeId: null,
});

test('parcels keep every message in its order, are neither too many nor too long, and end a place in the log only with its last message', () => {
  const steps = fc.array(fc.record({ step: fc.integer({ min: 0, max: 2 }), length: fc.integer({ min: 1, max: 60 }) }), { minLength: 1 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 7 }), (given, most) => {
      let sequence = 0;
      const messages = given.map(({ step, length }) => message((sequence += step), length));
      const parcels = parcelsOf(messages, most, 100);
      expect(parcels.flatMap((parcel) => parcel.messages)).toEqual(messages);
      parcels.forEach((parcel, index) => {
        expect(parcel.messages.length).toBeLessThanOrEqual(most);
        const size = parcel.messages.reduce((sum, { text }) => sum + text.length, 0);
        expect(size <= 100 || parcel.messages.length === 1).toBe(true);
        const rest = parcels.slice(index + 1).flatMap((later) => later.messages);
        const last = parcel.messages.at(-1)!.sequence;
        expect(parcel.through).toBe(rest.some((later) => later.sequence === last) ? null : last);
      });
    }),
  );
});
