import { expect, test } from '@jest/globals';
import { restartScopes as known, scopesOf, usualScopes } from '@provident/domain';

import { restartScopes } from '../../api/restart-job.js';
import { scopesToAsk, usual } from './restart-scopes.js';

test('the scopes that are offered are those that a restart knows, and the usual ones are its own', () => {
  expect([...restartScopes].sort()).toEqual([...known].sort());
  expect([...usual].sort()).toEqual([...usualScopes].sort());
});

test('what comes along with a scope is shown as chosen, as the server does it', () => {
  expect(scopesToAsk(new Set(['links']))).toEqual(['watermark', 'links']);
  expect([...scopesToAsk(new Set(['links']))].sort()).toEqual([...scopesOf(['links'])].sort());
  expect(scopesToAsk(new Set())).toEqual([]);
});
