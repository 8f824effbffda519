import type { NamesByKey } from '@provident/contracts';

import { query, type ReadModels } from './database.js';

/** So many are looked up for one answer: nobody reads more names at a time. */
const mostNamed = 200;

/**
 * Names of objects of one job, by object key, as the log last told them; whoever has none is left out.
 * @param keys those behind the first 200 different ones are not looked up
 */
export async function namesOf(models: ReadModels, jobId: string, keys: readonly string[]): Promise<NamesByKey> {
  const wanted = [...new Set(keys)].slice(0, mostNamed);
  if (wanted.length === 0) return {};
  const rows = await query<{ object_key: string; display_name: string }>(
    models,
    `select found.* from unnest($2::text[]) wanted (key) cross join lateral (
       select object_key, display_name from provisioning_entry where job_id = $1 and object_key = key and display_name is not null
       order by at desc, last_sequence desc limit 1) found`,
    [jobId, wanted],
  );
  return Object.fromEntries(rows.map(({ object_key, display_name }) => [object_key, display_name]));
}

interface Modified {
  readonly attribute: string;
  readonly old: unknown;
  readonly new: unknown;
}

/** Object keys of the members that came by a change, and of those that left. */
export const membersIn = (modified: readonly Modified[]): string[] =>
  modified.filter(({ attribute }) => attribute === 'members').flatMap((change) => [...keysIn(change.new), ...keysIn(change.old)]);

const keysIn = (value: unknown): string[] => (Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []);
