import { describe, expect, test } from '@jest/globals';

import { statusText } from './status-text.js';
import { stepText } from './step-text.js';

const systems = { source: 'HR', target: 'Wiki' };
const account = { id: 'w-1', attributes: {}, state: 'disabled' };
const tried = [
  { attribute: 'externalId', value: '17', found: 0 },
  { attribute: 'userName', value: 'ada@acme.test', found: 1 },
];
const failure = { kind: 'rejected', code: 'invalid-value', message: 'no' };
const reason = { code: 'x', text: 'because' };

describe('a step says', () => {
  test.each([
    ['source-object-imported', { sourceId: 'E-1', change: 'deleted' }, 'source', 'read "E-1" from HR: it is gone from there'],
    [
      'target-object-imported',
      { by: 'link', tried: [], matches: [account], linkedId: 'w-1' },
      'target',
      'found in Wiki by its link: "w-1", disabled',
    ],
    [
      'target-object-imported',
      { by: 'link', tried: [], matches: [], linkedId: 'w-1' },
      'target',
      'the linked account "w-1" is not in Wiki any more',
    ],
    [
      'target-object-imported',
      { by: 'matching', tried, matches: [account], linkedId: null },
      'target',
      'found in Wiki by userName "ada@acme.test": "w-1", disabled',
    ],
    [
      'target-object-imported',
      { by: 'matching', tried, matches: [account, { ...account, id: 'w-2' }], linkedId: null },
      'target',
      '2 accounts in Wiki have userName "ada@acme.test": "w-1", "w-2"',
    ],
    ['target-object-imported', { by: 'none', tried: [], matches: [], linkedId: null }, 'target', 'not looked for in Wiki'],
    ['object-import-failed', { side: 'target', place: null, failure }, 'target', 'could not be read from Wiki: no'],
    [
      'rule-evaluated',
      { action: 'unchanged', reason, scope: { inScope: true, clauses: [] }, match: null, changes: [] },
      'provident',
      'in scope; nothing to do: because',
    ],
    [
      'rule-evaluated',
      { action: 'fail', reason, scope: { inScope: true, clauses: [] }, match: null, changes: [], failure: null },
      'provident',
      'cannot be decided: because',
    ],
    [
      'object-exported',
      { action: 'update', targetId: 'w-1', changes: [{ attribute: 'title', old: '', new: ['a', 'b'] }], enabled: true },
      'target',
      'updated "w-1" in Wiki, and enabled it again: title nothing → "a, b"',
    ],
    ['export-failed', { action: 'disable', failure }, 'target', 'could not be disabled in Wiki: no'],
    ['removal-held', { action: 'delete', reason }, 'provident', 'not yet deleted in Wiki: because'],
    ['escrow-recorded', { retries: 0, nextAttemptAt: null }, 'provident', 'kept in escrow after 1 attempt: waits for a change'],
    ['retry-due', { attempt: 2, wokenBy: 'person' }, 'provident', 'tried again (retry 2): somebody asked for it'],
    [
      'retry-due',
      { attempt: 2, wokenBy: 'ladder', cause: { text: 'no room for …' }, nextAttemptAt: '2026-03-02T15:00:00.000Z' },
      'provident',
      'tried again (retry 2): its time has come; until now "no room for …"; if it fails again, next at 2026-03-02T15:00:00.000Z',
    ],
    [
      'retry-due',
      { attempt: 9, wokenBy: 'ladder', nextAttemptAt: null },
      'provident',
      'tried again (retry 9): its time has come; given up if it fails again',
    ],
    ['escrow-cleared', { retries: 2, outcome: 'created' }, 'provident', 'out of escrow after 2 retries: created'],
    ['something-newer', {}, 'provident', 'something-newer'],
  ])('%s %j', (type, data, system, text) => {
    expect(stepText(type, data, systems)).toEqual({ system, text });
  });

  test('long values and long lists of changes shortly', () => {
    const changes = Array.from({ length: 7 }, (_, i) => ({ attribute: `a${i}`, old: null, new: 'x'.repeat(100) }));
    const { text } = stepText('object-exported', { action: 'create', targetId: 'w', changes, enabled: false }, systems);
    expect(text).toMatch(/ and 2 more$/);
    expect(text.length).toBeLessThan(500);
  });
});

const entry = { action: 'create', status: 'failure', text: 'no', attempts: 2, escrow: null, next_attempt_at: null } as const;

test.each([
  [{ status: 'success', text: '' }, 'created in Wiki'],
  [{ status: 'skipped', action: 'other', text: 'out of scope' }, 'skipped: out of scope'],
  [{ status: 'warning', action: 'staged-delete', text: 'they are counted' }, 'held: they are counted'],
  [{}, 'could not be created in Wiki: no'],
  [
    { escrow: 'waiting', next_attempt_at: '2026-03-02T15:00:00.000Z' },
    'could not be created in Wiki: no; tried again at 2026-03-02T15:00:00.000Z',
  ],
  [{ escrow: 'retrying' }, 'could not be created in Wiki: no; being tried again'],
  [{ escrow: 'expired' }, 'could not be created in Wiki: no; given up after 2 attempts'],
  [{ escrow: 'cleared' }, 'could not be created in Wiki: no; settled since'],
  // The system's own words are a sentence, which goes on here.
  [{ escrow: 'retrying', text: 'Ask the administrator.' }, 'could not be created in Wiki: Ask the administrator; being tried again'],
  [{ text: 'Ask the administrator.' }, 'could not be created in Wiki: Ask the administrator.'],
] as const)('an entry with %j says "%s"', (given, text) => {
  expect(statusText({ ...entry, ...given }, systems)).toBe(text);
});
