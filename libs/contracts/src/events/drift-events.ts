import { z } from 'zod';

import { defineEvent } from '../define-event.js';
import { CycleIdText, JobIdText, ObjectKeyText, Value } from './common.js';
import { DriftMode, DriftOfAccount, DriftOfMembers } from './drift.js';

/** An account is other than the rules made it, and the source has not changed: somebody changed it in the target. Emitted by: importer. */
export const DriftFound = defineEvent(
  'drift-found',
  1,
  z.object({
    jobId: JobIdText,
    cycleId: CycleIdText,
    objectKey: ObjectKeyText,
    sourceId: z.string(),
    displayName: z.string().optional(),
    targetId: z.string(),
    mode: DriftMode,
    account: DriftOfAccount,
    attributes: z.array(z.object({ attribute: z.string(), expected: Value, found: Value })),
    members: DriftOfMembers.optional(),
  }),
);
