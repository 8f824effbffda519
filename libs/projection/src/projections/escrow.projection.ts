import type { DataOf, LogEvent } from '@provident/contracts';
import { EscrowCleared, EscrowExpired, EscrowRecorded, EscrowSuperseded, EscrowWoken, RetryDue } from '@provident/contracts';
import { causeOfFailure } from '@provident/domain';

import type { Projection } from '../projection.js';
import { storableJson } from '../sql/clean-json.js';
import type { Flight } from '../sql/flight.js';
import { reduce, reducers, when } from '../when.js';

type Kept = DataOf<typeof EscrowRecorded> | DataOf<typeof EscrowExpired> | DataOf<typeof EscrowWoken> | DataOf<typeof EscrowSuperseded>;

/** A row as an event leaves it; one without a failure only says that a retry is under way, or that the object is kept no more. */
interface Row {
  readonly job_id: string;
  readonly object_key: string;
  readonly last_sequence: number;
  readonly change?: 'retry' | 'clear';
  readonly retries?: number;
  readonly failure?: Kept['failure'];
  readonly [column: string]: unknown;
}

type Rows = Map<string, Row>;
type About = LogEvent<{ readonly objectKey: string }>;

const keyOf = (event: About): string => `${event.jobId}\n${event.data.objectKey}`;
const base = (event: About) => ({ job_id: event.jobId, object_key: event.data.objectKey, last_sequence: event.sequence });

function keep(rows: Rows, event: LogEvent<Kept>, more: Record<string, unknown>): void {
  const { changeId, cycleId, sourceId, displayName = null, failure, cause, firstFailedAt, retries } = event.data;
  rows.set(keyOf(event), {
    ...base(event),
    change_id: changeId,
    cycle_id: cycleId,
    source_id: sourceId,
    display_name: displayName,
    failure,
    cause_id: (cause ?? causeOfFailure(failure)).id,
    first_failed_at: firstFailedAt,
    retries,
    woken_by: null,
    next_attempt_at: null,
    given_up_at: null,
    ...more,
  });
}

const folding = reducers<Rows>(
  when(EscrowRecorded, (rows, event) => keep(rows, event, { next_attempt_at: event.data.nextAttemptAt })),
  when(EscrowExpired, (rows, event) => keep(rows, event, { given_up_at: event.at })),
  when(EscrowWoken, (rows, event) => keep(rows, event, { next_attempt_at: event.data.nextAttemptAt, woken_by: event.data.wokenBy })),
  when(EscrowSuperseded, (rows, event) => {
    const { next, wokenBy } = event.data;
    keep(rows, event, { change_id: next.changeId, cycle_id: next.cycleId, woken_by: wokenBy });
  }),
  when(RetryDue, (rows, event) => {
    const known = rows.get(keyOf(event));
    const { attempt } = event.data;
    if (known?.failure) rows.set(keyOf(event), { ...known, ...base(event), retries: attempt, next_attempt_at: null });
    else if (known?.change !== 'clear') rows.set(keyOf(event), { ...base(event), change: 'retry', retries: attempt });
  }),
  when(EscrowCleared, (rows, event) => rows.set(keyOf(event), { ...base(event), change: 'clear' })),
);

/** The counters take the difference of those that will be tried again: a row more, a row less, or one that was given up. */
const writeEscrows = `
  with heard as (
    select escrow.*, (item -> 'failure') is not null as is_kept, item ->> 'change' as change, known.place, known.counted as was_counted
    from jsonb_array_elements($1::jsonb) item
    cross join lateral jsonb_populate_record(null::escrow, item) escrow
    left join lateral (
      select ctid as place, given_up_at is null as counted from escrow kept
      where kept.job_id = escrow.job_id and kept.object_key = escrow.object_key offset 0
    ) known on true
  ), gone as (
    delete from escrow where ctid = any (array(select place from heard where change = 'clear' and place is not null))
  ), tried as (
    update escrow set retries = heard.retries, next_attempt_at = null, last_sequence = heard.last_sequence
    from heard where heard.change = 'retry' and escrow.job_id = heard.job_id and escrow.object_key = heard.object_key
  ), kept as (
    insert into escrow (job_id, object_key, change_id, cycle_id, source_id, display_name, failure, cause_id, first_failed_at, retries, woken_by,
                        next_attempt_at, given_up_at, last_sequence)
    select job_id, object_key, change_id, cycle_id, source_id, display_name, failure, cause_id, first_failed_at, retries, woken_by,
           next_attempt_at, given_up_at, last_sequence
    from heard where is_kept
    on conflict (job_id, object_key) do update set
      change_id = excluded.change_id, cycle_id = excluded.cycle_id, source_id = excluded.source_id, display_name = excluded.display_name,
      failure = excluded.failure, cause_id = excluded.cause_id, first_failed_at = excluded.first_failed_at, retries = excluded.retries,
      woken_by = excluded.woken_by, next_attempt_at = excluded.next_attempt_at, given_up_at = excluded.given_up_at,
      last_sequence = excluded.last_sequence
  )
  insert into object_counter as counter (job_id, object_type, escrows)
  select job_id, split_part(object_key, ':', 1), sum((is_kept and given_up_at is null)::integer - coalesce(was_counted, false)::integer)
  from heard where is_kept or change = 'clear' group by 1, 2
  on conflict (job_id, object_type) do update set escrows = counter.escrows + excluded.escrows`;

/** Objects that wait for a retry, and those that were given up. */
export class EscrowProjection implements Projection {
  readonly name = 'escrow';
  private readonly heard: Rows = new Map();

  hear(event: LogEvent): void {
    reduce(folding, this.heard, event);
  }

  write(flight: Flight): void {
    if (this.heard.size === 0) return;
    const rows = [...this.heard.values()];
    this.heard.clear();
    flight.query({ name: 'write-escrows', text: writeEscrows, values: [storableJson(rows)] });
  }

  forget(): void {
    this.heard.clear();
  }
}
