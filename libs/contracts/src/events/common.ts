import type { AttributeBag, AttributeValue, ChangeId, CycleId, JobId, ObjectKey, RemovalGuardName, RemovalKind } from '@provident/domain';
import { z } from 'zod';

export const JobIdText = z.string().min(1) as unknown as z.ZodType<JobId>;
export const CycleIdText = z.string().min(1) as unknown as z.ZodType<CycleId>;
export const ChangeIdText = z.string().min(1) as unknown as z.ZodType<ChangeId>;
export const ObjectKeyText = z.string().min(3) as unknown as z.ZodType<ObjectKey>;
export const Instant = z.iso.datetime();

/** Values travel as JSON and have been parsed as such: their inside is not walked again. */
export const Value = z.unknown() as unknown as z.ZodType<AttributeValue>;
export const Bag = z.record(z.string(), z.unknown()) as unknown as z.ZodType<AttributeBag>;
export const Change = z.object({ attribute: z.string(), old: Value, new: Value });

/** Accounts that a group gains and loses: some hundred at most, never the whole list. */
const Member = z.object({ key: ObjectKeyText, id: z.string() });
export const MemberChanges = z.object({ add: z.array(Member), remove: z.array(Member) });

/** How many members a group loses in a cycle because the source says so, and of how many: removals are weighed by it. */
export const MembersLeaving = z.object({ removed: z.int().nonnegative(), of: z.int().nonnegative() });
/** The same, with whether that is a larger share than the job allows. */
export const MembersGuard = MembersLeaving.extend({ over: z.boolean() });

/** What a removal takes away: as `RemovalKind` of the domain explains it. */
export const RemovalKindText = z.enum(['disable', 'delete', 'membership', 'group-membership'] satisfies RemovalKind[]);
const Count = z.int().nonnegative().optional();
/** Removals by kind. */
export const RemovalCounts = z.object({ disable: Count, delete: Count, membership: Count, 'group-membership': Count });

/** A limit that holds removals, with its numbers. */
export const RemovalGuard = z.object({
  guard: z.enum(['removals', 'disables', 'deletes', 'memberships', 'group', 'source'] satisfies RemovalGuardName[]),
  kinds: z.array(RemovalKindText),
  proposed: z.int(),
  of: z.int(),
  limit: z.number(),
  unit: z.enum(['count', 'percent']),
  /** All of it in a line, such as "14 of 52 members, limit 10 %". */
  text: z.string(),
});
export type RemovalGuard = z.infer<typeof RemovalGuard>;

/** `members`: only the members of a group are meant, and nothing is said of the group itself. */
export const Part = z.enum(['members']);

export const Initiator = z.object({ kind: z.enum(['user', 'application', 'system']), name: z.string() });
export type Initiator = z.infer<typeof Initiator>;

/** What went wrong, in the words of `libs/connectors` (`kind`) plus those of the pipeline itself. */
export const Failure = z.object({
  kind: z.enum([
    'throttled',
    'unavailable',
    'rejected',
    'conflict',
    'gone',
    'unauthorized',
    'forbidden',
    'protocol',
    'unknown-outcome',
    'misconfigured',
    'invalid-source',
    'ambiguous-match',
    'missing-values',
  ]),
  code: z.string(),
  message: z.string(),
  status: z.number().optional(),
  attribute: z.string().optional(),
});
export type Failure = z.infer<typeof Failure>;

/** Why objects fail, without which: `causeOf` of the domain. Its words hold no value of anybody. */
export const CauseFacts = z.object({
  id: z.string(),
  operation: z.enum(['import', 'evaluate', 'create', 'update', 'disable', 'delete']),
  attribute: z.string().nullable(),
  text: z.string(),
});
export type CauseFacts = z.infer<typeof CauseFacts>;

/** A kebab-case code and the facts behind it. */
export const Reason = z.object({ code: z.string(), text: z.string(), facts: z.record(z.string(), z.string()).optional() });
export type Reason = z.infer<typeof Reason>;

/** Somebody asked for this object now. */
export const Demand = z.object({
  by: Initiator,
  /** Whether an account may be disabled or deleted at once, instead of waiting for a cycle that counts its removals. */
  allowRemoval: z.boolean(),
});
export type Demand = z.infer<typeof Demand>;

/** Every event about one object carries these. */
export const ObjectFacts = z.object({
  jobId: JobIdText,
  cycleId: CycleIdText,
  changeId: ChangeIdText,
  objectKey: ObjectKeyText,
  /** Log sequence of the `job-configured` whose rules apply. */
  rules: z.int().nonnegative(),
  /** 0 at first, n at the n-th retry from escrow. Only attempt 0 counts in the cycle's tally. */
  attempt: z.int().nonnegative(),
  /** 0 at first, one more each time the exporter sent the decision back within the same attempt. */
  round: z.int().nonnegative(),
  /** The object's name for people. */
  displayName: z.string().optional(),
  /** Present when the object was asked for; `cycleId` then names the request. */
  demand: Demand.optional(),
});
export type ObjectFacts = z.infer<typeof ObjectFacts>;

export const writeActions = ['create', 'update', 'disable', 'delete'] as const;
export const WriteAction = z.enum(writeActions);
export type WriteAction = z.infer<typeof WriteAction>;
