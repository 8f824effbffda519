import type { Connection } from './connection.js';
import { storableJson } from './clean-json.js';

/** Writes whole rows, new or known. For tables of few rows; `columns` begins with the `keys` columns of the primary key. */
export async function upsertRows(
  connection: Connection,
  table: string,
  keys: number,
  columns: readonly string[],
  rows: readonly object[],
): Promise<void> {
  if (rows.length === 0) return;
  const list = columns.join(', ');
  await connection.query({
    name: `upsert-${table}`,
    text: `insert into ${table} (${list}) select ${list} from json_populate_recordset(null::${table}, $1)
           on conflict (${columns.slice(0, keys).join(', ')}) do update set ${columns
             .slice(keys)
             .map((column) => `${column} = excluded.${column}`)
             .join(', ')}`,
    values: [storableJson(rows)],
  });
}
