import type { PersonFound } from '@provident/contracts';
import { identityValue } from '@provident/read-model';

import { query, type ReadModels } from './database.js';
import { sealedNames } from './find-objects.js';

/** Identifiers looked at: several of them may be of one person. */
const candidates = 200;

/** Behind every text that begins so, in the order of bytes. */
const endOf = (beginning: string): string => `${beginning}\u{10ffff}`;

/**
 * Objects whose name, matching value or id begins with the text: a name from any of its words on, without regard to case and accents.
 * One stretch of an index for each kind of identifier; which of too many are found is not said. Of names that are sealed a whole word is asked for.
 */
export async function findPeople(models: ReadModels, search: string, limit: number): Promise<PersonFound[]> {
  const [exact, folded, name] = (['source', 'matching', 'name'] as const).map((kind) => identityValue(kind, search)) as [
    string,
    string,
    string,
  ];
  if (name === '') return [];
  const stretch = (kinds: string, from: number): string =>
    `(select job_id, object_key from identity where value >= $${from} and value < $${from + 1} and kind in (${kinds}) order by value limit ${candidates})`;
  return query<PersonFound>(
    models,
    `select wanted.job_id as "jobId", latest.object_type as "objectType", latest.source_id as "sourceId", latest.target_id as "targetId",
            latest.display_name as "displayName", latest.matching_value as "matchingValue"
     from (select distinct job_id, object_key from (
             ${stretch("'source', 'target'", 1)} union all ${stretch("'matching'", 3)} union all ${stretch("'name'", 5)}
             union all select * from unnest($8::text[], $9::text[])
           ) found) wanted
     cross join lateral (
       select * from provisioning_entry entry where entry.job_id = wanted.job_id and entry.object_key = wanted.object_key
       order by entry.at desc, entry.last_sequence desc limit 1
     ) latest
     order by latest.display_name, wanted.job_id, wanted.object_key limit $7`,
    [exact, endOf(exact), folded, endOf(folded), name, endOf(name), limit, ...(await sealedNames(models, search))],
  );
}
