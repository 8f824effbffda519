import type { DirectoryAudit, ProvisioningObjectSummary } from '@provident/contracts';
import type { StreamItem } from '@provident/report';

export const tenantId = 'aaaaaaaa-0000-4000-8000-000000000000';
const at = '2026-03-01T08:00:00.250Z';

export const entry = (said: Partial<ProvisioningObjectSummary> = {}): ProvisioningObjectSummary => ({
  id: 'change-1',
  activityDateTime: at,
  tenantId,
  jobId: 'wiki',
  cycleId: 'cycle-1',
  changeId: 'change-1',
  provisioningAction: 'create',
  durationInMilliseconds: 120,
  initiatedBy: { id: '', displayName: '', initiatorType: 'system' },
  servicePrincipal: { id: 'sp', displayName: 'wiki' },
  sourceSystem: { id: 's', displayName: 'csv', details: {} },
  targetSystem: { id: 't', displayName: 'wiki', details: {} },
  sourceIdentity: { id: 'E 1', displayName: 'Zoë', identityType: 'User', details: {} },
  targetIdentity: { id: 'u-1', displayName: 'zoe@example.org', identityType: 'User', details: {} },
  provisioningStatusInfo: { status: 'success', errorInformation: null },
  provisioningSteps: [],
  modifiedProperties: [{ displayName: 'userName', oldValue: null, newValue: 'zoe@example.org' }],
  ...said,
});

export const entryItem = (sequence: number, said: Partial<ProvisioningObjectSummary> = {}): StreamItem => {
  const made = entry(said);
  return { kind: 'provisioning', sequence, jobId: made.jobId, at, status: made.provisioningStatusInfo.status, entry: made };
};

const none = { userPrincipalName: null, groupType: null, modifiedProperties: [] };

interface AuditSaid {
  readonly type?: string;
  readonly activity?: string;
  readonly objectType?: string | null;
  readonly status?: string;
  readonly data?: Record<string, unknown>;
}

/** An event of the audit log: an export of a user unless another is wanted. */
export function auditItem(
  sequence: number,
  {
    type = 'object-exported',
    activity = 'export',
    objectType = 'user',
    status = 'success',
    data = { action: 'create', changes: [] },
  }: AuditSaid = {},
): StreamItem {
  const objectName = objectType === 'group' ? 'Group' : 'User';
  const application = { id: 'sp', displayName: 'wiki', type: 'ServicePrincipal', ...none } as const;
  const person = { id: 'E 1', displayName: 'zoe@example.org', type: objectName, ...none } as const;
  const audit: DirectoryAudit = {
    id: `Sync_change-1_0_${sequence}`,
    activityDateTime: at,
    activityDisplayName: activity === 'export' ? 'Export' : activity === 'job' ? 'Other' : 'Import',
    category: 'ProvisioningManagement',
    correlationId: 'change-1',
    loggedByService: 'Account Provisioning',
    operationType: null,
    result: status === 'failure' ? 'failure' : 'success',
    resultReason: 'something was done',
    initiatedBy: { user: null, app: { appId: null, displayName: 'Provident', servicePrincipalId: null, servicePrincipalName: null } },
    targetResources: objectType === null ? [application] : [application, person, { ...person, id: 'u-1' }],
    additionalDetails: [],
  };
  return {
    kind: 'audit',
    sequence,
    jobId: 'wiki',
    at,
    status,
    audit,
    facts: {
      eventId: `event-${sequence}`,
      type,
      activity,
      objectType,
      sourceId: objectType === null ? null : 'E 1',
      targetId: objectType === null ? null : 'u-1',
      changeId: objectType === null ? null : 'change-1',
      data,
    },
  };
}
