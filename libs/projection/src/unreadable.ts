import type { Statement } from './sql/flight.js';

export interface Unreadable {
  readonly sequence: number;
  readonly id: string | null;
  readonly type: string | null;
  readonly reason: string;
  readonly parked: boolean;
}

/** Counts one more failed try of an event. */
export const recordUnreadable = ({ sequence, id, type, reason, parked }: Unreadable): Statement => ({
  text: `insert into unreadable_event (sequence, event_id, type, reason, attempts, parked) values ($1, $2, $3, $4, 1, $5)
         on conflict (sequence) do update set attempts = unreadable_event.attempts + 1, reason = excluded.reason, parked = excluded.parked`,
  values: [sequence, id, type, reason.slice(0, 2_000), parked],
});

export const setAside = (sequence: number): Statement => ({
  text: 'update unreadable_event set parked = true where sequence = $1',
  values: [sequence],
});

export const forgetUnreadable = (sequence: number): Statement => ({
  text: 'delete from unreadable_event where sequence = $1',
  values: [sequence],
});
