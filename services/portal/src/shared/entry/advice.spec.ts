import { describe, expect, test } from '@jest/globals';
import type { LogEntryView } from '@provident/contracts/http';

import { adviceTexts } from '../../texts/en/advice.js';
import { clausesOf, troubleOf } from './advice.js';

const step = (name: string, details: Record<string, unknown>): LogEntryView['steps'][number] => ({
  at: '2026-03-02T09:00:00.000Z',
  sequence: 1,
  activity: 'export',
  step: name,
  system: 'target',
  status: 'failure',
  text: '',
  details,
});
const entry = (given: Partial<LogEntryView>): LogEntryView => ({
  changeId: 'c',
  jobId: 'j',
  cycleId: 'y',
  at: '2026-03-02T09:00:00.000Z',
  objectType: 'user',
  sourceId: '1',
  targetId: null,
  displayName: null,
  matchingValue: null,
  action: 'create',
  status: 'failure',
  reason: null,
  statusText: 'failed',
  attempts: 1,
  modified: [],
  steps: [],
  ...given,
});

describe('what helps', () => {
  test('is told by the code, in the words of the system that refused', () => {
    const failure = { kind: 'rejected', code: 'mandatory-fields-missing', message: 'no value for required userName' };
    expect(troubleOf(entry({ reason: failure.code, steps: [step('rule-evaluated', { failure })] }))).toEqual({
      code: 'mandatory-fields-missing',
      message: 'no value for required userName',
      advice: adviceTexts['mandatory-fields-missing'],
      isRetried: true,
    });
  });

  test('is told by the kind of the failure when the code is the target´s own', () => {
    const failure = { kind: 'conflict', code: 'uniqueness', message: 'taken' };
    expect(troubleOf(entry({ reason: 'uniqueness', steps: [step('export-failed', { failure })] }))?.advice).toBe(adviceTexts['conflict']);
  });

  test('is never empty for a failure', () => {
    expect(troubleOf(entry({ reason: 'never-heard-of' }))?.advice).toBe(adviceTexts['unknown']);
  });

  test('is the release for a held removal', () => {
    expect(troubleOf(entry({ status: 'warning', reason: 'out-of-scope' }))?.advice).toBe(adviceTexts['held']);
  });

  test('is nothing where both sides agree', () => {
    expect(troubleOf(entry({ status: 'success' }))).toBeNull();
    expect(troubleOf(entry({ status: 'skipped', reason: 'redundant-export' }))).toBeNull();
  });
});

test('the conditions are those of the latest round', () => {
  const scope = (actual: string) => ({ scope: { inScope: false, clauses: [{ filter: 'f', clause: 'a EQUALS b', actual, holds: false }] } });
  expect(clausesOf(entry({ steps: [step('rule-evaluated', scope('x')), step('rule-evaluated', scope('y'))] }))[0]?.actual).toBe('y');
  expect(clausesOf(entry({}))).toEqual([]);
});
