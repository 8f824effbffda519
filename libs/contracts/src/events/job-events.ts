import { JobDefinition, restartScopes } from '@provident/domain';
import { z } from 'zod';

import { defineEvent } from '../define-event.js';
import {
  CycleIdText,
  Failure,
  Initiator,
  Instant,
  JobIdText,
  ObjectKeyText,
  RemovalCounts,
  RemovalGuard,
  RemovalKindText,
} from './common.js';
import { DriftMode, DriftSummary } from './drift.js';
import { NoticeChannel, NoticeKind } from './notices.js';
import { Tally } from './tally.js';

/** A job was created, or its definition changed. Emitted by: job-scheduler. */
export const JobConfigured = defineEvent(
  'job-configured',
  1,
  z.object({
    jobId: JobIdText,
    /** 1 at first, one more with each change. */
    revision: z.int().positive(),
    definition: JobDefinition,
    /** Folder of the services' machine from which relative paths of the definition start. */
    baseDir: z.string(),
    by: Initiator,
    /** Names of the systems for people. */
    systems: z.object({ source: z.string(), target: z.string() }),
  }),
);

/** A job was started, paused, stopped or removed by somebody. Emitted by: job-scheduler. */
export const JobStateChanged = defineEvent(
  'job-state-changed',
  1,
  z.object({ jobId: JobIdText, state: z.enum(['active', 'paused', 'stopped', 'removed']), by: Initiator }),
);

/** Somebody wants the job to begin anew, in part or as a whole. Emitted by: job-scheduler. */
export const JobRestarted = defineEvent(
  'job-restarted',
  1,
  z.object({
    jobId: JobIdText,
    /** As `RestartScope` of the domain explains them. */
    scopes: z.array(z.enum(restartScopes)).min(1),
    /** The target is another system from now on: links that older rules still make do not count. */
    otherTarget: z.boolean(),
    by: Initiator,
  }),
);

/** A pass over the source begins. Emitted by: job-scheduler. */
export const CycleOpened = defineEvent(
  'cycle-opened',
  1,
  z.object({
    jobId: JobIdText,
    cycleId: CycleIdText,
    kind: z.enum(['initial', 'incremental']),
    rules: z.int().nonnegative(),
    /** Watermark of the last completed import; null reads everything. */
    watermark: z.record(z.string(), z.unknown()).nullable(),
    by: Initiator,
    /** Accounts are compared with what the rules expect of them, and told of or changed back; absent: they are not. */
    drift: DriftMode.optional(),
  }),
);

/** Removals proposed in a cycle wait: for a person, because they are more than the threshold allows, or for the next complete import, because this one failed. Emitted by: job-scheduler. */
export const RemovalsHeld = defineEvent(
  'removals-held',
  1,
  z.object({
    jobId: JobIdText,
    cycleId: CycleIdText,
    proposed: z.int(),
    linked: z.int(),
    threshold: z.string(),
    until: z.enum(['person', 'import']),
    /** How many of each kind; absent in logs of older versions, which held accounts alone. */
    kinds: RemovalCounts.optional(),
    /** Members that leave groups, all of these removals together. */
    members: z.int().nonnegative().optional(),
    /** Which limits hold them; absent when none does, and in logs of older versions. */
    guards: z.array(RemovalGuard).optional(),
  }),
);

const decided = {
  jobId: JobIdText,
  cycleId: CycleIdText,
  /** How many. */
  proposed: z.int(),
  by: Initiator,
  /** Only those of these kinds; absent: of all. */
  kinds: z.array(RemovalKindText).optional(),
  /** Only those of these objects; absent: of all. */
  objectKeys: z.array(ObjectKeyText).optional(),
};

/** Removals proposed in a cycle may be done. Emitted by: job-scheduler. */
export const RemovalsReleased = defineEvent(
  'removals-released',
  1,
  z.object({
    ...decided,
    /** Whether they have waited for a person or another cycle: what is known of groups may have changed since. */
    waited: z.boolean().optional(),
  }),
);

/** Removals that waited are not done, because a person does not want them. Emitted by: job-scheduler. */
export const RemovalsRejected = defineEvent('removals-rejected', 1, z.object(decided));

/** A cycle ended: every imported object is accounted for, or the import failed. Emitted by: job-scheduler. */
export const CycleClosed = defineEvent(
  'cycle-closed',
  1,
  z.object({
    jobId: JobIdText,
    cycleId: CycleIdText,
    kind: z.enum(['initial', 'incremental']),
    result: z.enum(['succeeded', 'entry-level-errors', 'failed']),
    tally: Tally,
    openedAt: Instant,
    failure: Failure.nullable(),
  }),
);

/** The job is unhealthy and runs less often. Emitted by: job-scheduler. */
export const JobQuarantined = defineEvent(
  'job-quarantined',
  1,
  z.object({
    jobId: JobIdText,
    reason: z.enum(['connection', 'failure-proportion', 'failure-count', 'failure-total', 'too-many-removals']),
    failure: Failure,
    /** Start of the unbroken series, and how often it was found unhealthy since. */
    beganAt: Instant,
    count: z.int().positive(),
    nextAttemptAt: Instant,
  }),
);

/** The job is healthy again. Emitted by: job-scheduler. */
export const JobRecovered = defineEvent('job-recovered', 1, z.object({ jobId: JobIdText, by: Initiator, quarantinedAt: Instant }));

/** The job was in quarantine for so long that it runs no more by itself; a person starts it again. Emitted by: job-scheduler. */
export const JobDisabled = defineEvent(
  'job-disabled',
  1,
  z.object({ jobId: JobIdText, reason: z.string(), failure: Failure, quarantinedAt: Instant }),
);

/** Which kept objects an administrator wants tried now. */
export const RetryScope = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('all') }),
  z.object({ kind: z.literal('cause'), causeId: z.string().min(1) }),
  z.object({ kind: z.literal('objects'), objectKeys: z.array(z.string().min(3)).min(1).max(100) }),
]);
export type RetryScope = z.infer<typeof RetryScope>;

/** A person asked for kept objects to be tried again now. Emitted by: job-scheduler. */
export const RetriesOrdered = defineEvent('retries-ordered', 1, z.object({ jobId: JobIdText, scope: RetryScope, by: Initiator }));

/** A notice has reached its mail server or webhook. Emitted by: job-scheduler. */
export const NoticeSent = defineEvent(
  'notice-sent',
  1,
  z.object({ jobId: JobIdText, noticeId: z.string(), kind: NoticeKind, channel: NoticeChannel, attempts: z.int().positive() }),
);

/** A notice could not be delivered: it is tried again, or was given up. Emitted by: job-scheduler. */
export const NoticeFailed = defineEvent(
  'notice-failed',
  1,
  z.object({
    jobId: JobIdText,
    noticeId: z.string(),
    kind: NoticeKind,
    channel: NoticeChannel,
    attempts: z.int().positive(),
    /** Without addresses and credentials. */
    message: z.string(),
    /** null once it was given up. */
    nextAttemptAt: Instant.nullable(),
  }),
);

/** A page of the source was read; its objects are in the same append. Emitted by: importer. */
export const PageImported = defineEvent(
  'page-imported',
  1,
  z.object({
    jobId: JobIdText,
    cycleId: CycleIdText,
    page: z.int().positive(),
    cursor: z.record(z.string(), z.unknown()),
    /** Of the cycle so far. */
    read: z.int(),
    imported: z.int(),
    failed: z.int(),
    /** Records to expect, when the source can tell. */
    total: z.int().nullable(),
  }),
);

/** The source was read to its end. Emitted by: importer. */
export const ImportCompleted = defineEvent(
  'import-completed',
  1,
  z.object({
    jobId: JobIdText,
    cycleId: CycleIdText,
    watermark: z.record(z.string(), z.unknown()),
    read: z.int(),
    /** Objects that this cycle sent through the pipeline: every one of them has an outcome in the log. */
    imported: z.int(),
    /** Those among them that could not be imported. */
    failed: z.int(),
    /** Objects found absent by a complete read. */
    gone: z.int(),
    /** Objects whose last known record was judged by rules that were new to it; those who fare differently are among the imported. */
    reevaluated: z.int().nonnegative().default(0),
    /** Why absence proves nothing this time, in a sentence; null when it was looked at, or the source tells of removals itself. */
    absenceWithheld: z.string().nullable(),
    /** Objects with an account in the target when the import ended: what removals are weighed against. */
    linked: z.int(),
    /** What else removals are weighed against; absent in logs of older versions. */
    weighed: z
      .object({
        /** Memberships that were written to the target; none are counted when nobody leaves a group. */
        members: z.int().nonnegative(),
        /** Kinds of objects of which some are gone from the source: how many, of those and the present ones. */
        shrunk: z.array(z.object({ type: z.string(), gone: z.int().nonnegative(), known: z.int().nonnegative() })),
      })
      .optional(),
    /** What was found out about accounts; absent when none was looked at. */
    drift: DriftSummary.optional(),
    /** What the source said anew of memberships; absent when it was not asked. */
    memberships: z
      .object({
        added: z.int(),
        removed: z.int(),
        refused: z.int(),
        /** Why nothing follows from memberships that did not show, in a sentence; null when it was looked at. */
        absenceWithheld: z.string().nullable(),
      })
      .optional(),
  }),
);

/** The source could not be read to its end; nothing follows from what is missing, and the watermark stays. Emitted by: importer. */
export const ImportFailed = defineEvent(
  'import-failed',
  1,
  z.object({
    jobId: JobIdText,
    cycleId: CycleIdText,
    side: z.enum(['source', 'target']),
    read: z.int(),
    imported: z.int(),
    failure: Failure,
  }),
);
