import { expect, test } from '@jest/globals';
import { OnDemandObject, OnDemandOutcome, type OnDemandResult } from '@provident/contracts';

import { onDemandResponse } from './on-demand-response.js';

const result: OnDemandResult = {
  objectType: 'user',
  displayName: 'Jane',
  changeId: 'c-1',
  status: 'success',
  action: 'update',
  reason: null,
  source: { system: 'HR', id: '1001' },
  target: { system: 'Wiki', id: 'w-1' },
  startedAt: '2026-03-02T09:00:00.000Z',
  endedAt: '2026-03-02T09:00:01.000Z',
  modified: [{ attribute: 'title', old: null, new: 'Dr' }],
  steps: [
    {
      type: 'connection',
      name: 'Ask HR',
      status: 'warning',
      description: 'slow',
      at: '2026-03-02T09:00:00.000Z',
      details: { id: '1001', tags: ['a'], gone: undefined },
    },
  ],
};

function answered(...results: Partial<OnDemandResult>[]) {
  const { key, value } = onDemandResponse({
    jobId: 'hr-to-wiki',
    requestId: 'r',
    by: { kind: 'user', name: 'kim' },
    revision: 1,
    results: results.map((each) => ({ ...result, ...each })),
  });
  const found: unknown[] = [JSON.parse(value)].flat();
  return { outcome: OnDemandOutcome.strict().parse(JSON.parse(key)), objects: found.map((each) => OnDemandObject.strict().parse(each)) };
}

test('a success has its values and steps, and no error', () => {
  const { outcome, objects } = answered({});
  expect(outcome).toEqual({ result: 'Success', details: { errorCode: null, errorMessage: null } });
  expect(objects).toMatchObject([
    {
      action: 'Update',
      changeId: 'c-1',
      modifiedProperties: [{ displayName: 'title', oldValue: null, newValue: 'Dr' }],
      provisioningSteps: [{ type: 'Import', status: 'Warning', details: { id: '1001', tags: '["a"]', gone: '' } }],
      statusInfo: { status: 'Success', errorCode: null, errorCategory: null },
      sourceIdentity: { id: '1001', type: 'User', displayName: 'Jane' },
      targetIdentity: { id: 'w-1' },
      targetSystem: { name: 'Wiki' },
    },
  ]);
});

const because = (code: string) => ({ code, text: 'some words' });
test.each([
  [{ status: 'skipped', action: 'none', reason: because('out-of-scope') }, 'Skipped', 'EntrySynchronizationSkipped', 'Other'],
  [{ status: 'held', action: 'delete', reason: because('removal-held') }, 'Skipped', 'RemovalHeld', 'StagedDelete'],
  [{ status: 'failure', reason: because('invalid-value') }, 'Failure', 'InvalidValue', 'Update'],
  [{ status: 'failure', reason: because('no-matching-value') }, 'Failure', 'MissingValues', 'Update'],
  [{ status: 'not-found', action: 'none', reason: because('not-found'), changeId: null }, 'Failure', 'NotFound', 'Other'],
  [{ status: 'in-progress', action: 'none', reason: null }, 'Failure', 'InProgress', 'Other'],
] as const)('%o is a %s with the code %s', (more, status, errorCode, action) => {
  const { outcome, objects } = answered(more);
  expect(outcome).toMatchObject({ result: status, details: { errorCode, errorMessage: expect.any(String) } });
  expect(objects).toMatchObject([{ action, statusInfo: { status, errorCode } }]);
});

test('of several a failure is never hidden by a success', () => {
  const skipped = { status: 'skipped', reason: because('out-of-scope') } as const;
  expect(answered(skipped, {}).outcome.result).toBe('Success');
  const { outcome, objects } = answered({}, skipped, { status: 'failure', reason: because('invalid-value') });
  expect(outcome).toEqual({ result: 'Failure', details: { errorCode: 'InvalidValue', errorMessage: 'some words' } });
  expect(objects).toHaveLength(3);
});
