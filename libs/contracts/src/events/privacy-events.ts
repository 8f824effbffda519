import { z } from 'zod';

import { defineEvent } from '../define-event.js';
import { Initiator, Instant, JobIdText, ObjectKeyText } from './common.js';

/**
 * The keys of a person were destroyed: what was sealed with them cannot be read any more by anybody. Whoever keeps values of theirs elsewhere blanks
 * them. Emitted by: report-api.
 */
export const PersonErased = defineEvent(
  'person-erased',
  1,
  z.object({
    jobId: JobIdText,
    objectKey: ObjectKeyText,
    /** Of the keys that are gone; empty when nothing of theirs was ever sealed. */
    keyIds: z.array(z.string()),
    /** Why, in the words of whoever asked; null when they gave no reason. */
    why: z.string().nullable(),
    requestedAt: Instant,
    by: Initiator,
  }),
);
