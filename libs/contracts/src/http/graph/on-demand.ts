import { z } from 'zod';

import { DetailsInfo, ModifiedProperty } from './provisioning.js';

/** What the texts in the answer of Graph's `provisionOnDemand` hold. Its words are those of the provisioning log, written with a capital letter. */

const results = ['Success', 'Skipped', 'Failure'] as const;

export const OnDemandOutcome = z.object({
  result: z.enum(results),
  details: z.object({ errorCode: z.string().nullable(), errorMessage: z.string().nullable() }),
});
export type OnDemandOutcome = z.infer<typeof OnDemandOutcome>;

const Identity = z.object({ id: z.string(), type: z.string(), displayName: z.string(), details: DetailsInfo });
const System = z.object({ id: z.string(), name: z.string(), details: DetailsInfo });

export const OnDemandObject = z.object({
  action: z.enum(['Create', 'Update', 'Disable', 'Delete', 'StagedDelete', 'Other']),
  changeId: z.string(),
  startTime: z.string(),
  endTime: z.string(),
  reportableIdentifier: z.string(),
  modifiedProperties: z.array(ModifiedProperty),
  provisioningSteps: z.array(
    z.object({
      name: z.string(),
      type: z.enum(['Import', 'Scoping', 'Matching', 'Export']),
      status: z.enum([...results, 'Warning']),
      description: z.string(),
      timestamp: z.string(),
      details: DetailsInfo,
    }),
  ),
  statusInfo: z.object({
    status: z.enum(results),
    errorCode: z.string().nullable(),
    reason: z.string().nullable(),
    additionalDetails: z.string().nullable(),
    errorCategory: z.enum(['NonServiceFailure', 'Success']).nullable(),
    recommendedAction: z.string().nullable(),
  }),
  sourceIdentity: Identity,
  targetIdentity: Identity,
  sourceSystem: System,
  targetSystem: System,
});
export type OnDemandObject = z.infer<typeof OnDemandObject>;
