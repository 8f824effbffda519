import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { Chunk } from './chunk.js';

test('pieces of any text, short or long, are the bytes of all of them', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.nat(100_000), (pieces, times) => {
      const all = [...pieces, 'ö€'.repeat(times), ...pieces];
      const chunk = new Chunk('\uFEFF');
      for (const piece of all) chunk.add(piece);
      expect(chunk.bytes.equals(Buffer.from(`\uFEFF${all.join('')}`))).toBe(true);
    }),
    { numRuns: 50 },
  );
});
