import { z } from 'zod';

import { defineEvent } from '../define-event.js';
import { Initiator, JobIdText, ObjectKeyText } from './common.js';

/** Links stand in the log beside whatever cycle is open: they belong to none. */
const link = {
  jobId: JobIdText,
  objectKey: ObjectKeyText,
  sourceId: z.string(),
  displayName: z.string().optional(),
  by: Initiator,
};

/**
 * A person took the link between an object and its account away. Neither of the two is changed by that; the next cycle looks for the object's account
 * anew, by the matching rules. Emitted by: importer.
 */
export const LinkRemoved = defineEvent(
  'link-removed',
  1,
  z.object({
    ...link,
    /** The account that was linked. */
    targetId: z.string(),
  }),
);

/** A person linked an object to an account of his choice, which exists and is linked to nobody else. Emitted by: importer. */
export const LinkRepaired = defineEvent(
  'link-repaired',
  1,
  z.object({
    ...link,
    targetId: z.string(),
    state: z.enum(['active', 'disabled', 'unknown']),
    /** Whether the object, as it is known, should have an active account: if so, one that is disabled was disabled by somebody else. Earlier versions did not tell. */
    wanted: z.boolean().optional(),
    /** The account that was linked before; null for none. */
    formerId: z.string().nullable(),
  }),
);
