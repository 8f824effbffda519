import { expect, test } from '@jest/globals';

import { restartScopesOf } from './reset-scope.js';

test.each([
  ['', []],
  [' , ', []],
  ['Watermark, Escrows, QuarantineState', ['watermark', 'escrows', 'quarantine']],
  ['watermark,WATERMARK', ['watermark']],
  ['Full', ['links', 'escrows', 'watermark', 'quarantine']],
  ['ForceDeletes, ConnectorDataStore', ['removals', 'links']],
])('"%s" is understood', (text, scopes) => {
  expect(restartScopesOf(text)).toEqual(scopes);
});

test.each([
  ['None', 'use start'],
  ['Escrows, Everything', 'has no flag "everything", only ConnectorDataStore, Escrows'],
  ['constructor', 'has no flag'],
])('"%s" is refused', (text, why) => {
  expect(() => restartScopesOf(text)).toThrow(why);
});
