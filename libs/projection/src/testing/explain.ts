import { Room } from '../partitions.js';
import type { Connection } from '../sql/connection.js';

interface Queries {
  query<Row>(sql: string, values?: unknown[]): Promise<Row>;
}

/** Makes parts up to that place in the log, for rows that a test writes by itself. */
export async function makeRoom(connection: Connection, upTo: number): Promise<void> {
  await new Room().upTo(upTo, new Date(0).toISOString(), connection);
}

const small = 1_000;

/** How the server would answer, in terms of the tables: indexes of parts under the name of the table's own, and no scan of a part with few rows. */
export async function explain(db: Queries, sql: string, values: readonly unknown[]): Promise<string> {
  const plan = await db.query<Record<string, string>[]>(`explain ${sql}`, [...values]);
  const parts = await db.query<{ name: string; whole: string; rows: number }[]>(
    `select part.relname as name, whole.relname as whole, part.reltuples as rows from pg_inherits
     join pg_class part on part.oid = inhrelid join pg_class whole on whole.oid = inhparent`,
  );
  const known = new Map(parts.map((part) => [part.name, part]));
  const isSmallScan = (line: string): boolean => (known.get(/Seq Scan on (\w+)/.exec(line)?.[1] ?? '')?.rows ?? Infinity) < small;
  return plan
    .map((row) => row['QUERY PLAN']!)
    .filter((line) => !isSmallScan(line))
    .map((line) => line.replace(/(?<=using |Bitmap Index Scan on )\w+/, (name) => known.get(name)?.whole ?? name))
    .join('\n');
}
