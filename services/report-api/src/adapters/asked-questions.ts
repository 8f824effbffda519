import type { ReadModels } from '@provident/report';
import { DataSource } from 'typeorm';

import { currentAsker } from '../http/askers.js';

/** Postgres breaks off a question before: without an answer by then it hangs, or the network swallows everything. */
const answersWithinMs = 12_000;

/**
 * The read models, asked on behalf of requests: when whoever asked hangs up, Postgres stops looking for the answer, so that nobody keeps it busy by
 * asking and leaving. Where nothing answers at all, the connection is given up, and whoever asked is told.
 */
export function askedQuestions(dataSource: DataSource, options: { readonly answersWithinMs?: number } = {}): ReadModels {
  const patienceMs = options.answersWithinMs ?? answersWithinMs;
  const query = async (sql: string, values?: unknown[]): Promise<unknown> => {
    const asker = currentAsker();
    asker?.throwIfAborted();
    const runner = dataSource.createQueryRunner();
    try {
      const { processID, connection } = (await runner.connect()) as PostgresClient;
      asker?.throwIfAborted();
      const breakingOff: Promise<void>[] = [];
      const breakOff = (): void => void breakingOff.push(cancelQuery(dataSource, processID));
      asker?.addEventListener('abort', breakOff, { once: true });
      const patience = setTimeout(() => connection.stream.destroy(), patienceMs);
      try {
        return await dataSource.query(sql, values, runner);
      } finally {
        clearTimeout(patience);
        asker?.removeEventListener('abort', breakOff);
        if (breakingOff.length > 0) {
          await Promise.all(breakingOff);
          // A cancellation that came late meets this question, and not the next one on the same connection.
          await dataSource.query('select 1', [], runner).catch(() => undefined);
        }
      }
    } finally {
      await runner.release();
    }
  };
  return { query } as ReadModels;
}

/** As `pg` has it. */
interface PostgresClient {
  readonly processID: number;
  readonly connection: { readonly stream: { destroy(): void } };
}

/** Over a connection of its own: those of the pool may all be busy with what is to be broken off. Where there is none to be had, its time limit ends the query. */
async function cancelQuery({ options }: DataSource, processId: number): Promise<void> {
  const { url = '' } = options as { readonly url?: string };
  const own = new DataSource({ type: 'postgres', url, poolSize: 1, applicationName: 'provident report-api cancel' });
  try {
    await own.initialize();
    await own.query('select pg_cancel_backend($1)', [processId]);
  } catch {
    return;
  } finally {
    if (own.isInitialized) await own.destroy();
  }
}
