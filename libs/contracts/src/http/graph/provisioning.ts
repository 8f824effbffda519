import { z } from 'zod';

/** The provisioning log in the shapes of Microsoft Graph. Empty parts of an identity are empty texts and objects, not null. */

export const provisioningActions = ['create', 'delete', 'disable', 'update', 'stagedDelete', 'other'] as const;
export const provisioningResults = ['success', 'failure', 'skipped', 'warning'] as const;
export const provisioningStepTypes = ['import', 'scoping', 'matching', 'processing', 'referenceResolution', 'export'] as const;
export const errorCategories = ['failure', 'nonServiceFailure', 'success'] as const;
export const initiatorTypes = ['user', 'application', 'system'] as const;

/** Texts by name; which names there are depends on what they describe. */
export const DetailsInfo = z.record(z.string(), z.string());
const Identity = z.object({ id: z.string(), displayName: z.string() });

export const ModifiedProperty = z.object({ displayName: z.string(), oldValue: z.string().nullable(), newValue: z.string().nullable() });
export type ModifiedProperty = z.infer<typeof ModifiedProperty>;

export const ProvisioningStep = z.object({
  name: z.string(),
  provisioningStepType: z.enum(provisioningStepTypes),
  status: z.enum(provisioningResults),
  description: z.string(),
  details: DetailsInfo,
});
export type ProvisioningStep = z.infer<typeof ProvisioningStep>;

export const ProvisioningErrorInfo = z.object({
  errorCode: z.string(),
  errorCategory: z.enum(errorCategories),
  reason: z.string(),
  additionalDetails: z.string().nullable(),
  recommendedAction: z.string().nullable(),
});
export type ProvisioningErrorInfo = z.infer<typeof ProvisioningErrorInfo>;

const System = Identity.extend({ details: DetailsInfo });
const ProvisionedIdentity = Identity.extend({ identityType: z.string(), details: DetailsInfo });

/** One change of one object: `provisioningObjectSummary`. */
export const ProvisioningObjectSummary = z.object({
  id: z.string(),
  activityDateTime: z.iso.datetime(),
  tenantId: z.string(),
  jobId: z.string(),
  cycleId: z.string(),
  changeId: z.string(),
  provisioningAction: z.enum(provisioningActions),
  /** From its first step to its latest. */
  durationInMilliseconds: z.int(),
  initiatedBy: Identity.extend({ initiatorType: z.enum(initiatorTypes) }),
  servicePrincipal: Identity,
  sourceSystem: System,
  targetSystem: System,
  sourceIdentity: ProvisionedIdentity,
  targetIdentity: ProvisionedIdentity,
  provisioningStatusInfo: z.object({ status: z.enum(provisioningResults), errorInformation: ProvisioningErrorInfo.nullable() }),
  provisioningSteps: z.array(ProvisioningStep),
  modifiedProperties: z.array(ModifiedProperty),
});
export type ProvisioningObjectSummary = z.infer<typeof ProvisioningObjectSummary>;
