import type { DataOf, LogEvent } from '@provident/contracts';
import { EscrowCleared, EscrowExpired, EscrowRecorded } from '@provident/contracts';

import type { Projection } from '../projection.js';
import type { Connection } from '../sql/connection.js';
import { storableJson } from '../sql/clean-json.js';
import { reduce, reducers, when } from '../when.js';

type Escrows = Map<string, { event: LogEvent<{ jobId: string; objectKey: string }>; kept: DataOf<typeof EscrowRecorded> | null }>;

const note = (
  escrows: Escrows,
  event: LogEvent<{ jobId: string; objectKey: string }>,
  kept: DataOf<typeof EscrowRecorded> | null,
): void => {
  escrows.set(`${event.jobId}\n${event.data.objectKey}`, { event, kept });
};

const folding = reducers<Escrows>(
  when(EscrowRecorded, (escrows, event) => note(escrows, event, event.data)),
  when(EscrowCleared, (escrows, event) => note(escrows, event, null)),
  when(EscrowExpired, (escrows, event) => note(escrows, event, null)),
);

/** The counters take the difference: a row more, or a row less. */
const writeEscrows = `
  with heard as (
    select escrow.*, (item -> 'failure') is not null as is_kept, known.place
    from jsonb_array_elements($1::jsonb) item
    cross join lateral jsonb_populate_record(null::escrow, item) escrow
    left join lateral (
      select ctid as place from escrow kept where kept.job_id = escrow.job_id and kept.object_key = escrow.object_key offset 0
    ) known on true
  ), gone as (
    delete from escrow where ctid = any (array(select place from heard where not is_kept and place is not null))
  ), kept as (
    insert into escrow (job_id, object_key, change_id, cycle_id, source_id, failure, first_failed_at, retries, next_attempt_at, last_sequence)
    select job_id, object_key, change_id, cycle_id, source_id, failure, first_failed_at, retries, next_attempt_at, last_sequence
    from heard where is_kept
    on conflict (job_id, object_key) do update set
      change_id = excluded.change_id, cycle_id = excluded.cycle_id, source_id = excluded.source_id, failure = excluded.failure,
      first_failed_at = excluded.first_failed_at, retries = excluded.retries, next_attempt_at = excluded.next_attempt_at,
      last_sequence = excluded.last_sequence
  )
  insert into object_counter as counter (job_id, object_type, escrows)
  select job_id, split_part(object_key, ':', 1), sum(is_kept::integer - (place is not null)::integer) from heard group by 1, 2
  on conflict (job_id, object_type) do update set escrows = counter.escrows + excluded.escrows`;

/** Objects that wait for a retry. */
export class EscrowProjection implements Projection {
  readonly name = 'escrow';
  private readonly heard: Escrows = new Map();

  hear(event: LogEvent): void {
    reduce(folding, this.heard, event);
  }

  async write(connection: Connection): Promise<void> {
    if (this.heard.size === 0) return;
    const rows = [...this.heard.values()].map(({ event, kept }) => ({
      job_id: event.jobId,
      object_key: event.data.objectKey,
      last_sequence: event.sequence,
      ...(kept && {
        change_id: kept.changeId,
        cycle_id: kept.cycleId,
        source_id: kept.sourceId,
        failure: kept.failure,
        first_failed_at: kept.firstFailedAt,
        retries: kept.retries,
        next_attempt_at: kept.nextAttemptAt,
      }),
    }));
    this.heard.clear();
    await connection.query({ name: 'write-escrows', text: writeEscrows, values: [storableJson(rows)] });
  }

  forget(): void {
    this.heard.clear();
  }
}
