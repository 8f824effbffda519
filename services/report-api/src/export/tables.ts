import type { DirectoryAudit, exportFiles, ProvisioningObjectSummary } from '@provident/contracts';

import type { CsvTable } from './csv.js';

/** The three files of a download, joined by change id. */
export const provisioningTables: Record<(typeof exportFiles)[number], CsvTable<ProvisioningObjectSummary>> = {
  entries: {
    columns: [
      'id',
      'activityDateTime',
      'tenantId',
      'jobId',
      'cycleId',
      'changeId',
      'provisioningAction',
      'status',
      'errorCode',
      'errorCategory',
      'reason',
      'additionalDetails',
      'recommendedAction',
      'durationInMilliseconds',
      'initiatedBy',
      'servicePrincipalId',
      'servicePrincipalDisplayName',
      'sourceSystem',
      'targetSystem',
      'sourceIdentityType',
      'sourceIdentityId',
      'sourceIdentityDisplayName',
      'targetIdentityType',
      'targetIdentityId',
      'targetIdentityDisplayName',
    ],
    rows: (entry) => [entryRow(entry)],
  },
  steps: {
    columns: ['changeId', 'number', 'name', 'provisioningStepType', 'status', 'description', 'details'],
    rows: ({ changeId, provisioningSteps }) =>
      provisioningSteps.map(({ name, provisioningStepType, status, description, details }, index) => [
        changeId,
        index + 1,
        name,
        provisioningStepType,
        status,
        description,
        JSON.stringify(details),
      ]),
  },
  'modified-properties': {
    columns: ['changeId', 'displayName', 'oldValue', 'newValue'],
    rows: ({ changeId, modifiedProperties }) =>
      modifiedProperties.map(({ displayName, oldValue, newValue }) => [changeId, displayName, oldValue, newValue]),
  },
};

/** Members of an entry that a file is made of: what is not needed is not looked up. */
export const membersOf: Record<(typeof exportFiles)[number], string> = {
  entries: Array.of<keyof ProvisioningObjectSummary>('id', 'initiatedBy', 'provisioningStatusInfo').join(','),
  steps: Array.of<keyof ProvisioningObjectSummary>('changeId', 'provisioningSteps').join(','),
  'modified-properties': Array.of<keyof ProvisioningObjectSummary>('changeId', 'modifiedProperties').join(','),
};

function entryRow(entry: ProvisioningObjectSummary) {
  const { status, errorInformation } = entry.provisioningStatusInfo;
  return [
    entry.id,
    entry.activityDateTime,
    entry.tenantId,
    entry.jobId,
    entry.cycleId,
    entry.changeId,
    entry.provisioningAction,
    status,
    errorInformation?.errorCode ?? null,
    errorInformation?.errorCategory ?? null,
    errorInformation?.reason ?? null,
    errorInformation?.additionalDetails ?? null,
    errorInformation?.recommendedAction ?? null,
    entry.durationInMilliseconds,
    entry.initiatedBy.displayName,
    entry.servicePrincipal.id,
    entry.servicePrincipal.displayName,
    entry.sourceSystem.displayName,
    entry.targetSystem.displayName,
    entry.sourceIdentity.identityType,
    entry.sourceIdentity.id,
    entry.sourceIdentity.displayName,
    entry.targetIdentity.identityType,
    entry.targetIdentity.id,
    entry.targetIdentity.displayName,
  ];
}

export const auditTable: CsvTable<DirectoryAudit> = {
  columns: [
    'id',
    'activityDateTime',
    'activityDisplayName',
    'category',
    'correlationId',
    'result',
    'resultReason',
    'operationType',
    'initiatedBy',
    'targets',
    'modifiedProperties',
    'additionalDetails',
  ],
  rows: (audit) => [
    [
      audit.id,
      audit.activityDateTime,
      audit.activityDisplayName,
      audit.category,
      audit.correlationId,
      audit.result,
      audit.resultReason,
      audit.operationType,
      audit.initiatedBy.user?.displayName ?? audit.initiatedBy.app?.displayName ?? null,
      audit.targetResources.map(({ displayName, id }) => `${displayName} (${id})`).join('; '),
      JSON.stringify(audit.targetResources.flatMap(({ modifiedProperties }) => modifiedProperties)),
      JSON.stringify(Object.fromEntries(audit.additionalDetails.map(({ key, value }) => [key, value]))),
    ],
  ],
};
