import { resetReadModels } from '@provident/projection';
import { readModelTables } from '@provident/read-model';
import { Client } from 'pg';

/** The read models as they lie in the database. */
export class ReadModelRows {
  private constructor(private readonly client: Client) {}

  static async open(databaseUrl: string): Promise<ReadModelRows> {
    const client = new Client({ connectionString: databaseUrl, options: '-c search_path=read_model -c timezone=UTC' });
    await client.connect();
    return new ReadModelRows(client);
  }

  async close(): Promise<void> {
    await this.client.end();
  }

  /** Up to where the log is in them. */
  async position(): Promise<number> {
    const { rows } = await this.client.query<{ sequence: string }>('SELECT min(sequence) AS sequence FROM position');
    return Number(rows[0]?.sequence ?? 0);
  }

  reset(): Promise<void> {
    return resetReadModels(this.client);
  }

  /** One short text per table: equal tables have equal texts. */
  async digest(): Promise<Record<string, string>> {
    const digests: Record<string, string> = {};
    for (const table of readModelTables) {
      const { rows } = await this.client.query<{ digest: string | null }>(
        `SELECT md5(string_agg(line, '' ORDER BY line COLLATE "C")) AS digest FROM (SELECT md5(t::text) AS line FROM "${table}" t) lines`,
      );
      digests[table] = rows[0]?.digest ?? '';
    }
    return digests;
  }
}
