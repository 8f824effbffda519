import { z } from 'zod';

import { Change, Failure, Initiator, Instant, Reason, RemovalKindText } from './events/common.js';

/** What a simulation predicts for one object: the decisions of the rules, in the words of `rule-evaluated`. */
export const simulatedActions = ['create', 'update', 'disable', 'delete', 'skip', 'unchanged', 'fail'] as const;
export const SimulatedAction = z.enum(simulatedActions);
export type SimulatedAction = z.infer<typeof SimulatedAction>;

/** Somebody who would join or leave a group. */
export const SimulatedMember = z.object({
  key: z.string(),
  displayName: z.string().nullable(),
  /** Their account; null when that would only be made. */
  targetId: z.string().nullable(),
});
export type SimulatedMember = z.infer<typeof SimulatedMember>;

/** What would become of one person under one set of rules, and why. */
export const SimulatedOutcome = z.object({
  action: SimulatedAction,
  reason: Reason,
  /** The account it is about; null when there is none, or more than one. */
  targetId: z.string().nullable(),
  /** Matching attribute of highest precedence that has a value, and the value. */
  match: z.object({ attribute: z.string(), value: z.string() }).nullable(),
  /** On creation all values; on update only what differs. A reference to an account that would only be made is `{ accountOf: key of the object }`. */
  changes: z.array(Change),
  /** Of a group, some of those who would join and leave it; null where nothing is said of members. */
  members: z
    .object({ add: z.array(SimulatedMember), remove: z.array(SimulatedMember) })
    .nullable()
    .default(null),
  /** Whether the account would be enabled again. */
  enable: z.boolean(),
  /** Whether the account would be linked to the person by this. */
  linksNow: z.boolean(),
});
export type SimulatedOutcome = z.infer<typeof SimulatedOutcome>;

/** One object of a simulation. */
export const SimulatedRow = z.object({
  objectKey: z.string(),
  objectType: z.string(),
  /** null: the record has no readable anchor. */
  sourceId: z.string().nullable(),
  displayName: z.string().nullable(),
  /**
   * What follows by itself once accounts are as the other rows have it: some of a group's members, or somebody's references. null: the object itself,
   * and only this is counted in the totals.
   */
  part: z.enum(['members', 'references']).nullable().default(null),
  ...SimulatedOutcome.shape,
  /** The same person under the rules that apply now; null unless two sets of rules are compared. */
  before: SimulatedOutcome.nullable(),
  /** Whether the values were too large to be kept: `changes` are empty then. */
  valuesLeftOut: z.boolean(),
  /** Whether these members would be held in their group for a person to decide; absent: no. */
  held: z.literal(true).optional(),
});
export type SimulatedRow = z.infer<typeof SimulatedRow>;

/** How many objects would end in which way. */
export const SimulatedTotals = z.object(
  Object.fromEntries(simulatedActions.map((action) => [action, z.int().nonnegative()])) as Record<SimulatedAction, z.ZodInt>,
);
export type SimulatedTotals = z.infer<typeof SimulatedTotals>;

export const noTotals: SimulatedTotals = { create: 0, update: 0, disable: 0, delete: 0, skip: 0, unchanged: 0, fail: 0 };

/** What would follow by itself, once accounts are as foretold. */
export const SimulatedFollowUps = z.object({
  /** Memberships that would be written, and those that would be taken back. */
  membersAdded: z.int().nonnegative(),
  membersRemoved: z.int().nonnegative(),
  /** Groups in groups that are left out: where they make a circle, or where the job or the target wants none. */
  nestingsRefused: z.int().nonnegative(),
  /** References, such as a manager, that would lead elsewhere. */
  references: z.int().nonnegative(),
});
export type SimulatedFollowUps = z.infer<typeof SimulatedFollowUps>;

/** What the removal guard would say of the removals of such a cycle. */
export const SimulatedGuard = z.object({
  /** Accounts that would be disabled or deleted. */
  proposed: z.int().nonnegative(),
  /** Members whom the source takes out of groups; absent in simulations of versions that did not weigh them. */
  members: z.int().nonnegative().optional(),
  /** What would be held, by kind; absent in simulations of versions that told accounts alone. */
  held: z.array(RemovalKindText).optional(),
  /** Accounts in step that the removals are weighed against. */
  linked: z.int().nonnegative(),
  decision: z.enum(['release', 'hold']),
  /** The limit that would hold them; null when they would be released. */
  threshold: z.string().nullable(),
});
export type SimulatedGuard = z.infer<typeof SimulatedGuard>;

/** A simulation began. */
export const SimulationOpened = z.object({
  simulationId: z.string(),
  jobId: z.string(),
  /** `current`: the rules that apply. `file`: those of a job file that was not applied. */
  rules: z.enum(['current', 'file']),
  /** Whether only those people are told of who would fare differently than under the rules that apply. */
  comparing: z.boolean(),
  /** Revision of the rules that apply; null for a job that was never applied. */
  revision: z.int().nullable(),
  by: Initiator,
  openedAt: Instant,
});
export type SimulationOpened = z.infer<typeof SimulationOpened>;

/** How far a simulation is, or how it ended. */
export const SimulationProgress = z.object({
  state: z.enum(['running', 'completed', 'failed', 'cancelled']),
  at: Instant,
  /** Records of the source read so far, and how many to expect when the source can tell. */
  read: z.int().nonnegative(),
  total: z.int().nonnegative().nullable(),
  totals: SimulatedTotals,
  /** The same people under the rules that apply now; null unless two sets of rules are compared. */
  before: SimulatedTotals.nullable(),
  /** Known once everything was read. */
  followUps: SimulatedFollowUps.nullable().default(null),
  followUpsBefore: SimulatedFollowUps.nullable().default(null),
  /** People who would fare differently; null unless two sets of rules are compared. */
  differing: z.int().nonnegative().nullable(),
  /** Known once the source was read to its end. */
  guard: SimulatedGuard.nullable(),
  /** Why nobody was taken for gone, in a sentence; null when absence was looked at. */
  absenceWithheld: z.string().nullable(),
  /** Why it ended early. `service`: for a reason that lies in Provident itself. */
  failure: Failure.pick({ code: true, message: true })
    .extend({ side: z.enum(['source', 'target', 'service']) })
    .nullable(),
});
export type SimulationProgress = z.infer<typeof SimulationProgress>;

/** A simulation as the API shows it. */
export const SimulationView = z.object({ ...SimulationOpened.shape, ...SimulationProgress.shape });
export type SimulationView = z.infer<typeof SimulationView>;

export const SimulatedRowsView = z.object({ rows: z.array(SimulatedRow), next: z.string().nullable() });
export type SimulatedRowsView = z.infer<typeof SimulatedRowsView>;
