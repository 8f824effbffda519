import { query, type ReadModels } from './database.js';

/** What the database can tell of Provident's health. */
export interface DatabaseHealth {
  readonly database: boolean;
  readonly position: number;
  /** Events that were set aside: somebody should look at them. */
  readonly setAside: number;
}

/** The log that the read models were projected from, and how far; null when nothing was projected yet. */
export async function getKnownLog(models: ReadModels): Promise<{ identity: string; sequence: number; landmark: string | null } | null> {
  const [row] = await query<{ log: string; sequence: number; landmark: string | null }>(
    models,
    'select log, sequence, (select event from landmark where landmark.projection = position.projection) as landmark from position',
  );
  return row ? { identity: row.log, sequence: row.sequence, landmark: row.landmark } : null;
}

/** Never throws: a database that does not answer is an answer. */
export async function getDatabaseHealth(models: ReadModels): Promise<DatabaseHealth> {
  try {
    const [row] = await query<{ position: number; set_aside: number }>(
      models,
      `select coalesce((select sequence from position), 0)::bigint as position,
              (select count(*)::integer from (select from unreadable_event where parked limit 1000) parked) as set_aside`,
    );
    return { database: true, position: row!.position, setAside: row!.set_aside };
  } catch {
    return { database: false, position: 0, setAside: 0 };
  }
}
