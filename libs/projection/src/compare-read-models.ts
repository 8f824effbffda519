import { type RetentionKind, retentionKinds } from '@provident/domain';
import { readModelTables } from '@provident/read-model';

import { horizonValues, latest, readHorizons } from './retention/horizons.js';
import { isBehind, tableOf } from './retention/removable.js';
import type { Connection } from './sql/connection.js';

/** One table of two sets of read models. */
export interface TableComparison {
  readonly table: string;
  readonly rows: number;
  /** Rows of the one that the other lacks, or has otherwise; both 0 when they are the same, byte for byte. */
  readonly onlyLeft: number;
  readonly onlyRight: number;
}

/** Rows of a table, or of the part of it that is behind the horizons of `left`, or before them. */
interface Rows {
  readonly schema: string;
  readonly table: string;
  readonly where: string;
}

const digest = ({ schema, table, where }: Rows): string =>
  `select count(*) as rows, coalesce(sum(hashtextextended(r::text, 0)::numeric), 0)::text as digest from "${schema}"."${table}" r where ${where}`;
const texts = ({ schema, table, where }: Rows): string => `select r::text from "${schema}"."${table}" r where ${where}`;
const surplus = (of: Rows, over: Rows): string => `select count(*) as rows from (${texts(of)} except all ${texts(over)}) surplus`;

interface Digest {
  readonly rows: number;
  readonly digest: string;
}

const kindOf = (table: string): RetentionKind | undefined => retentionKinds.find((kind) => tableOf[kind] === table);

/**
 * Compares two sets of read models, as both are in the snapshot of the connection's transaction: by digests, and row by row where these differ. Of
 * what `left` does not keep any more it need not have anything; what it still has must be in `right` too.
 */
export async function compareReadModels(connection: Connection, left: string, right: string): Promise<TableComparison[]> {
  const horizons = await readHorizons(connection, left);
  const comparisons: TableComparison[] = [];
  for (const table of readModelTables) {
    const limited = kindOf(table);
    const kind = limited && latest(horizons[limited]) !== null ? limited : undefined;
    const values = kind ? horizonValues(horizons[kind]) : [];
    const of = (schema: string, where: string): Rows => ({ schema, table, where });
    const isOld = kind ? isBehind(kind, 'r') : 'false';
    const [one, other] = [of(left, `not ${isOld}`), of(right, `not ${isOld}`)];
    const [ours] = (await connection.query<Digest>(digest(one), values)).rows as [Digest];
    const [theirs] = (await connection.query<Digest>(digest(other), values)).rows as [Digest];
    const same = ours.rows === theirs.rows && ours.digest === theirs.digest;
    const oldLeft = kind ? await countRows(connection, surplus(of(left, isOld), of(right, isOld)), values) : 0;
    comparisons.push({
      table,
      rows: ours.rows,
      onlyLeft: oldLeft + (same ? 0 : await countRows(connection, surplus(one, other), values)),
      onlyRight: same ? 0 : await countRows(connection, surplus(other, one), values),
    });
  }
  return comparisons;
}

async function countRows(connection: Connection, sql: string, values: unknown[]): Promise<number> {
  const { rows } = await connection.query<{ rows: number }>(sql, values);
  return rows[0]!.rows;
}
