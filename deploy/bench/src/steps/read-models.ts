import { setTimeout as sleep } from 'node:timers/promises';

import { resetReadModels } from '@provident/projection';
import { readModelTables } from '@provident/read-model';
import { Client } from 'pg';

import { BenchError } from '../bench-error.js';

/** So long without a batch, and the projector is stuck. */
const standstillMs = 30_000;

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

  /** Waits until everything up to the sequence is in the read models. @throws BenchError when they get no further */
  async reach(sequence: number): Promise<void> {
    let last = -1;
    let movedAt = 0;
    for (;;) {
      const position = await this.position();
      if (position >= sequence) return;
      if (position !== last) movedAt = performance.now();
      else if (performance.now() - movedAt > standstillMs)
        throw new BenchError(`the read models stand still at event ${position} of ${sequence}: see audit-projector.log (--keep)`);
      last = position;
      await sleep(20);
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
