import type {
  OnDemandObject,
  OnDemandOutcome,
  OnDemandResult,
  OnDemandStep,
  OnDemandView,
  ProvisionOnDemandResponse,
} from '@provident/contracts';

import { partId } from '../ids.js';
import { modifiedProperties } from '../modified-properties.js';
import { errorCodeOf } from '../provisioning/error-information.js';
import { objectTypeName, pascalCase } from '../words.js';

type Result = OnDemandOutcome['result'];

/** Graph knows three results only: a removal that waits is not done, and what is not done yet is no success. */
const results: Readonly<Record<OnDemandResult['status'], Result>> = {
  success: 'Success',
  skipped: 'Skipped',
  held: 'Skipped',
  failure: 'Failure',
  'not-found': 'Failure',
  'in-progress': 'Failure',
};
const actions = { create: 'Create', update: 'Update', disable: 'Disable', delete: 'Delete', none: 'Other' } as const;
const stepTypes = { connection: 'Import', import: 'Import', scoping: 'Scoping', matching: 'Matching', export: 'Export' } as const;
const stepStatuses = { success: 'Success', failure: 'Failure', skipped: 'Skipped', warning: 'Warning' } as const;
/** Of several, what went wrong is the result of all; something that was done outweighs nothing to do. */
const byWeight: readonly Result[] = ['Failure', 'Success', 'Skipped'];

/** What became of the objects, in the form of Graph's `stringKeyStringValuePair`: two texts of JSON. Pure. */
export function onDemandResponse({ jobId, results: found }: OnDemandView): ProvisionOnDemandResponse {
  const objects = found.map((each) => onDemandObject(jobId, each));
  const telling = byWeight.flatMap((result) => objects.filter(({ statusInfo }) => statusInfo.status === result))[0];
  const { status, errorCode, reason } = telling?.statusInfo ?? { status: 'Skipped' as const, errorCode: null, reason: null };
  const outcome: OnDemandOutcome = { result: status, details: { errorCode, errorMessage: reason } };
  return { key: JSON.stringify(outcome), value: JSON.stringify(objects.length === 1 ? objects[0] : objects) };
}

function onDemandObject(jobId: string, result: OnDemandResult): OnDemandObject {
  const { objectType, displayName, changeId, status, action, source, target } = result;
  const identity = { type: objectTypeName(objectType), displayName: displayName ?? '', details: {} };
  return {
    action: status === 'held' ? 'StagedDelete' : actions[action],
    changeId: changeId ?? '',
    startTime: result.startedAt,
    endTime: result.endedAt,
    reportableIdentifier: source.id,
    modifiedProperties: modifiedProperties(result.modified),
    provisioningSteps: result.steps.map(step),
    statusInfo: statusInfo(result),
    sourceIdentity: { id: source.id, ...identity },
    targetIdentity: { id: target.id ?? '', ...identity },
    sourceSystem: { id: partId('source-system', jobId), name: source.system, details: {} },
    targetSystem: { id: partId('target-system', jobId), name: target.system, details: {} },
  };
}

function statusInfo({ status, reason }: OnDemandResult): OnDemandObject['statusInfo'] {
  const none = { errorCode: null, reason: null, additionalDetails: null, errorCategory: null, recommendedAction: null };
  if (status === 'success') return { ...none, status: results[status] };
  return {
    ...none,
    status: results[status],
    errorCode: codeOf(status, reason?.code),
    reason: reason?.text ?? (status === 'in-progress' ? 'It is not done yet: the provisioning log tells how it ends.' : null),
    errorCategory: results[status] === 'Failure' ? 'NonServiceFailure' : 'Success',
    recommendedAction: status === 'held' ? 'Look at the removals that wait, and release them.' : null,
  };
}

function codeOf(status: OnDemandResult['status'], code: string | undefined): string {
  if (status === 'held') return 'RemovalHeld';
  if (status === 'skipped') return 'EntrySynchronizationSkipped';
  if (status === 'in-progress' || code === undefined) return pascalCase(status);
  return errorCodeOf({ kind: 'rejected', code });
}

const step = ({ type, name, status, description, at, details }: OnDemandStep): OnDemandObject['provisioningSteps'][number] => ({
  name,
  type: stepTypes[type],
  status: stepStatuses[status],
  description,
  timestamp: at,
  details: Object.fromEntries(Object.entries(details).map(([key, value]) => [key, textOfDetail(value)])),
});

const textOfDetail = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
