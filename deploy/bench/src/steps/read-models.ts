import { setTimeout as sleep } from 'node:timers/promises';

import { resetReadModels } from '@provident/projection';
import { readModelTables } from '@provident/read-model';
import { Client } from 'pg';

import { BenchError } from '../bench-error.js';

/** The read models as they lie in the database. */
export class ReadModels {
  private constructor(private readonly client: Client) {}

  static async open(databaseUrl: string): Promise<ReadModels> {
    const client = new Client({
      connectionString: databaseUrl,
      application_name: 'provident bench',
      options: '-c search_path=read_model -c timezone=UTC',
    });
    client.on('error', () => undefined); // a server that is gone is told of by its own end
    await client.connect();
    return new ReadModels(client);
  }

  async close(): Promise<void> {
    await this.client.end();
  }

  async position(): Promise<number> {
    const { rows } = await this.client.query<{ sequence: string }>('select sequence from position');
    return Number(rows[0]?.sequence ?? 0);
  }

  /** Waits until everything up to the sequence is in the read models. @throws BenchError when that takes too long */
  async reach(sequence: number, limitMs: number): Promise<void> {
    for (const until = performance.now() + limitMs; (await this.position()) < sequence; await sleep(20)) {
      if (performance.now() > until)
        throw new BenchError(`the read models came to event ${await this.position()} of ${sequence} within ${limitMs / 1000} s`);
    }
  }

  async count(what: string): Promise<number> {
    const { rows } = await this.client.query<{ n: number }>(`select count(*)::int as n from ${what}`);
    return rows[0]!.n;
  }

  reset(): Promise<void> {
    return resetReadModels(this.client);
  }

  /** One short text per table: equal tables have equal texts. */
  async digest(): Promise<Record<string, string>> {
    const digests: Record<string, string> = {};
    for (const table of readModelTables) {
      const { rows } = await this.client.query<{ digest: string | null }>(
        `select md5(string_agg(line, '' order by line collate "C")) as digest from (select md5(t::text) as line from "${table}" t) lines`,
      );
      digests[table] = rows[0]?.digest ?? '';
    }
    return digests;
  }
}
