import type { CauseView, Failure } from '@provident/contracts';
import { remedyOf } from '@provident/domain';

import { query, type ReadModels } from './database.js';

interface CauseRecord {
  readonly cause_id: string;
  readonly operation: string;
  readonly kind: Failure['kind'];
  readonly code: string;
  readonly status: number | null;
  readonly attribute: string | null;
  readonly text: string;
  readonly failures: number;
  readonly first_seen_at: string;
  readonly last_seen_at: string;
  readonly people: number;
  readonly given_up: number;
  readonly examples: CauseView['examples'];
}

/** The groups are counted once by the index on (job, cause); only the causes that are shown are asked for examples. */
const causes = `
  with kept as (
    select cause_id, count(*)::integer as people, count(given_up_at)::integer as given_up
    from escrow where job_id = $1 group by cause_id order by people desc, cause_id limit $2
  )
  select cause.cause_id, cause.operation, cause.kind, cause.code, cause.status, cause.attribute, cause.text, cause.failures,
         cause.first_seen_at, cause.last_seen_at, kept.people, kept.given_up, example.examples
  from kept join cause on cause.job_id = $1 and cause.cause_id = kept.cause_id
  cross join lateral (
    select json_agg(json_build_object('objectKey', object_key, 'sourceId', source_id, 'displayName', display_name, 'changeId', change_id,
                                      'message', failure ->> 'message') order by object_key) as examples
    from (select * from escrow where job_id = $1 and cause_id = kept.cause_id order by object_key limit 5) shown
  ) example
  order by kept.people desc, cause.cause_id`;

const atMost = 500;

/** Why objects of a job are kept, the commonest first: one line for all who fail for one reason. */
export async function listCauses(models: ReadModels, jobId: string): Promise<CauseView[]> {
  const rows = await query<CauseRecord>(models, causes, [jobId, atMost]);
  return rows.map((row) => ({
    causeId: row.cause_id,
    operation: row.operation,
    kind: row.kind,
    code: row.code,
    status: row.status,
    attribute: row.attribute,
    text: row.text,
    remedy: remedyOf(row),
    people: row.people,
    givenUp: row.given_up,
    failures: row.failures,
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
    examples: row.examples,
  }));
}
