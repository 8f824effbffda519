import { isZone, jobIdPattern, restartScopes } from '@provident/domain';
import { z } from 'zod';

import { DemandedSubjects, LinksChoice } from '../commands.js';
import { DriftMode } from '../events/drift.js';
import { SimulatedAction } from '../simulation.js';
import { RoleName } from './access-views.js';

const Instant = z.union(
  [
    z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString()),
    z.iso.date().transform((text) => `${text}T00:00:00.000Z`),
  ],
  { error: 'must be an instant such as 2026-03-02T09:00:00Z, or a day such as 2026-03-02' },
);
const wholeNumber = (from: number, to: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, `must be a whole number from ${from} to ${to}`)
    .transform(Number)
    .refine((value) => value >= from && value <= to, `must be a whole number from ${from} to ${to}`);
const Text = z.string().min(1, 'must not be empty').max(1_000, 'must have at most 1000 characters');
const limit = (to: number, usual: number) => wholeNumber(1, to).default(usual);

/** Of what happens to objects in cycles and on demand. */
export const LoggedActivity = z.enum(['import', 'synchronization-rule', 'export', 'process-escrow']);
export type LoggedActivity = z.infer<typeof LoggedActivity>;

export const LogQuery = z.strictObject({
  user: Text.optional(),
  job: Text.optional(),
  since: Instant.optional(),
  until: Instant.optional(),
  status: z.enum(['success', 'failure', 'skipped', 'warning', 'in-progress']).optional(),
  activity: LoggedActivity.optional(),
  /** Id of a change: its entry alone. */
  change: Text.optional(),
  limit: limit(1_000, 50),
  cursor: Text.optional(),
  /** Where to begin instead of with the newest; what is newer is behind `previous`. */
  startAt: Instant.optional(),
});
export type LogQuery = z.infer<typeof LogQuery>;

/** `detail`: each entry with its steps, or, which is faster, without. */
export const ExportLogQuery = z.strictObject({
  ...LogQuery.omit({ limit: true, cursor: true, startAt: true }).shape,
  detail: z.enum(['steps', 'entries']).default('steps'),
});
export type ExportLogQuery = z.infer<typeof ExportLogQuery>;

const newestSequence = Number.MAX_SAFE_INTEGER;
const eventFilters = { job: Text.optional(), type: Text.optional(), user: Text.optional() };

export const EventsQuery = z.strictObject({ after: wholeNumber(0, newestSequence).default(0), ...eventFilters, limit: limit(1_000, 100) });
export type EventsQuery = z.infer<typeof EventsQuery>;

export const FollowQuery = z.strictObject({ after: wholeNumber(0, newestSequence).optional(), ...eventFilters });
export type FollowQuery = z.infer<typeof FollowQuery>;

export const CyclesQuery = z.strictObject({ limit: limit(200, 20), cursor: Text.optional() });
export type CyclesQuery = z.infer<typeof CyclesQuery>;

/** `zone`: whose midnights part the days. */
export const DaysQuery = z.strictObject({
  days: limit(366, 30),
  zone: Text.refine(isZone, 'must be the name of a time zone, such as Europe/Berlin').default('UTC'),
});
export type DaysQuery = z.infer<typeof DaysQuery>;

export const NoQuery = z.strictObject({});

/** A job file as its sender parsed it. */
export const JobDraft = z.strictObject({ definition: z.unknown(), baseDir: z.string().min(1).optional() });
export type JobDraft = z.infer<typeof JobDraft>;

/** Rules that are being written, and somebody of the source to try them on. */
export const PreviewOrder = JobDraft.extend({ objectType: z.string().min(1).max(60).default('user'), id: Text });
export type PreviewOrder = z.infer<typeof PreviewOrder>;

/**
 * A job file that is to apply. `links`: what becomes of them where the target is another system than before. `revision`: the one that it was made
 * from, 0 for a new job; where the job is at another by then, it is refused.
 */
export const ApplyOrder = JobDraft.extend({
  links: LinksChoice.optional(),
  revision: z
    .int()
    .nonnegative()
    .max(2 ** 31)
    .optional(),
});
export type ApplyOrder = z.infer<typeof ApplyOrder>;

export const RunOrder = z.strictObject({ fresh: z.boolean().default(false), drift: DriftMode.optional() });
export type RunOrder = z.infer<typeof RunOrder>;

export const DemandOrder = z.strictObject({ subjects: DemandedSubjects, allowRemoval: z.boolean().default(false) });
export type DemandOrder = z.infer<typeof DemandOrder>;

export const RestartOrder = z.strictObject({ scopes: z.array(z.enum(restartScopes)).default([]) });
export type RestartOrder = z.infer<typeof RestartOrder>;

/** Rules of a file that is not applied; without one, those that apply. */
export const SimulateOrder = JobDraft.extend({ definition: z.unknown().optional(), compare: z.boolean().default(false) });
export type SimulateOrder = z.infer<typeof SimulateOrder>;

/** `search`: part of a name, of an id on either side or of the matching value, in any case. A page may then be short and still have a next one. */
export const SimulatedRowsQuery = z.strictObject({
  action: SimulatedAction.optional(),
  search: Text.optional(),
  after: Text.optional(),
  limit: limit(1_000, 100),
});
export type SimulatedRowsQuery = z.infer<typeof SimulatedRowsQuery>;

export const SimulatedCsvQuery = SimulatedRowsQuery.pick({ action: true, search: true });
export type SimulatedCsvQuery = z.infer<typeof SimulatedCsvQuery>;

export const EscrowsQuery = z.strictObject({
  cause: Text.optional(),
  state: z.enum(['waiting', 'trying', 'given-up']).optional(),
  ...CyclesQuery.shape,
});
export type EscrowsQuery = z.infer<typeof EscrowsQuery>;

export const DriftQuery = z.strictObject({ cycle: Text.optional(), limit: limit(200, 50), cursor: Text.optional() });
export type DriftQuery = z.infer<typeof DriftQuery>;

export const ConnectionsQuery = z.strictObject({ user: Text.optional(), limit: limit(200, 50), cursor: Text.optional() });
export type ConnectionsQuery = z.infer<typeof ConnectionsQuery>;

/** Who is tried again: one of them. */
export const RetryOrder = z.strictObject({ user: Text.optional(), cause: Text.optional(), all: z.boolean().optional() });
export type RetryOrder = z.infer<typeof RetryOrder>;

/** `expiresInDays`: null for a token that does not expire. `grants`: each with the jobs that it is for, null for all. */
export const TokenOrder = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9 ._-]{0,61}[A-Za-z0-9])?$/, 'must have 1 to 63 letters, digits, blanks and ._-'),
  grants: z
    .array(
      z.strictObject({
        role: RoleName,
        jobs: z.array(z.string().regex(jobIdPattern, 'must be the id of a job')).min(1).max(100).nullable().default(null),
      }),
    )
    .min(1)
    .max(20),
  expiresInDays: z.int().min(1).max(3_650).nullable().default(90),
});
export type TokenOrder = z.infer<typeof TokenOrder>;

export const EmptyOrder = z.strictObject({});

export const HeldQuery = z.strictObject({ cycle: Text.optional(), ...CyclesQuery.shape });
export type HeldQuery = z.infer<typeof HeldQuery>;

/** Whose held removals are meant: of people and groups by their id in the source or of their account, or by a matching value; of all when nobody is named. */
export const HeldOrder = z.strictObject({
  users: z.array(Text).min(1).max(100).optional(),
  groups: z.array(Text).min(1).max(100).optional(),
});
export type HeldOrder = z.infer<typeof HeldOrder>;

/** Options of a Graph collection, as the API reads them. */
export const ODataOptions = z.strictObject({
  $filter: z.string().optional(),
  $orderby: z.string().optional(),
  $top: z.string().optional(),
  $skiptoken: z.string().optional(),
  $count: z.string().optional(),
  $select: z.string().optional(),
});

/** Options of one thing. */
export const ODataSelect = z.strictObject({ $select: z.string().optional() });
/** Options of a collection that is small. */
export const ODataListOptions = ODataSelect.extend({
  $top: z.string().optional(),
  $skip: z.string().optional(),
  $count: z.string().optional(),
});

export const StoryQuery = z.strictObject({ at: Instant.optional(), job: Text.optional() });
export type StoryQuery = z.infer<typeof StoryQuery>;

export const PeopleQuery = z.strictObject({ search: Text, limit: limit(100, 20) });
export type PeopleQuery = z.infer<typeof PeopleQuery>;

export const WhyQuery = z.strictObject({ job: Text.optional() });
export type WhyQuery = z.infer<typeof WhyQuery>;

/** `to` is the same change where only one is given. Attempts: 0 is the first; the latest where none is given. */
export const AttemptsQuery = z.strictObject({
  from: Text,
  fromAttempt: wholeNumber(0, 1_000).default(0),
  to: Text.optional(),
  toAttempt: wholeNumber(0, 1_000).optional(),
});
export type AttemptsQuery = z.infer<typeof AttemptsQuery>;

/** Form of an export, and the filter and order of Graph, with or without `$`. */
const exported = { format: z.enum(['csv', 'jsonl']).default('csv'), $filter: z.string().optional(), $orderby: z.string().optional() };
export const exportFiles = ['entries', 'steps', 'modified-properties'] as const;
/** `file`: which of the three tables, joined by change id, where the format is CSV. */
export const ExportProvisioningQuery = z.strictObject({ ...exported, file: z.enum(exportFiles).default('entries') });
export type ExportProvisioningQuery = z.infer<typeof ExportProvisioningQuery>;
export const ExportAuditsQuery = z.strictObject(exported);
export type ExportAuditsQuery = z.infer<typeof ExportAuditsQuery>;
