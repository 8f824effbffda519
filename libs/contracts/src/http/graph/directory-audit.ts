import { z } from 'zod';

import { ModifiedProperty } from './provisioning.js';

/** Names under which the audit log lists what the service does, in the words of Microsoft Entra. */
export const auditActivities = [
  'Add provisioning configuration',
  'Delete provisioning configuration',
  'Disable/pause provisioning configuration',
  'Enable/restart provisioning configuration',
  'Enable/start provisioning configuration',
  'Update attribute mappings or scope',
  'Update provisioning setting or credentials',
  'Quarantine',
  'Import',
  'Synchronization rule action',
  'Export',
  'Process escrow',
  'Other',
] as const;
export const operationResults = ['success', 'failure'] as const;

const UserIdentity = z.object({
  id: z.string(),
  displayName: z.string(),
  userPrincipalName: z.string(),
  ipAddress: z.string().nullable(),
});
const AppIdentity = z.object({
  appId: z.string().nullable(),
  displayName: z.string(),
  servicePrincipalId: z.string().nullable(),
  servicePrincipalName: z.string().nullable(),
});

const TargetResource = z.object({
  id: z.string(),
  displayName: z.string(),
  type: z.enum(['ServicePrincipal', 'User', 'Group', 'Other']),
  userPrincipalName: z.string().nullable(),
  groupType: z.string().nullable(),
  modifiedProperties: z.array(ModifiedProperty),
});

/** One event of the log: `directoryAudit`. */
export const DirectoryAudit = z.object({
  id: z.string(),
  activityDateTime: z.iso.datetime(),
  activityDisplayName: z.enum(auditActivities),
  category: z.literal('ProvisioningManagement'),
  correlationId: z.string(),
  loggedByService: z.literal('Account Provisioning'),
  operationType: z.string().nullable(),
  /** There is no "skipped": a skip is a success that says why. */
  result: z.enum(operationResults),
  resultReason: z.string(),
  initiatedBy: z.object({ user: UserIdentity.nullable(), app: AppIdentity.nullable() }),
  /** First the application, then the person, where there is one. */
  targetResources: z.array(TargetResource),
  additionalDetails: z.array(z.object({ key: z.string(), value: z.string() })),
});
export type DirectoryAudit = z.infer<typeof DirectoryAudit>;
