import { readModelTables } from '@provident/read-model';

import type { Connection } from './sql/connection.js';

/** One table of two sets of read models. */
export interface TableComparison {
  readonly table: string;
  readonly rows: number;
  /** Rows of the one that the other lacks, or has otherwise; both 0 when they are the same, byte for byte. */
  readonly onlyLeft: number;
  readonly onlyRight: number;
}

const digest = (schema: string, table: string): string =>
  `select count(*) as rows, coalesce(sum(hashtextextended(r::text, 0)::numeric), 0)::text as digest from "${schema}"."${table}" r`;
const surplus = (of: string, over: string, table: string): string =>
  `select count(*) as rows from (select r::text from "${of}"."${table}" r except all select r::text from "${over}"."${table}" r) surplus`;

interface Digest {
  readonly rows: number;
  readonly digest: string;
}

/** Compares two sets of read models, as both are in the snapshot of the connection's transaction: by digests, and row by row where these differ. */
export async function compareReadModels(connection: Connection, left: string, right: string): Promise<TableComparison[]> {
  const comparisons: TableComparison[] = [];
  for (const table of readModelTables) {
    const [one] = (await connection.query<Digest>(digest(left, table))).rows as [Digest];
    const [other] = (await connection.query<Digest>(digest(right, table))).rows as [Digest];
    const same = one.rows === other.rows && one.digest === other.digest;
    comparisons.push({
      table,
      rows: one.rows,
      onlyLeft: same ? 0 : await countRows(connection, surplus(left, right, table)),
      onlyRight: same ? 0 : await countRows(connection, surplus(right, left, table)),
    });
  }
  return comparisons;
}

async function countRows(connection: Connection, sql: string): Promise<number> {
  const { rows } = await connection.query<{ rows: number }>(sql);
  return rows[0]!.rows;
}
