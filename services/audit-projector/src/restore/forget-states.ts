import { readModelDataSource } from '@provident/projection';
import { madeFromLog } from '@provident/service-kit';

/**
 * Drops every schema that services have made from the log: they make them again from the log that they find.
 * @returns their names
 */
export async function forgetStates(databaseUrl: string): Promise<string[]> {
  const dataSource = await readModelDataSource({ url: databaseUrl, schema: 'public', poolSize: 1 }).initialize();
  try {
    const rows = await dataSource.query<{ name: string }[]>(
      `select nspname as name from pg_namespace where obj_description(oid, 'pg_namespace') = $1 order by 1`,
      [madeFromLog],
    );
    for (const { name } of rows) await dataSource.query(`drop schema "${name}" cascade`);
    return rows.map(({ name }) => name);
  } finally {
    await dataSource.destroy();
  }
}
