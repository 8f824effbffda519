import { z } from 'zod';

import { DriftMode, DriftOfAccount, DriftOfMembers } from '../events/drift.js';
import { CycleView, LogEntryView, NamesByKey } from './views.js';

/** An account that was found to be other than the rules made it. */
export const DriftView = z.object({
  objectKey: z.string(),
  objectType: z.string(),
  sourceId: z.string(),
  displayName: z.string().nullable(),
  targetId: z.string(),
  account: DriftOfAccount,
  attributes: z.array(z.object({ attribute: z.string(), expected: z.unknown(), found: z.unknown() })),
  /** Of a group: whose membership was changed by hand. */
  members: DriftOfMembers.optional(),
  /** Names of the members that are named, by object key, as far as they are known. */
  memberNames: NamesByKey.optional(),
  mode: DriftMode,
  /** How the change back went, of a cycle that changes back; null while it is under way, or was not tried. */
  repair: LogEntryView.shape.status.nullable().optional(),
  at: z.string(),
});
export type DriftView = z.infer<typeof DriftView>;

/** What one cycle found; `cycle` is null when none has looked yet. */
export const DriftPageView = z.object({ cycle: CycleView.nullable(), found: z.array(DriftView), next: z.string().nullable() });
export type DriftPageView = z.infer<typeof DriftPageView>;

export const driftPath = '/provident/v1/jobs/:jobId/drift';
