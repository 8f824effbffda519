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
  const events = await query<StepRecord>(
    models,
    `select ${stepColumns} from unnest($1::text[], $2::text[]) wanted (job_id, object_key)
     cross join lateral (
       select * from audit_event
       where job_id = wanted.job_id and object_key = wanted.object_key and sequence > coalesce(
         (select last_sequence from object_state state where state.job_id = wanted.job_id and state.object_key = wanted.object_key), 0)
       order by sequence limit ${atMost}
     ) event
     where event.change_id is not null and not exists (select from provisioning_entry entry where entry.change_id = event.change_id)
     order by event.sequence`,
    [objects.map(({ job_id }) => job_id), objects.map(({ object_key }) => object_key)],
  );
  return [...groupBy(events, ({ change_id }) => change_id).values()].map((steps) => inProgress(steps, systemsOf)).toReversed();
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
