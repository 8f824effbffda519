import type { Connection } from './sql/connection.js';
import { inTransaction } from './sql/in-transaction.js';

/** Projecting asks by these and by primary keys; every other index is there for questions alone. */
const needed = ['audit_event_object'];

const setAside = `
  with aside as (
    insert into index_aside (name, definition)
    select index.relname, replace(pg_get_indexdef(index.oid), ' ON ONLY ', ' ON ')
    from pg_index
    join pg_class index on index.oid = pg_index.indexrelid
    join pg_class of_table on of_table.oid = pg_index.indrelid
    where index.relnamespace = current_schema()::regnamespace and of_table.relname in ('audit_event', 'provisioning_entry')
      and not pg_index.indisunique and index.relname <> all ($1)
    on conflict (name) do nothing
    returning name
  )
  select name from aside`;

/** So much may sorting take of the server's memory. */
const sortMemory = '256MB';

/**
 * Drops the indexes that only questions need, and remembers them: a long rebuild makes them at its end in one go, which costs a fraction of
 * keeping them up row by row.
 */
export async function setIndexesAside(connection: Connection): Promise<void> {
  await inTransaction(connection, async () => {
    const { rows } = await connection.query<{ name: string }>(setAside, [needed]);
    for (const { name } of rows) await connection.query(`drop index "${name}"`);
  });
}

/** Makes again what was set aside, also by a predecessor that did not come to it. @returns how many */
export async function restoreIndexes(connection: Connection): Promise<number> {
  const { rows } = await connection.query<{ name: string; definition: string }>('select name, definition from index_aside order by name');
  for (const { name, definition } of rows) {
    await inTransaction(connection, async () => {
      await connection.query(`set local maintenance_work_mem to '${sortMemory}'`);
      await connection.query(definition);
      await connection.query('delete from index_aside where name = $1', [name]);
    });
  }
  if (rows.length > 0) await connection.query('analyze audit_event, provisioning_entry');
  return rows.length;
}
