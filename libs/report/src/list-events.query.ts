import type { EventView } from '@provident/contracts';

import { query, type ReadModels } from './database.js';
import { findObjects } from './find-objects.js';

export interface EventsAsked {
  /** Sequence behind which to begin. */
  readonly after: number;
  readonly limit: number;
  readonly jobId?: string | undefined;
  readonly type?: string | undefined;
  /** Identifier of a person, as in the provisioning log. */
  readonly user?: string | undefined;
}

interface EventRecord {
  readonly sequence: number;
  readonly id: string;
  readonly type: string;
  readonly at: string;
  readonly job_id: string;
  readonly lane: string;
  readonly stage: string;
  readonly object_key: string | null;
  readonly data: unknown;
}

const columns = 'event.sequence, event.id, event.type, event.at, event.job_id, event.lane, event.stage, event.object_key, event.data';
const matching = `sequence > $1 and ($3::text is null or type = $3)`;

/** Events in the order of the log. */
export async function listEvents(models: ReadModels, asked: EventsAsked): Promise<EventView[]> {
  const { after, limit, type = null } = asked;
  if (asked.user !== undefined) return eventsOfUser(models, asked, asked.user);
  const ofJob = asked.jobId === undefined ? '' : ' and job_id = $4';
  const rows = await query<EventRecord>(
    models,
    `select ${columns} from audit_event event where ${matching}${ofJob} order by sequence limit $2`,
    [after, limit, type, ...(asked.jobId === undefined ? [] : [asked.jobId])],
  );
  return rows.map(view);
}

async function eventsOfUser(models: ReadModels, { after, limit, type, jobId }: EventsAsked, user: string): Promise<EventView[]> {
  const objects = await findObjects(models, user, jobId);
  const rows = await query<EventRecord>(
    models,
    `select ${columns} from unnest($4::text[], $5::text[]) wanted (job_id, object_key)
     cross join lateral (
       select * from audit_event where job_id = wanted.job_id and object_key = wanted.object_key and ${matching} order by sequence limit $2
     ) event order by event.sequence limit $2`,
    [after, limit, type ?? null, objects.map(({ job_id }) => job_id), objects.map(({ object_key }) => object_key)],
  );
  return rows.map(view);
}

const view = (row: EventRecord): EventView => ({
  sequence: row.sequence,
  id: row.id,
  type: row.type,
  at: row.at,
  jobId: row.job_id,
  lane: row.lane,
  stage: row.stage,
  subject: row.object_key,
  data: row.data,
});
