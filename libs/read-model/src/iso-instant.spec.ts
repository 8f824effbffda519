import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { isoInstant } from './iso-instant.js';

/** As the server prints it: no more digits of a second than are needed. */
const printed = (ms: number, micros: number): string => {
  const [day, time] = new Date(ms).toISOString().slice(0, -1).split('T') as [string, string];
  const fraction = `${time.slice(9)}${String(micros).padStart(3, '0')}`.replace(/0+$/, '');
  return `${day} ${time.slice(0, 8)}${fraction === '' ? '' : `.${fraction}`}+00`;
};

test('an instant is read to the millisecond, whatever the server prints of it', () => {
  const years = { min: Date.parse('0001-01-01T00:00:00Z'), max: Date.parse('9999-12-31T23:59:59Z') };
  fc.assert(
    fc.property(fc.integer(years), fc.integer({ min: 0, max: 999 }), (ms, micros) => {
      expect(isoInstant(printed(ms, micros))).toBe(new Date(ms).toISOString());
    }),
  );
});

test('what is no instant of these years is not taken for one', () => {
  expect(() => isoInstant('infinity')).toThrow(RangeError);
  expect(() => isoInstant('0044-03-15 12:00:00+00 BC')).toThrow(RangeError);
});
