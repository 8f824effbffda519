import { z } from 'zod';

import { Failure, Initiator, NoticeChannel, NoticeKind } from '../events/index.js';

/** What the API says of kept objects, their causes, and a job's quarantines. Members are only ever added. Instants are UTC ISO strings. */

/** An object that failed and is kept. */
export const EscrowView = z.object({
  jobId: z.string(),
  objectKey: z.string(),
  sourceId: z.string().nullable(),
  displayName: z.string().nullable(),
  /** Change whose attempt failed last, or is under way: its entry of the provisioning log has the story. */
  changeId: z.string(),
  cycleId: z.string(),
  state: z.enum(['waiting', 'trying', 'given-up']),
  causeId: z.string().nullable(),
  failure: Failure,
  firstFailedAt: z.string(),
  retries: z.number(),
  /** Why it is tried before its time; null when it is not. */
  wokenBy: z.string().nullable(),
  nextAttemptAt: z.string().nullable(),
  givenUpAt: z.string().nullable(),
});
export type EscrowView = z.infer<typeof EscrowView>;

export const EscrowPageView = z.object({ escrows: z.array(EscrowView), next: z.string().nullable() });
export type EscrowPageView = z.infer<typeof EscrowPageView>;

/** One reason for which objects fail, as one line. */
export const CauseView = z.object({
  causeId: z.string(),
  operation: z.string(),
  kind: z.string(),
  code: z.string(),
  status: z.number().nullable(),
  attribute: z.string().nullable(),
  /** The words of the error, with `…` for what differs from object to object. */
  text: z.string(),
  /** What to do about it, in a sentence. */
  remedy: z.string(),
  /** Objects that are kept for it now, and those among them that were given up. */
  people: z.number(),
  givenUp: z.number(),
  /** Attempts that have failed for it since it was first seen. */
  failures: z.number(),
  firstSeenAt: z.string(),
  lastSeenAt: z.string(),
  examples: z.array(
    z.object({
      objectKey: z.string(),
      sourceId: z.string().nullable(),
      displayName: z.string().nullable(),
      changeId: z.string(),
      /** As the system said it of this one. */
      message: z.string(),
    }),
  ),
});
export type CauseView = z.infer<typeof CauseView>;

export const CausesView = z.object({ causes: z.array(CauseView) });
export type CausesView = z.infer<typeof CausesView>;

/** A stretch of time that a job spent in quarantine for one reason. */
export const QuarantineView = z.object({
  reason: z.string(),
  message: z.string(),
  enteredAt: z.string(),
  /** Found unhealthy so often, and when last. */
  times: z.number(),
  foundAt: z.string(),
  disabledAt: z.string().nullable(),
  leftAt: z.string().nullable(),
  /** null while it lasts, and when another reason took its place. */
  leftBy: Initiator.nullable(),
});
export type QuarantineView = z.infer<typeof QuarantineView>;

/** What became of telling people. */
export const NoticeView = z.object({
  noticeId: z.string(),
  kind: NoticeKind,
  channel: NoticeChannel,
  state: z.enum(['sent', 'retrying', 'given-up']),
  attempts: z.number(),
  message: z.string().nullable(),
  nextAttemptAt: z.string().nullable(),
  at: z.string(),
});
export type NoticeView = z.infer<typeof NoticeView>;

export const QuarantinesView = z.object({ quarantines: z.array(QuarantineView), notices: z.array(NoticeView) });
export type QuarantinesView = z.infer<typeof QuarantinesView>;

export const escrowPaths = {
  escrows: '/provident/v1/jobs/:jobId/escrows',
  causes: '/provident/v1/jobs/:jobId/causes',
  retry: '/provident/v1/jobs/:jobId/retry',
  quarantines: '/provident/v1/jobs/:jobId/quarantines',
} as const;
