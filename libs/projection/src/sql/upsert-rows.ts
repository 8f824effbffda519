import { storableJson } from './clean-json.js';
import type { Flight } from './flight.js';

/** Writes whole rows, new or known. For tables of few rows; `columns` begins with the `keys` columns of the primary key. */
export function upsertRows(flight: Flight, table: string, keys: number, columns: readonly string[], rows: readonly object[]): void {
  if (rows.length === 0) return;
  const list = columns.join(', ');
  flight.query({
    name: `upsert-${table}`,
    text: `insert into ${table} (${list}) select ${list} from json_populate_recordset(null::${table}, $1)
           on conflict (${columns.slice(0, keys).join(', ')}) do update set ${columns
             .slice(keys)
             .map((column) => `${column} = excluded.${column}`)
             .join(', ')}`,
    values: [storableJson(rows)],
  });
}
