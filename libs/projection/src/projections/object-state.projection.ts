import { JobRestarted, LinkRemoved, LinkRepaired, type LogEvent, is } from '@provident/contracts';

import type { Projection } from '../projection.js';
import { plainArray, textArray } from '../sql/arrays.js';
import type { Flight } from '../sql/flight.js';
import type { ChangeStep } from '../story/change-stories.js';

/** What a decided change says of its object. Null keeps what is known. */
interface ObjectPatch {
  readonly jobId: string;
  readonly objectKey: string;
  inScope: boolean | null;
  link: 'made' | 'ended' | null;
  targetId: string | null;
  /** These three are null where a person spoke of the link alone. */
  lastAction: string | null;
  lastStatus: string | null;
  lastSequence: number | null;
}

/**
 * One statement reads each row as it was (`known`), works out what it is now, and gives the difference to the counters, so
 * that nobody ever counts objects. The look-up is lateral and fenced: by key, whatever the planner believes.
 */
const patchObjects = `
  with patch as (
    select patch.job_id, patch.object_key, coalesce(patch.last_action, known.last_action, 'other') as last_action,
           coalesce(patch.last_status, known.last_status, 'success') as last_status,
           coalesce(patch.last_sequence, known.last_sequence, 0) as last_sequence,
           coalesce(known.in_scope, false) as was_in_scope, known.target_id as old_target_id,
           coalesce(patch.in_scope, known.in_scope, false) as is_in_scope,
           case patch.link when 'made' then patch.target_id when 'ended' then null else known.target_id end as new_target_id
    from unnest($1::text[], $2::text[], $3::boolean[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[])
      as patch (job_id, object_key, in_scope, link, target_id, last_action, last_status, last_sequence)
    left join lateral (
      select in_scope, target_id, last_action, last_status, last_sequence from object_state where job_id = patch.job_id and object_key = patch.object_key offset 0
    ) known on true
  ), written as (
    insert into object_state (job_id, object_key, in_scope, target_id, last_action, last_status, last_sequence)
    select job_id, object_key, is_in_scope, new_target_id, last_action, last_status, last_sequence from patch
    on conflict (job_id, object_key) do update set
      in_scope = excluded.in_scope, target_id = excluded.target_id, last_action = excluded.last_action,
      last_status = excluded.last_status, last_sequence = excluded.last_sequence
  )
  insert into object_counter as counter (job_id, object_type, in_scope, linked)
  select job_id, split_part(object_key, ':', 1), sum(is_in_scope::integer - was_in_scope::integer),
         sum((new_target_id is not null)::integer - (old_target_id is not null)::integer)
  from patch group by 1, 2
  on conflict (job_id, object_type) do update set in_scope = counter.in_scope + excluded.in_scope, linked = counter.linked + excluded.linked`;

const unlinkObjects = [
  'update object_state set target_id = null where job_id = $1 and target_id is not null',
  'update object_counter set linked = 0 where job_id = $1',
];

/** Each object as its latest decided change left it, and how many of them are in scope and linked. */
export class ObjectStateProjection implements Projection {
  readonly name = 'object-state';
  private readonly patches = new Map<string, ObjectPatch>();
  /** Jobs whose links were forgotten in this batch, before whatever its patches say now. */
  private readonly unlinked = new Set<string>();

  hear(event: LogEvent, step: ChangeStep | null): void {
    if (is(event, JobRestarted) && event.data.scopes.includes('links')) this.unlink(event.jobId);
    if (is(event, LinkRemoved)) Object.assign(this.patchOf(event.data), { link: 'ended', targetId: null });
    if (is(event, LinkRepaired)) Object.assign(this.patchOf(event.data), { link: 'made', targetId: event.data.targetId });
    if (!step?.decisive) return;
    const { story } = step;
    const patch = this.patchOf(story);
    patch.inScope = story.inScope ?? patch.inScope;
    if (story.link) {
      patch.link = story.link;
      patch.targetId = story.link === 'made' ? story.targetId : null;
    }
    patch.lastAction = story.action;
    patch.lastStatus = story.status!;
    patch.lastSequence = event.sequence;
  }

  private patchOf({ jobId, objectKey }: Pick<ObjectPatch, 'jobId' | 'objectKey'>): ObjectPatch {
    const key = `${jobId}\n${objectKey}`;
    const patch = this.patches.get(key) ?? {
      jobId,
      objectKey,
      inScope: null,
      link: null,
      targetId: null,
      lastAction: null,
      lastStatus: null,
      lastSequence: null,
    };
    this.patches.set(key, patch);
    return patch;
  }

  write(flight: Flight): void {
    for (const jobId of this.unlinked) for (const text of unlinkObjects) flight.query({ text, values: [jobId] });
    this.unlinked.clear();
    if (this.patches.size === 0) return;
    const rows = [...this.patches.values()];
    this.patches.clear();
    flight.query({
      name: 'patch-objects',
      text: patchObjects,
      values: [
        textArray(rows.map(({ jobId }) => jobId)),
        textArray(rows.map(({ objectKey }) => objectKey)),
        plainArray(rows.map(({ inScope }) => inScope)),
        textArray(rows.map(({ link }) => link)),
        textArray(rows.map(({ targetId }) => targetId)),
        textArray(rows.map(({ lastAction }) => lastAction)),
        textArray(rows.map(({ lastStatus }) => lastStatus)),
        plainArray(rows.map(({ lastSequence }) => lastSequence)),
      ],
    });
  }

  private unlink(jobId: string): void {
    this.unlinked.add(jobId);
    for (const patch of this.patches.values()) {
      if (patch.jobId !== jobId) continue;
      patch.link = 'ended';
      patch.targetId = null;
    }
  }

  forget(): void {
    this.unlinked.clear();
    this.patches.clear();
  }
}
