import { describe, expect, test } from '@jest/globals';
import { aJob, anInstant, objectFacts } from '@provident/bus/testing';
import {
  type EventDefinition,
  ExportFailed,
  type LogEvent,
  ObjectExported,
  RemovalHeld,
  RuleEvaluated,
  SourceObjectImported,
  TargetObjectImported,
} from '@provident/contracts';
import { objectMapping } from '@provident/domain/testing';

import { describeOutcome } from './describe-result.js';

const mapping = objectMapping({ active: { attribute: 'status', operator: 'EQUALS', value: 'active' } });
const context = { mapping, systems: { source: 'HR', target: 'App' } };
const event = ({ type }: EventDefinition<string, never> | EventDefinition, data: Record<string, unknown>): LogEvent =>
  ({
    sequence: 1,
    id: type,
    type,
    at: anInstant,
    jobId: aJob,
    lane: 'd0',
    stage: 'importer',
    cause: 0,
    position: 0,
    data: { ...objectFacts(), ...data },
  }) as LogEvent;
const read = (more: Record<string, unknown> = {}) =>
  event(SourceObjectImported as never, {
    sourceId: '1001',
    change: 'updated',
    attributes: { status: 'active', title: 'Dr' },
    targetFollows: true,
    ...more,
  });
const found = (...ids: string[]) =>
  event(TargetObjectImported as never, {
    by: 'matching',
    tried: [{ attribute: 'userName', value: 'jane', found: ids.length }],
    matches: ids.map((id) => ({ id, attributes: {}, state: 'active' })),
    linkedId: null,
    basis: 0,
  });
const clauses = [{ filter: 'staff', clause: 'kind EQUALS "employee"', actual: 'guest', holds: false }];
const ruled = (action: string, more: Record<string, unknown> = {}) =>
  event(RuleEvaluated as never, {
    sourceId: '1001',
    action,
    reason: { code: 'some-code', text: 'some words' },
    scope: { inScope: true, clauses: [] },
    targetId: 't-1',
    changes: [{ attribute: 'title', old: null, new: 'Dr' }],
    failure: null,
    ...more,
  });
const outcome = (...events: LogEvent[]) => describeOutcome(events, context);
const stepsOf = (...events: LogEvent[]) => outcome(...events).steps.map(({ type, status, description }) => [type, status, description]);

test('what was written is told with its values, behind the steps that led to it', () => {
  const written = event(ObjectExported as never, {
    sourceId: '1001',
    action: 'update',
    targetId: 't-1',
    changes: [{ attribute: 'title', old: null, new: 'Dr' }],
    enabled: true,
    durationMs: 3,
  });
  expect(outcome(read(), found('t-1'), ruled('update'), written)).toMatchObject({
    status: 'success',
    action: 'update',
    targetId: 't-1',
    modified: [{ new: 'Dr' }],
  });
  expect(stepsOf(read(), found('t-1'), ruled('update'), written)).toEqual([
    ['import', 'success', 'read 1001'],
    ['scoping', 'success', 'in scope: there is no scoping filter'],
    ['matching', 'success', 't-1 found by userName'],
    ['export', 'success', 'updated t-1, and enabled it again'],
  ]);
});

describe('who is skipped', () => {
  test.each([
    ['out of scope', {}, { inScope: false, clauses }, 'no account is wanted: no scoping filter holds'],
    [
      'not active',
      { attributes: { status: 'left' } },
      { inScope: true, clauses: [] },
      'no account is wanted: it is not active in the source',
    ],
    ['gone', { change: 'deleted' }, { inScope: true, clauses: [] }, 'no account is wanted: it is gone from the source'],
  ])('%s: the verdict and what it met are told', (_, source, scope, words) => {
    const { steps, status } = outcome(read(source), ruled('skip', { scope }));
    expect([status, steps[1]!.status, steps[1]!.description, steps.at(-1)!.status]).toEqual(['skipped', 'skipped', words, 'skipped']);
    expect(steps[1]!.details).toMatchObject({ scope, active: { holds: expect.any(Boolean) } });
  });
});

test('what the target refuses is told in its words, with what was attempted', () => {
  const failure = { kind: 'rejected', code: 'invalid-value', message: 'the title is too long' };
  const refused = event(ExportFailed as never, {
    sourceId: '1001',
    action: 'update',
    targetId: 't-1',
    changes: [{ attribute: 'title', old: null, new: 'Dr' }],
    failure,
    durationMs: 3,
  });
  expect(outcome(read(), found('t-1'), ruled('update'), refused)).toMatchObject({
    status: 'failure',
    reason: { code: 'invalid-value', text: failure.message },
    modified: [{ attribute: 'title' }],
  });
});

test('several accounts are a failure that names them', () => {
  const failure = { kind: 'ambiguous-match', code: 'several-accounts', message: 'two have it' };
  expect(outcome(read(), found('t-1', 't-2'), ruled('fail', { failure, targetId: null }))).toMatchObject({
    status: 'failure',
    targetId: null,
  });
  expect(stepsOf(read(), found('t-1', 't-2'), ruled('fail', { failure }))[2]).toEqual([
    'matching',
    'failure',
    '2 accounts found by userName',
  ]);
});

test('a removal that was not confirmed is held, and says so', () => {
  const waiting = event(RemovalHeld as never, {
    sourceId: '1001',
    action: 'disable',
    targetId: 't-1',
    reason: { code: 'inactive', text: 'left' },
  });
  expect(outcome(read(), found('t-1'), ruled('disable'), waiting)).toMatchObject({ status: 'held', action: 'disable' });
  expect(stepsOf(read(), found('t-1'), ruled('disable'), waiting).at(-1)?.[2]).toMatch(/not disabled: .* next cycle/);
});

test('what was sent back and decided anew leaves the steps of the last round alone', () => {
  expect(stepsOf(read(), found(), ruled('create'), read(), found('t-1'), ruled('unchanged'))).toHaveLength(4);
});

test('what has not ended is in progress', () =>
  expect(outcome(read(), found('t-1'), ruled('update'))).toMatchObject({ status: 'in-progress', action: 'update' }));
