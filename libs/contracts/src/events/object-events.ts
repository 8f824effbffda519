import { z } from 'zod';

import { defineEvent } from '../define-event.js';
import {
  Bag,
  CauseFacts,
  Change,
  ChangeIdText,
  CycleIdText,
  Failure,
  Initiator,
  Instant,
  JobIdText,
  MemberChanges,
  MembersGuard,
  MembersLeaving,
  ObjectFacts,
  ObjectKeyText,
  Part,
  Reason,
  Value,
  WriteAction,
} from './common.js';

/** A source object differs from what was known, or is taken up again. Emitted by: importer. */
export const SourceObjectImported = defineEvent(
  'source-object-imported',
  1,
  ObjectFacts.extend({
    sourceId: z.string(),
    /** `again`: unchanged at the source, but taken up for a retry, new rules or a person's request. */
    change: z.enum(['added', 'updated', 'deleted', 'again']),
    /** As the source typed them; of a deleted object the last known. */
    attributes: Bag,
    /** Whether a target-object-imported follows, or an object-import-failed in its place; without one the object has no account and needs none. */
    targetFollows: z.boolean(),
    /** Of what it tells; absent: of the whole object. */
    part: Part.optional(),
  }),
);

/** An attribute that holds the account of another object, with what is known of that account. */
export const ResolvedReference = z.object({
  attribute: z.string(),
  to: ObjectKeyText.nullable(),
  state: z.enum(['resolved', 'waiting', 'gone', 'itself', 'several']),
  id: z.string().nullable(),
  /** Of `itself` by way of others: the objects that refer to each other in a circle, from this one on. `id` is the account that is not written. */
  circle: z.array(ObjectKeyText).optional(),
});
export type ResolvedReference = z.infer<typeof ResolvedReference>;

export const TargetMatch = z.object({ id: z.string(), attributes: Bag, state: z.enum(['active', 'disabled', 'unknown']) });
export type TargetMatch = z.infer<typeof TargetMatch>;

/** What the target holds for that object. Emitted by: importer, right after its source-object-imported and in the same append. */
export const TargetObjectImported = defineEvent(
  'target-object-imported',
  1,
  ObjectFacts.extend({
    /** How it was found: by the stored link, by a matching attribute, or by nothing. */
    by: z.enum(['link', 'matching', 'none']),
    /** Matching attributes that were tried, in order, and how many objects each found. */
    tried: z.array(z.object({ attribute: z.string(), value: Value, found: z.int() })),
    matches: z.array(TargetMatch),
    /** Target id of the stored link, whether or not the object was found there. */
    linkedId: z.string().nullable(),
    /** Log sequence up to which exports had been taken into account when this was read. */
    basis: z.int().nonnegative(),
    /** Of an object that is not wanted: its account is gone or disabled already, so that no export will tell of it. Absent: there may be one, or nothing new. */
    already: z.enum(['gone', 'disabled']).optional(),
    /** Of an object that is wanted: its account, which the job had disabled, is in use, so that no export will tell of that either. */
    reactivated: z.literal(true).optional(),
    /** What is known of the accounts that the object refers to; absent: it refers to none. */
    references: z.array(ResolvedReference).optional(),
    /** Of a group: members that its account has to gain and lose, as far as they have accounts; absent: none. */
    members: MemberChanges.optional(),
    /** Of members who leave because the source says so: how many the group loses in this cycle. */
    guard: MembersLeaving.optional(),
    /** A person rejected the removal of the account, and object and rules are as they were then. */
    rejected: z.object({ action: z.enum(['disable', 'delete']), by: z.string(), at: Instant }).optional(),
    part: Part.optional(),
  }),
);

/** An object could not be imported: its record is unusable (it then stands alone), or the target could not be asked (it then follows the source-object-imported). Emitted by: importer. */
export const ObjectImportFailed = defineEvent(
  'object-import-failed',
  1,
  ObjectFacts.extend({
    sourceId: z.string().nullable(),
    side: z.enum(['source', 'target']),
    place: z.string().nullable(),
    failure: Failure,
  }),
);

/**
 * The source says of a group that others belong to it, or do no longer. One event tells of some hundred memberships at most; it is a fact of the
 * source, and writes nothing by itself. Emitted by: importer.
 */
export const MembershipsImported = defineEvent(
  'memberships-imported',
  1,
  z.object({
    jobId: JobIdText,
    cycleId: CycleIdText,
    /** The group. */
    objectKey: ObjectKeyText,
    added: z.array(ObjectKeyText),
    removed: z.array(ObjectKeyText),
    /** Memberships that are left out, and why. */
    refused: z.array(
      z.object({ key: ObjectKeyText, code: z.enum(['nested-group', 'nesting-cycle', 'contains-itself']), text: z.string() }),
    ),
  }),
);

export const ScopeVerdict = z.object({
  inScope: z.boolean(),
  /** Every clause that was looked at, with the value it met. */
  clauses: z.array(z.object({ filter: z.string(), clause: z.string(), actual: z.string(), holds: z.boolean() })),
});
export type ScopeVerdict = z.infer<typeof ScopeVerdict>;

/**
 * The rules were applied: what should happen, attribute by attribute, and why. Every imported object has exactly one in each round, an object that
 * could not be imported too (`fail`, reason `import-failed`). Emitted by: rule-evaluator.
 */
export const RuleEvaluated = defineEvent(
  'rule-evaluated',
  1,
  ObjectFacts.extend({
    sourceId: z.string().nullable(),
    action: z.enum([...(['create', 'update', 'disable', 'delete'] as const), 'skip', 'unchanged', 'fail']),
    reason: Reason,
    scope: ScopeVerdict,
    /** The account it is about: linked or matched. */
    targetId: z.string().nullable(),
    /** Whether this change makes the link between the person and the account. */
    linksNow: z.boolean(),
    /** The matching attribute of highest precedence and its computed value: what a create is looked up by. */
    match: z.object({ attribute: z.string(), value: Value }).nullable(),
    /** On creation all values; on update only what differs. */
    changes: z.array(Change),
    /** The account is disabled and has to be enabled again. */
    enable: z.boolean(),
    basis: z.int().nonnegative(),
    failure: Failure.nullable(),
    /** Of a group: members that are added and removed. */
    members: MemberChanges.optional(),
    /** Members leave because the source says so: this is weighed and held like the removal of an account. */
    guard: MembersGuard.optional(),
    part: Part.optional(),
  }),
);

/** The target was written. Emitted by: exporter. */
export const ObjectExported = defineEvent(
  'object-exported',
  1,
  ObjectFacts.extend({
    sourceId: z.string(),
    action: WriteAction,
    targetId: z.string(),
    changes: z.array(Change),
    /** Whether the account was enabled again. */
    enabled: z.boolean(),
    durationMs: z.number().nonnegative(),
    /** Of a group: members that were added and removed. */
    members: MemberChanges.optional(),
    guard: MembersGuard.optional(),
    part: Part.optional(),
  }),
);

/** The target could not be written; the object goes to escrow. Emitted by: exporter. */
export const ExportFailed = defineEvent(
  'export-failed',
  1,
  ObjectFacts.extend({
    sourceId: z.string(),
    action: WriteAction,
    targetId: z.string().nullable(),
    changes: z.array(Change),
    failure: Failure,
    durationMs: z.number().nonnegative(),
    members: MemberChanges.optional(),
    guard: MembersGuard.optional(),
    part: Part.optional(),
  }),
);

/** Of a group: an `update` by which members leave. */
const heldMembers = { members: MemberChanges.optional(), guard: MembersGuard.optional(), part: Part.optional() };

/** A removal waits until the whole cycle's removals are counted. Emitted by: exporter. */
export const RemovalHeld = defineEvent(
  'removal-held',
  1,
  ObjectFacts.extend({
    sourceId: z.string(),
    action: WriteAction,
    targetId: z.string(),
    reason: Reason,
    /** Log sequence of the import that it was decided upon: what was imported before that is older. Absent in logs of older versions. */
    imported: z.number().int().nonnegative().optional(),
    ...heldMembers,
  }),
);

/** A removal that waited is not done: a person does not want it. It is not proposed again as long as object and rules stay as they are. Emitted by: exporter. */
export const RemovalRejected = defineEvent(
  'removal-rejected',
  1,
  ObjectFacts.extend({ sourceId: z.string(), action: WriteAction, targetId: z.string(), by: Initiator, reason: Reason, ...heldMembers }),
);

/** A removal that waited is not wanted any more: a newer decision about the object took its place. Emitted by: exporter. */
export const RemovalWithdrawn = defineEvent(
  'removal-withdrawn',
  1,
  ObjectFacts.extend({
    sourceId: z.string(),
    heldCycleId: CycleIdText,
    /** The change whose removal waited: its entry of the provisioning log ends here. Absent in logs of older versions. */
    heldChangeId: ChangeIdText.optional(),
    /** No cycle counted that change: a retry decided it, or somebody asked for it. */
    uncounted: z.literal(true).optional(),
    reason: Reason,
    part: Part.optional(),
  }),
);

/** The decision does not hold any more: the object is taken up again with what the target holds now. Emitted by: exporter. */
export const ExportDeferred = defineEvent(
  'export-deferred',
  1,
  ObjectFacts.extend({ sourceId: z.string(), action: WriteAction, reason: Reason, guard: MembersGuard.optional(), part: Part.optional() }),
);

/** A failed object is kept, with its cause and the time of the next attempt. Emitted by: escrow-retrier. */
export const EscrowRecorded = defineEvent(
  'escrow-recorded',
  1,
  ObjectFacts.extend({
    sourceId: z.string().nullable(),
    failure: Failure,
    /** Absent in logs of older versions. */
    cause: CauseFacts.optional(),
    firstFailedAt: Instant,
    retries: z.int().nonnegative(),
    nextAttemptAt: Instant.nullable(),
  }),
);

/** Why a kept object is tried before the ladder says so. */
export const WakeReason = z.enum(['person', 'source', 'rules', 'target']);
export type WakeReason = z.infer<typeof WakeReason>;

/**
 * The cause of a kept object may be gone: its retry is due now, and comes as soon as there is room. What had been given up starts a new ladder.
 * Emitted by: escrow-retrier.
 */
export const EscrowWoken = defineEvent(
  'escrow-woken',
  1,
  ObjectFacts.extend({
    sourceId: z.string().nullable(),
    failure: Failure,
    cause: CauseFacts.nullable(),
    firstFailedAt: Instant,
    retries: z.int().nonnegative(),
    nextAttemptAt: Instant,
    wokenBy: WakeReason,
    /** The person who asked for it; null when nobody did. */
    by: Initiator.nullable(),
  }),
);

/**
 * A cycle takes up a kept object by itself, with its newest values or under new rules: that attempt takes the retry's place, and the escrow goes
 * on under the new change. Emitted by: escrow-retrier.
 */
export const EscrowSuperseded = defineEvent(
  'escrow-superseded',
  1,
  ObjectFacts.extend({
    sourceId: z.string().nullable(),
    failure: Failure,
    cause: CauseFacts.nullable(),
    firstFailedAt: Instant,
    retries: z.int().nonnegative(),
    wokenBy: WakeReason,
    /** What takes its place. */
    next: ObjectFacts,
  }),
);

/** A kept object is tried again now. Emitted by: escrow-retrier. */
export const RetryDue = defineEvent(
  'retry-due',
  1,
  ObjectFacts.extend({
    sourceId: z.string().nullable(),
    firstFailedAt: Instant,
    wokenBy: z.enum(['ladder', 'person', 'source', 'rules', 'target']),
    /** What failed so far, and when the ladder would try once more; absent in logs of older versions. */
    failure: Failure.optional(),
    cause: CauseFacts.nullable().optional(),
    nextAttemptAt: Instant.nullable().optional(),
  }),
);

/** A kept object has had a good outcome since. Emitted by: escrow-retrier. */
export const EscrowCleared = defineEvent(
  'escrow-cleared',
  1,
  ObjectFacts.extend({ sourceId: z.string().nullable(), retries: z.int(), firstFailedAt: Instant, outcome: z.string() }),
);

/** A kept object was given up. It stays visible, and comes back when a person asks for it or its record changes. Emitted by: escrow-retrier. */
export const EscrowExpired = defineEvent(
  'escrow-expired',
  1,
  ObjectFacts.extend({
    sourceId: z.string().nullable(),
    retries: z.int(),
    firstFailedAt: Instant,
    failure: Failure,
    /** Absent when its time was over. */
    because: z.enum(['restart']).optional(),
    cause: CauseFacts.optional(),
  }),
);
