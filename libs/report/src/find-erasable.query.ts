import { JobConfigured, SourceObjectImported } from '@provident/contracts';
import { sealedMark } from '@provident/domain';

import { query, type ReadModels } from './database.js';
import { findObjects } from './find-objects.js';

/** A person in one job, as far as erasing them is concerned. */
export interface Erasable {
  readonly jobId: string;
  readonly objectKey: string;
  /** Whether the job seals every value of people, by its newest rules. */
  readonly sealsAll: boolean;
  /** When the source last said that it has them; null: that they are gone was the last. */
  readonly inSourceSince: string | null;
  /** Events about them with values that were written before the job sealed them: those stay readable in the log. */
  readonly readableEvents: number;
}

/** Whom an identifier stands for, in one job or in all. */
export async function findErasable(models: ReadModels, user: string, objectType: string, jobId: string | undefined): Promise<Erasable[]> {
  const found = (await findObjects(models, user, jobId)).filter(({ object_key: key }) => key.startsWith(`${objectType}:`));
  return query<Erasable>(
    models,
    `select person.job_id as "jobId", person.object_key as "objectKey",
            coalesce((
              select event.data -> 'definition' -> 'privacy' ->> 'seal' = 'all' from audit_event event
              where event.activity = 'job' and event.type = '${JobConfigured.type}' and event.job_id = person.job_id
              order by event.sequence desc limit 1), false) as "sealsAll",
            (select case when event.data ->> 'change' = 'deleted' then null else to_char(event.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') end
             from audit_event event
             where event.job_id = person.job_id and event.object_key = person.object_key and event.type = '${SourceObjectImported.type}'
             order by event.sequence desc limit 1) as "inSourceSince",
            (select count(*)::integer from audit_event event
             where event.job_id = person.job_id and event.object_key = person.object_key
               and (event.data ->> 'attributes' <> '{}' or event.data ->> 'displayName' <> '') and position('${sealedMark}' in event.data::text) = 0) as "readableEvents"
     from unnest($1::text[], $2::text[]) as person (job_id, object_key) order by 1, 2`,
    [found.map(({ job_id: job }) => job), found.map(({ object_key: key }) => key)],
  );
}
