import type { Connection } from './sql/connection.js';

export interface Unreadable {
  readonly sequence: number;
  readonly id: string | null;
  readonly type: string | null;
  readonly reason: string;
  readonly parked: boolean;
}

/** Counts one more failed try of an event. @returns tries so far */
export async function recordUnreadable(connection: Connection, { sequence, id, type, reason, parked }: Unreadable): Promise<number> {
  const { rows } = await connection.query<{ attempts: number }>(
    `insert into unreadable_event (sequence, event_id, type, reason, attempts, parked) values ($1, $2, $3, $4, 1, $5)
     on conflict (sequence) do update set attempts = unreadable_event.attempts + 1, reason = excluded.reason, parked = excluded.parked
     returning attempts`,
    [sequence, id, type, reason.slice(0, 2_000), parked],
  );
  return rows[0]!.attempts;
}

export async function forgetUnreadable(connection: Connection, sequence: number): Promise<void> {
  await connection.query('delete from unreadable_event where sequence = $1', [sequence]);
}
