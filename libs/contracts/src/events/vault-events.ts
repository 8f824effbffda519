import { z } from 'zod';

import { defineEvent } from '../define-event.js';
import { Initiator, JobIdText } from './common.js';

/** A secret of the vault was set, or set anew; its value is in no event. Emitted by: report-api. */
export const SecretSet = defineEvent(
  'secret-set',
  1,
  z.object({
    jobId: JobIdText,
    name: z.string(),
    /** Whether it took the place of another value. */
    replaced: z.boolean(),
    by: Initiator,
  }),
);

/** A secret of the vault was deleted. Emitted by: report-api. */
export const SecretDeleted = defineEvent('secret-deleted', 1, z.object({ jobId: JobIdText, name: z.string(), by: Initiator }));

/** Everything in the vault is under another master key. Emitted by: report-api. */
export const VaultRotated = defineEvent(
  'vault-rotated',
  1,
  z.object({
    jobId: JobIdText,
    /** Id of the master key: tells nothing of it. */
    masterKey: z.string(),
    /** Data keys that were brought under it. */
    rewrapped: z.int().nonnegative(),
    by: Initiator,
  }),
);
