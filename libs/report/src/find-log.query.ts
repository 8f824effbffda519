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
  readonly limit: number;
  readonly cursor?: string | undefined;
}

const Key = z.tuple([z.iso.datetime(), z.int()]);

/**
 * The provisioning log, newest first. Pages continue behind the last entry's time and sequence: new entries never shift
 * them. An entry that gets a new step (a retry) moves to the top.
 * @throws BadCursor
 */
export async function findLog(models: ReadModels, asked: LogAsked): Promise<LogPageView> {
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
  const shown = rows.slice(0, asked.limit);
  const events = await eventsOf(models, shown);
  const stepsOf = ({ change_id, job_id }: EntryRecord) => (events.get(change_id) ?? []).map((event) => logStep(event, systemsOf(job_id)));
  const last = shown.at(-1);
  const isEnd = rows.length <= asked.limit;
  const jobs = asked.jobId === undefined ? (objects?.map(({ job_id }) => job_id) ?? [...systems.keys()]) : [asked.jobId];
  const since = isEnd ? latestOf(known, jobs) : null;
  return {
    entries: [
      ...pending.filter((entry) => isWithin(entry, asked) && !rows.some(({ change_id }) => change_id === entry.changeId)),
      ...shown.map((row) => entryView(row, stepsOf(row), systemsOf(row.job_id))),
    ],
    next: !isEnd && last ? printCursor([last.at, last.last_sequence]) : null,
    ...(since !== null && !(asked.since !== undefined && Date.parse(asked.since) >= Date.parse(since)) && { keptSince: since }),
  };
}

/** Only on the first page, and only where they could be meant. */
const wantsPending = ({ cursor, status }: LogAsked): boolean => cursor === undefined && (status === undefined || status === 'in-progress');

const isWithin = ({ at, steps }: LogEntryView, { since, until, activity }: LogAsked): boolean =>
  (since === undefined || Date.parse(at) >= Date.parse(since)) &&
  (until === undefined || Date.parse(at) <= Date.parse(until)) &&
  (activity === undefined || steps.some((step) => step.activity === activity));

const columns = `change_id, job_id, cycle_id, object_key, object_type, source_id, target_id, display_name, matching_value, action, status, reason, text,
  attempts, escrow, next_attempt_at, at, troubled_at, first_sequence, last_sequence, modified`;

/** Exported for the spec that looks at its plan. */
export function entriesQuery(asked: LogAsked, objects: readonly ObjectRef[] | null): [sql: string, values: unknown[]] {
  const values: unknown[] = [asked.limit + 1];
  const value = (given: unknown): string => `$${values.push(given)}`;
  const isTroubled = !objects && (asked.status === 'failure' || asked.status === 'warning' || asked.activity === 'process-escrow');
  const at = isTroubled ? 'troubled_at' : 'at';
  const conditions = conditionsOf(asked, at, value);
  const newestFirst = `order by ${at} desc, last_sequence desc limit $1`;
  const page = (of: string): string =>
    `select ${columns} from provisioning_entry where ${[...conditions, of].join(' and ')} ${newestFirst}`;
  const merged = (wanted: string, of: string): string =>
    `select found.* from ${wanted} cross join lateral (${page(of)}) found ${newestFirst}`;
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

function conditionsOf(asked: LogAsked, at: 'at' | 'troubled_at', value: (given: unknown) => string): string[] {
  const conditions = [`${at} is not null`];
  if (asked.since !== undefined) conditions.push(`${at} >= ${value(asked.since)}`);
  if (asked.until !== undefined) conditions.push(`${at} <= ${value(asked.until)}`);
  if (asked.status === 'failure' || asked.status === 'warning')
    conditions.push(`status = '${asked.status}'`); // spelt out: an index is for these
  else if (asked.status !== undefined) conditions.push(`status = ${value(asked.status)}`);
  if (asked.activity !== undefined) conditions.push(`(activities & ${activityBit[asked.activity]}) <> 0`);
  if (asked.cursor !== undefined) {
    const [time, sequence] = parseCursor(Key, asked.cursor);
    conditions.push(`(${at}, last_sequence) < (${value(time)}::timestamptz, ${value(sequence)}::bigint)`);
  }
  return conditions;
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
