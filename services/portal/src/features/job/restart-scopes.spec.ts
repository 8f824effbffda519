import { expect, test } from '@jest/globals';

import { scopesToAsk, usual } from './restart-scopes.js';

test('what comes along with a scope is shown as chosen, as the server does it', () => {
  expect(scopesToAsk(new Set(['links']))).toEqual(['watermark', 'links']);
  expect(scopesToAsk(new Set(['removals', 'escrows']))).toEqual(['escrows', 'removals']);
  expect(scopesToAsk(new Set())).toEqual([]);
});

test('without a choice links and held removals stay', () => {
  expect(scopesToAsk(new Set(usual))).toEqual(['watermark', 'escrows', 'quarantine']);
});
