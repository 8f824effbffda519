import type { ReadModels } from './database.js';

/** Tables whose rows are each of one job. */
export const tablesOfJobs = [
  'audit_event',
  'cause',
  'cycle',
  'escrow',
  'held_removal',
  'identity',
  'job',
  'notice',
  'object_counter',
  'object_state',
  'provisioning_entry',
  'quarantine',
  'retention_horizon',
] as const;

/** Tables that tell of the log as a whole, and of no person and no job. */
export const tablesOfLog = ['index_aside', 'landmark', 'position', 'unreadable_event'] as const;

const named = tablesOfJobs.map((table) => ({ table, pattern: new RegExp(`\\b${table}\\b`) }));
const beginsWith = /^\s*with\s/i;

/**
 * The read models without the rows of any other jobs: every table that a question names is replaced by the part of it that is theirs, so that no
 * count, search or join can tell of more. Postgres plans it as if each had the condition itself.
 */
export function limitedTo(models: ReadModels, jobs: readonly string[]): ReadModels {
  const query = (sql: string, values: readonly unknown[] = []): Promise<unknown> => {
    const tables = named.filter(({ pattern }) => pattern.test(sql)).map(({ table }) => table);
    if (tables.length === 0) return models.query(sql, [...values]);
    const theirs = `any ($${values.length + 1}::text[])`;
    // Within its own definition such a name means the table itself.
    const parts = tables.map((table) => `${table} as not materialized (select * from ${table} where job_id = ${theirs})`);
    const rest = beginsWith.test(sql) ? `, ${sql.replace(beginsWith, '')}` : ` ${sql}`;
    return models.query(`with ${parts.join(', ')}${rest}`, [...values, jobs]);
  };
  return { query } as ReadModels;
}
