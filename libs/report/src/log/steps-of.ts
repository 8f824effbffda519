import type { LogStep } from '@provident/contracts';

import { query, type ReadModels } from '../database.js';
import { groupBy } from '../group-by.js';
import { stepText } from '../sentences/step-text.js';
import type { Systems } from '../sentences/words.js';
import type { EntryRecord, StepRecord } from './entry-record.js';

export const stepColumns =
  'event.sequence, event.type, event.at, event.job_id, event.cycle_id, event.change_id, event.object_key, event.activity, event.status, event.source_id, event.target_id, event.data';

/**
 * The events of all these changes, by change, each in the order in which they happened. One index look-up per change; the stretch of the log that all of
 * them lie in is named too, so that no other part of it is opened.
 */
export async function eventsOf(models: ReadModels, entries: readonly Omit<EntryRecord, 'modified'>[]): Promise<Map<string, StepRecord[]>> {
  if (entries.length === 0) return new Map();
  const rows = await query<StepRecord>(
    models,
    `select ${stepColumns}
     from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[]) wanted (job_id, object_key, change_id, first, last)
     cross join lateral (
       select * from audit_event
       where job_id = wanted.job_id and object_key = wanted.object_key and sequence between wanted.first and wanted.last
         and sequence between $6 and $7 and change_id = wanted.change_id
       offset 0
     ) event
     order by event.sequence`,
    [
      entries.map(({ job_id }) => job_id),
      entries.map(({ object_key }) => object_key),
      entries.map(({ change_id }) => change_id),
      entries.map(({ first_sequence }) => first_sequence),
      entries.map(({ last_sequence }) => last_sequence),
      entries.reduce((least, { first_sequence }) => Math.min(least, first_sequence), Infinity),
      entries.reduce((most, { last_sequence }) => Math.max(most, last_sequence), 0),
    ],
  );
  return groupBy(rows, ({ change_id }) => change_id);
}

/** What every event of a change repeats, and the entry has said already. Of members, the sentence names a few, and the entry all. */
const repeated = new Set('jobId cycleId changeId objectKey rules basis attempt round displayName sourceId members part'.split(' '));

export function logStep(event: StepRecord, systems: Systems): LogStep {
  return {
    at: event.at,
    sequence: event.sequence,
    activity: event.activity,
    step: event.type,
    ...stepText(event.type, event.data, systems),
    status: event.status,
    details: Object.fromEntries(Object.entries(event.data).filter(([name]) => !repeated.has(name))),
  };
}
