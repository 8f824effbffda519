import { z } from 'zod';

import { defineEvent } from '../define-event.js';
import { SystemOfJob } from '../http/credentials.js';
import { Initiator, JobIdText } from './common.js';

/** Somebody had a system asked whether it lets us in: by itself, or because a job file was checked. Emitted by: report-api. */
export const ConnectionTested = defineEvent(
  'connection-tested',
  1,
  z.object({
    /** The installation for a job file that was never applied. */
    jobId: JobIdText,
    system: SystemOfJob,
    connector: z.string(),
    /** Whether it was asked as the job is applied, or as a job file says that was only checked. */
    rules: z.enum(['applied', 'checked']),
    result: z.enum(['success', 'failure']),
    /** What the system calls itself and holds; or why it could not be asked. */
    message: z.string(),
    by: Initiator,
  }),
);
