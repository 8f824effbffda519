import type { DirectoryAudit, ProvisioningObjectSummary, StreamFilter } from '@provident/contracts';

import { query, type ReadModels } from '../database.js';
import { auditSource } from '../graph/audits/audit-source.js';
import { type AuditRow, auditsOf } from '../graph/audits/list-audits.query.js';
import { type EntryRow, summariesOf } from '../graph/provisioning/list-provisioning.query.js';
import { provisioningSource } from '../graph/provisioning/provisioning-source.js';

/** What an event says besides what the audit log shows of it, with values as they were typed. */
export interface EventFacts {
  readonly eventId: string;
  readonly type: string;
  readonly activity: string;
  readonly objectType: string | null;
  readonly sourceId: string | null;
  readonly targetId: string | null;
  readonly changeId: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/** One thing to tell, at its place in the log. */
export type StreamItem = { readonly sequence: number; readonly jobId: string; readonly at: string; readonly status: string } & (
  | { readonly kind: 'audit'; readonly audit: DirectoryAudit; readonly facts: EventFacts }
  | { readonly kind: 'provisioning'; readonly entry: ProvisioningObjectSummary }
);

/** How far the read models tell, and of which log. */
export interface StreamHead {
  readonly log: string;
  readonly position: number;
}

export interface StreamPage extends StreamHead {
  readonly items: readonly StreamItem[];
  /** Everything up to here is in the items, or left out by the filter. */
  readonly through: number;
}

export interface StreamAsked {
  readonly after: number;
  /** Events of the log that are looked at. */
  readonly events: number;
  readonly filter: StreamFilter;
  readonly tenantId: string;
}

/** @returns null when nothing was projected yet */
export async function findStreamHead(models: ReadModels): Promise<StreamHead | null> {
  const [row] = await query<{ log: string; position: number }>(models, 'select log, sequence as position from position');
  return row ?? null;
}

/**
 * What happened behind a place in the log, in the order of the log. An entry of the provisioning log comes at its latest step: one that got a further step
 * meanwhile comes there, and not before. Null when there is nothing new, or when the read models were replaced while they were read.
 */
export async function readStream(models: ReadModels, { after, events, filter, tenantId }: StreamAsked): Promise<StreamPage | null> {
  const head = await findStreamHead(models);
  if (!head || head.position <= after) return null;
  const [last] = await query<{ sequence: number }>(
    models,
    'select sequence from audit_event where sequence > $1 and sequence <= $2 order by sequence offset $3 limit 1',
    [after, head.position, events - 1],
  );
  const window: Window = { after, through: last?.sequence ?? head.position, filter };
  const contents = filter.contents ?? ['provisioning', 'audits'];
  const items = [
    ...(contents.includes('audits') ? await auditItems(models, window) : []),
    ...(contents.includes('provisioning') ? await entryItems(models, window, tenantId) : []),
  ].sort((one, other) => one.sequence - other.sequence);
  // Whoever empties the tables sets the position back with it: rows that were missing for that reason are not taken for none.
  const afterwards = await findStreamHead(models);
  if (!afterwards || afterwards.log !== head.log || afterwards.position < head.position) return null;
  return { ...head, items, through: window.through };
}

interface Window {
  readonly after: number;
  readonly through: number;
  readonly filter: StreamFilter;
}

const listed = (column: string, parameter: number): string => `($${parameter}::text[] is null or ${column} = any ($${parameter}::text[]))`;

async function auditItems(models: ReadModels, { after, through, filter }: Window): Promise<StreamItem[]> {
  const rows = await query<AuditRow & { id: string; activity: string; change_id: string | null }>(
    models,
    `select ${auditSource.columns} from ${auditSource.from}
     where event.sequence > $1 and event.sequence <= $2 and ${auditSource.where}
       and ${listed('event.job_id', 3)} and ${listed('event.status', 4)} and ${listed('event.activity', 5)}
     order by event.sequence`,
    [after, through, filter.jobs ?? null, filter.statuses ?? null, filter.activities ?? null],
  );
  const audits = await auditsOf(models, rows);
  return rows.map((row, index) => ({
    kind: 'audit',
    sequence: row.sequence,
    jobId: row.job_id,
    at: row.at,
    status: row.status,
    audit: audits[index]!,
    facts: {
      eventId: row.id,
      type: row.type,
      activity: row.activity,
      objectType: row.object_key === null ? null : row.object_key.slice(0, row.object_key.indexOf(':')),
      sourceId: row.source_id,
      targetId: row.target_id,
      changeId: row.change_id,
      data: row.data,
    },
  }));
}

/** By the objects of the events: each entry's latest step is an event of its object, at the same time, whichever change that event is of. */
async function entryItems(models: ReadModels, { after, through, filter }: Window, tenantId: string): Promise<StreamItem[]> {
  const rows = await query<EntryRow>(
    models,
    `with touched as (
       select job_id, object_key, min(at) as since from audit_event
       where sequence > $1 and sequence <= $2 and object_key is not null and ${listed('job_id', 3)} group by job_id, object_key
     )
     select ${provisioningSource(tenantId).columns} from touched
     cross join lateral (
       select * from provisioning_entry
       where job_id = touched.job_id and object_key = touched.object_key and at >= touched.since
         and last_sequence > $1 and last_sequence <= $2 and ${listed('status', 4)}
       offset 0
     ) entry
     order by entry.last_sequence`,
    [after, through, filter.jobs ?? null, filter.statuses ?? null],
  );
  const entries = await summariesOf(models, tenantId, rows, null);
  return rows.map((row, index) => ({
    kind: 'provisioning',
    sequence: row.last_sequence,
    jobId: row.job_id,
    at: row.at,
    status: row.status,
    entry: entries[index]!,
  }));
}

/** When the oldest event behind a place in the log happened; null when there is none. */
export async function findOldestBehind(models: ReadModels, sequence: number): Promise<string | null> {
  const [row] = await query<{ at: string }>(models, 'select at from audit_event where sequence > $1 order by sequence limit 1', [sequence]);
  return row?.at ?? null;
}
