import type { LogEntryView } from '@provident/contracts';
import { type AttributeValue, partsOf, type ObjectKey, textOf } from '@provident/domain';

import { query, type ReadModels } from '../database.js';
import type { ObjectRef } from '../find-objects.js';
import { groupBy } from '../group-by.js';
import type { Systems } from '../sentences/words.js';
import type { StepRecord } from './entry-record.js';
import { logStep, stepColumns } from './steps-of.js';

/** Events looked at per object: an undecided change has a handful. */
const atMost = 100;

/** Changes of these objects that have begun and are not decided: they have events, and no entry yet. */
export async function changesInProgress(
  models: ReadModels,
  objects: readonly ObjectRef[],
  systemsOf: (jobId: string) => Systems,
): Promise<LogEntryView[]> {
  const events = await eventsSinceDecided(models, objects);
  if (events.length === 0) return [];
  const decided = new Set(await decidedAmong(models, [...new Set(events.map(({ change_id }) => change_id))]));
  const undecided = events.filter(({ change_id }) => !decided.has(change_id));
  return [...groupBy(undecided, ({ change_id }) => change_id).values()].map((steps) => inProgress(steps, systemsOf)).toReversed();
}

/** The first events of each object behind its latest decision. The earliest of these is asked for by its number, so that older parts of the log are not opened. */
async function eventsSinceDecided(models: ReadModels, objects: readonly ObjectRef[]): Promise<StepRecord[]> {
  const [jobIds, keys] = [objects.map(({ job_id }) => job_id), objects.map(({ object_key }) => object_key)];
  const since = await query<{ decided: number }>(
    models,
    `select coalesce(state.last_sequence, 0) as decided from unnest($1::text[], $2::text[]) with ordinality wanted (job_id, object_key, place)
     left join object_state state using (job_id, object_key) order by place`,
    [jobIds, keys],
  );
  const decided = since.map((row) => row.decided);
  return query<StepRecord>(
    models,
    `select ${stepColumns} from unnest($1::text[], $2::text[], $3::bigint[]) wanted (job_id, object_key, decided)
     cross join lateral (
       select * from audit_event
       where job_id = wanted.job_id and object_key = wanted.object_key and sequence > wanted.decided and sequence > $4
       order by sequence limit ${atMost}
     ) event
     where event.change_id is not null order by event.sequence`,
    [jobIds, keys, decided, Math.min(...decided)],
  );
}

async function decidedAmong(models: ReadModels, changeIds: readonly string[]): Promise<string[]> {
  const rows = await query<{ change_id: string }>(models, 'select change_id from provisioning_entry where change_id = any ($1)', [
    changeIds,
  ]);
  return rows.map(({ change_id }) => change_id);
}

function inProgress(events: readonly StepRecord[], systemsOf: (jobId: string) => Systems): LogEntryView {
  const last = events.at(-1)!;
  const ruling = events.findLast(({ type }) => type === 'rule-evaluated')?.data as
    | { action?: LogEntryView['action']; match?: { value: AttributeValue } | null; changes?: LogEntryView['modified'] }
    | undefined;
  const systems = systemsOf(last.job_id);
  return {
    changeId: last.change_id,
    jobId: last.job_id,
    cycleId: last.cycle_id,
    at: last.at,
    objectType: partsOf(last.object_key as ObjectKey).objectType,
    sourceId: last.source_id,
    targetId: last.target_id,
    displayName: (last.data['displayName'] as string | undefined) ?? null,
    matchingValue: ruling?.match ? textOf(ruling.match.value) : null,
    action: ruling?.action ?? 'other',
    status: 'in-progress',
    reason: null,
    statusText: ruling ? `waits to be written to ${systems.target}` : 'read, and waits for the rules',
    attempts: 1,
    modified: ruling?.changes ?? [],
    steps: events.map((event) => logStep(event, systems)),
  };
}
