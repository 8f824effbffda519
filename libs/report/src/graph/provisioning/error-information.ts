import type { Failure, ProvisioningErrorInfo } from '@provident/contracts';
import { remedyOf } from '@provident/domain';

import type { EntryRecord, StepRecord } from '../../log/entry-record.js';
import { pascalCase } from '../words.js';

type Kind = Failure['kind'];

/** By the reason, where Microsoft's own logs have a name for it. */
const codeOfReason: Readonly<Record<string, string>> = {
  'duplicate-target-entries': 'DuplicateTargetEntries',
  'invalid-anchor': 'InvalidAnchor',
  'mandatory-fields-missing': 'MandatoryFieldsMissing',
  'no-matching-value': 'MissingValues',
};
const codeOfKind: Partial<Record<Kind, string>> = {
  throttled: 'TooManyRequests',
  unavailable: 'InternalServerError',
  conflict: 'EntryConflict',
  unauthorized: 'Unauthorized',
  forbidden: 'InsufficientRights',
  protocol: 'SystemForCrossDomainIdentityManagementServiceIncompatible',
};

/** Whose fault it is: the service's own, or that of a system, its data or its administrator. */
const ownFaults: ReadonlySet<string> = new Set<Kind>(['misconfigured', 'protocol', 'unknown-outcome']);

/** The failure that an event of a change tells of. */
export const failureOf = ({ data }: Pick<StepRecord, 'data'>): Failure | null => (data['failure'] as Failure | null | undefined) ?? null;

export const errorCodeOf = ({ kind, code }: Pick<Failure, 'kind' | 'code'>): string =>
  codeOfReason[code] ?? codeOfKind[kind] ?? pascalCase(code);

/** Null for a success. A skip and a removal that waits say why, too. */
export function errorInformation(entry: Omit<EntryRecord, 'modified'>, events: readonly StepRecord[]): ProvisioningErrorInfo | null {
  if (entry.status === 'success') return null;
  const failure = entry.status === 'failure' ? (events.map(failureOf).findLast((each) => each !== null) ?? null) : null;
  const reason = { reason: entry.text, additionalDetails: detailsOf(entry, failure) };
  if (entry.status === 'warning')
    return {
      errorCode: 'RemovalHeld',
      errorCategory: 'success',
      ...reason,
      recommendedAction: 'Look at the removals that wait, and release them.',
    };
  if (entry.status === 'skipped')
    return { errorCode: 'EntrySynchronizationSkipped', errorCategory: 'success', ...reason, recommendedAction: null };
  const { kind, code } = failure ?? { kind: 'rejected' as const, code: entry.reason ?? 'Unknown' };
  return {
    errorCode: errorCodeOf({ kind, code }),
    errorCategory: ownFaults.has(kind) ? 'failure' : 'nonServiceFailure',
    ...reason,
    recommendedAction: remedyOf({ kind, code }),
  };
}

function detailsOf({ reason, attempts, next_attempt_at }: Omit<EntryRecord, 'modified'>, failure: Failure | null): string | null {
  const parts = [
    ...(reason === null ? [] : [`reason ${reason}`]),
    ...(failure?.status === undefined ? [] : [`the system answered ${failure.status}`]),
    ...(failure?.attribute === undefined ? [] : [`attribute ${failure.attribute}`]),
    ...(attempts > 1 ? [`${attempts} attempts`] : []),
    ...(next_attempt_at === null ? [] : [`next attempt at ${next_attempt_at}`]),
  ];
  return parts.length === 0 ? null : parts.join('; ');
}
