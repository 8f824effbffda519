import type { LogExtent } from '@provident/bus';
import type { Finding } from '@provident/contracts';
import type { Connection } from '@provident/projection';

/** No event is missing between the first and the last. */
export function judgeLog({ first, last, events }: LogExtent): Finding {
  const missing = events === 0 ? last : last - first + 1 - events;
  const range = events === 0 ? 'the log is empty' : `${events} events, ${first} to ${last}`;
  return missing === 0
    ? { check: 'log-complete', ok: true, text: `${range}: none is missing` }
    : { check: 'log-complete', ok: false, text: `${range}: ${missing} are missing in between; restore the log from a backup` };
}

interface Unbalanced {
  readonly jobId: string;
  readonly cycleId: string;
}

/** Every closed cycle accounts for every imported object, and the scheduler counted what the projector counted. */
export async function judgeTallies(connection: Connection, schema: string): Promise<Finding> {
  const { rows } = await connection.query<Unbalanced>(
    `select job_id as "jobId", cycle_id as "cycleId" from "${schema}".cycle where closed_at is not null and balanced is not true order by opened_sequence limit 20`,
  );
  const [{ closed }] = (
    await connection.query<{ closed: number }>(`select count(*)::int as closed from "${schema}".cycle where closed_at is not null`)
  ).rows as [{ closed: number }];
  const culprits = rows.map(({ jobId, cycleId }) => `${jobId} ${cycleId}`).join(', ');
  return rows.length === 0
    ? { check: 'tallies-balance', ok: true, text: `${closed} closed cycles: the outcomes of each add up to what was imported` }
    : { check: 'tallies-balance', ok: false, text: `of ${closed} closed cycles these do not add up: ${culprits}` };
}

/** Every event could be read and projected, by each of the read models. */
export async function judgeReadable(connection: Connection, schemas: readonly string[]): Promise<Finding> {
  const { rows } = await connection.query<{ sequence: number; reason: string }>(
    `${schemas.map((schema) => `select sequence, reason from "${schema}".unreadable_event where parked`).join(' union ')} order by sequence limit 1`,
  );
  const [first] = rows;
  return first === undefined
    ? { check: 'events-readable', ok: true, text: 'every event could be read and projected' }
    : { check: 'events-readable', ok: false, text: `events were set aside, the first at ${first.sequence}: ${first.reason}` };
}

/** Where the log gives no more what the read models took from it once: what is made anew would lack that. */
export async function findForgotten(connection: Connection, living: string, anew: string): Promise<number[]> {
  const { rows } = await connection.query<{ sequence: string }>(
    `select sequence from "${anew}".unreadable_event where parked
     except select sequence from "${living}".unreadable_event where parked order by sequence`,
  );
  return rows.map(({ sequence }) => Number(sequence));
}
