import { expect, test } from '@jest/globals';
import { z } from 'zod';

import { BadCursor, parseCursor, printCursor } from './cursor.js';

const Key = z.tuple([z.iso.datetime(), z.int()]);

test('a cursor is opaque, and read back as it was', () => {
  const cursor = printCursor(['2026-03-02T09:00:00.000Z', 17]);
  expect(cursor).toMatch(/^[\w-]+$/);
  expect(parseCursor(Key, cursor)).toEqual(['2026-03-02T09:00:00.000Z', 17]);
});

test.each(['', 'x', '%%%', printCursor([17]), printCursor(['yesterday', 1])])('%p is refused as a cursor', (cursor) => {
  expect(() => parseCursor(Key, cursor)).toThrow(BadCursor);
});
