import type { LogEntryView, LogPageView } from '@provident/contracts';
import { activityBit } from '@provident/read-model';
import { z } from 'zod';

import { parseCursor, printCursor } from './cursor.js';
import { query, type ReadModels } from './database.js';
import { findObjects, type ObjectRef } from './find-objects.js';
import { keptSince, latestOf } from './kept-since.js';
import { changesInProgress } from './log/changes-in-progress.js';
import type { EntryRecord } from './log/entry-record.js';
import { eventsOf, logStep } from './log/steps-of.js';
import { membersIn, namesOf } from './names-of.js';
import { statusText } from './sentences/status-text.js';
import type { Systems } from './sentences/words.js';

export interface LogAsked {
  /** A person: id in the source, id in the target, or matching value. */
  readonly user?: string | undefined;
  readonly jobId?: string | undefined;
  /** UTC instants, both included. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly status?: LogEntryView['status'] | undefined;
  readonly activity?: keyof typeof activityBit | undefined;
  /** Id of a change: its entry alone. */
  readonly change?: string | undefined;
  /** Whether entries come with their steps; they do unless it is false. */
  readonly withSteps?: boolean | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** Begin here instead of with the newest; a cursor goes on from where that led. UTC instant, included. */
  readonly startAt?: string | undefined;
}

/** Where a page continues: behind an entry of that time and sequence or, for a page of what is newer, before it. */
const Key = z.union([z.tuple([z.iso.datetime(), z.int()]), z.tuple([z.iso.datetime(), z.int(), z.literal('newer')])]);
type Key = z.infer<typeof Key>;

/** Behind everything of one instant. */
const lastSequence = Number.MAX_SAFE_INTEGER;

/**
 * The provisioning log, newest first. Pages continue behind the last entry's time and sequence, or before the first one's: new entries never
 * shift them. An entry that gets a new step (a retry) moves to the top.
 * @throws BadCursor
 */
export async function findLog(models: ReadModels, given: LogAsked): Promise<LogPageView> {
  const key = startOf(given);
  const asked: Placed = { ...given, key };
  const [systems, known, objects] = await Promise.all([
    systemsByJob(models),
    keptSince(models, 'log'),
    asked.user === undefined ? null : findObjects(models, asked.user, asked.jobId),
  ]);
  if (objects?.length === 0) return { entries: [], next: null };
  const systemsOf = (jobId: string): Systems => systems.get(jobId) ?? { source: 'the source', target: 'the target' };
  // In this order: what is decided meanwhile is then found twice and not missed.
  const pending = objects && wantsPending(asked) ? await changesInProgress(models, objects, systemsOf) : [];
  const rows = asked.status === 'in-progress' ? [] : await query<EntryRecord>(models, ...entriesQuery(asked, objects));
  const isNewer = key?.[2] === 'newer';
  const found = rows.slice(0, asked.limit);
  const shown = isNewer ? found.toReversed() : found;
  const events = await eventsOf(models, given.withSteps === false ? [] : shown);
  const stepsOf = ({ change_id, job_id }: EntryRecord) => (events.get(change_id) ?? []).map((event) => logStep(event, systemsOf(job_id)));
  // A page of everybody's changes does without: it has to be quick, and shows no members.
  const named = objects !== null || asked.change !== undefined ? await Promise.all(shown.map((row) => namesIn(models, row))) : [];
  const isAll = rows.length <= asked.limit;
  const isEnd = isAll && !isNewer;
  const jobs = asked.jobId === undefined ? (objects?.map(({ job_id }) => job_id) ?? [...systems.keys()]) : [asked.jobId];
  const since = isEnd ? latestOf(known, jobs) : null;
  return {
    entries: [
      ...pending.filter((entry) => isWithin(entry, asked) && !rows.some(({ change_id }) => change_id === entry.changeId)),
      ...shown.map((row, at) => ({ ...entryView(row, stepsOf(row), systemsOf(row.job_id)), ...named[at] })),
    ],
    next: isEnd ? null : cursorAt(shown.at(-1), key),
    ...(key && { previous: isNewer && isAll ? null : cursorAt(shown[0], key, 'newer') }),
    ...(since !== null && !(asked.since !== undefined && Date.parse(asked.since) >= Date.parse(since)) && { keptSince: since }),
  };
}

/** All entries that fit, newest first, a page at a time and only when it is asked for. Without an entry there is no page. */
export async function* logPages(
  models: ReadModels,
  asked: Omit<LogAsked, 'limit' | 'cursor' | 'startAt'>,
  limit: number,
): AsyncGenerator<readonly LogEntryView[]> {
  let cursor: string | undefined;
  do {
    const { entries, next } = await findLog(models, { ...asked, limit, cursor });
    if (entries.length > 0) yield entries;
    cursor = next ?? undefined;
  } while (cursor !== undefined);
}

interface Placed extends LogAsked {
  /** Undefined: begin with the newest. */
  readonly key?: Key | undefined;
}

/** @throws BadCursor */
function startOf({ cursor, startAt }: LogAsked): Key | undefined {
  if (cursor !== undefined) return parseCursor(Key, cursor);
  return startAt === undefined ? undefined : [startAt, lastSequence];
}

/** A page that shows nothing is left to where it began itself. */
const cursorAt = (entry: EntryRecord | undefined, key: Key | undefined, ...newer: ['newer'?]): string | null => {
  const place = entry ? ([entry.at, entry.last_sequence] as const) : key && ([key[0], key[1]] as const);
  return place ? printCursor([...place, ...newer.map(String)]) : null;
};

/** Only on the first page, and only where they could be meant. */
const wantsPending = ({ key, status }: Placed): boolean => key === undefined && (status === undefined || status === 'in-progress');

const isWithin = ({ at, changeId, steps }: LogEntryView, { since, until, activity, change }: LogAsked): boolean =>
  (since === undefined || Date.parse(at) >= Date.parse(since)) &&
  (until === undefined || Date.parse(at) <= Date.parse(until)) &&
  (change === undefined || changeId === change) &&
  (activity === undefined || steps.some((step) => step.activity === activity));

const columns = `change_id, job_id, cycle_id, object_key, object_type, source_id, target_id, display_name, matching_value, action, status, reason, text,
  attempts, escrow, next_attempt_at, at, troubled_at, first_sequence, last_sequence, modified`;

/** Exported for the spec that looks at its plan. */
export function entriesQuery(asked: Placed, objects: readonly ObjectRef[] | null): [sql: string, values: unknown[]] {
  const values: unknown[] = [asked.limit + 1];
  const value = (given: unknown): string => `$${values.push(given)}`;
  const isTroubled = !objects && (asked.status === 'failure' || asked.status === 'warning' || asked.activity === 'process-escrow');
  const at = isTroubled ? 'troubled_at' : 'at';
  const conditions = conditionsOf(asked, at, value);
  const direction = asked.key?.[2] === 'newer' ? 'asc' : 'desc';
  const nearestFirst = `order by ${at} ${direction}, last_sequence ${direction} limit $1`;
  const page = (of: string): string =>
    `select ${columns} from provisioning_entry where ${[...conditions, of].join(' and ')} ${nearestFirst}`;
  const merged = (wanted: string, of: string): string =>
    `select found.* from ${wanted} cross join lateral (${page(of)}) found ${nearestFirst}`;
  if (objects) {
    const [jobs, keys] = [value(objects.map(({ job_id }) => job_id)), value(objects.map(({ object_key }) => object_key))];
    return [
      merged(`unnest(${jobs}::text[], ${keys}::text[]) wanted (of_job, of_object)`, 'job_id = of_job and object_key = of_object'),
      values,
    ];
  }
  if (asked.jobId !== undefined) return [page(`job_id = ${value(asked.jobId)}`), values];
  // Troubles are indexed by job: the newest of each, merged.
  return [isTroubled ? merged('(select job_id as of_job from job) jobs', 'job_id = of_job') : page('true'), values];
}

function conditionsOf(asked: Placed, at: 'at' | 'troubled_at', value: (given: unknown) => string): string[] {
  const conditions = [`${at} is not null`];
  if (asked.since !== undefined) conditions.push(`${at} >= ${value(asked.since)}`);
  if (asked.until !== undefined) conditions.push(`${at} <= ${value(asked.until)}`);
  if (asked.status === 'failure' || asked.status === 'warning')
    conditions.push(`status = '${asked.status}'`); // spelt out: an index is for these
  else if (asked.status !== undefined) conditions.push(`status = ${value(asked.status)}`);
  if (asked.activity !== undefined) conditions.push(`(activities & ${activityBit[asked.activity]}) <> 0`);
  if (asked.change !== undefined) conditions.push(`change_id = ${value(asked.change)}`);
  if (asked.key) {
    const [time, sequence, isNewer] = asked.key;
    conditions.push(`(${at}, last_sequence) ${isNewer ? '>' : '<'} (${value(time)}::timestamptz, ${value(sequence)}::bigint)`);
  }
  return conditions;
}

/** Of a change of members the names of those who came and left. */
async function namesIn(models: ReadModels, { job_id, modified }: EntryRecord): Promise<Pick<LogEntryView, 'memberNames'>> {
  const keys = membersIn(modified);
  return keys.length === 0 ? {} : { memberNames: await namesOf(models, job_id, keys) };
}

async function systemsByJob(models: ReadModels): Promise<Map<string, Systems>> {
  const rows = await query<{ job_id: string } & Systems>(models, 'select job_id, source, target from job');
  return new Map(rows.map((row) => [row.job_id, row]));
}

const entryView = (row: EntryRecord, steps: LogEntryView['steps'], systems: Systems): LogEntryView => ({
  changeId: row.change_id,
  jobId: row.job_id,
  cycleId: row.cycle_id,
  at: row.at,
  objectType: row.object_type,
  sourceId: row.source_id,
  targetId: row.target_id,
  displayName: row.display_name,
  matchingValue: row.matching_value,
  action: row.action,
  status: row.status,
  reason: row.reason,
  statusText: statusText(row, systems),
  attempts: row.attempts,
  modified: row.modified,
  steps,
});
