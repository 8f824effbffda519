import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { storableJson, storableText } from './clean-json.js';
import { plainArray, textArray } from './arrays.js';

test('JSON is kept, but for what Postgres cannot store', () => {
  expect(storableJson({ text: 'a\0b \ud800 \\u0000 😀 \u0001' })).toBe('{"text":"a\ufffdb \ufffd \\\\u0000 😀 \\u0001"}');
  expect(storableJson(undefined)).toBe('null');
  expect(storableText('a\0b')).toBe('a\ufffdb');
});

test('JSON without such characters comes back as it was', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const text = JSON.stringify(value);
      fc.pre(!/\\u(?:0000|d[89a-f])/.test(text));
      expect(storableJson(value)).toBe(text);
    }),
  );
});

test('lists become array literals', () => {
  expect(textArray(['a', null, 'b"c\\d', '', 'NULL', '{,}'])).toBe('{"a",NULL,"b\\"c\\\\d","","NULL","{,}"}');
  expect(plainArray([1, null, true])).toBe('{1,NULL,true}');
});
