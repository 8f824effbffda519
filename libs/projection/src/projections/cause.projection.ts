import type { DataOf, Failure, LogEvent } from '@provident/contracts';
import { EscrowExpired, EscrowRecorded } from '@provident/contracts';
import { causeOfFailure } from '@provident/domain';

import type { Projection } from '../projection.js';
import { storableJson } from '../sql/clean-json.js';
import type { Flight } from '../sql/flight.js';
import { reduce, reducers, when } from '../when.js';

interface CauseSeen {
  readonly job_id: string;
  readonly cause_id: string;
  readonly operation: string;
  readonly kind: Failure['kind'];
  readonly code: string;
  readonly status: number | null;
  readonly attribute: string | null;
  readonly text: string;
  failures: number;
  readonly first_seen_at: string;
  last_seen_at: string;
}

type Seen = Map<string, CauseSeen>;
type Failed = LogEvent<DataOf<typeof EscrowRecorded> | DataOf<typeof EscrowExpired>>;

/** The cause of a failed attempt: as its event names it, or worked out for events of older versions. */
export const causeIn = ({ cause, failure }: Failed['data']) => cause ?? causeOfFailure(failure);

/** Every failed attempt is kept or given up by one event. */
function note(seen: Seen, event: Failed): void {
  const { id, operation, attribute, text } = causeIn(event.data);
  const { kind, code, status = null } = event.data.failure;
  const key = `${event.jobId}\n${id}`;
  const known = seen.get(key);
  if (known) {
    known.failures += 1;
    known.last_seen_at = event.at;
    return;
  }
  const at = { first_seen_at: event.at, last_seen_at: event.at };
  seen.set(key, { job_id: event.jobId, cause_id: id, operation, kind, code, status, attribute, text, failures: 1, ...at });
}

const folding = reducers<Seen>(when(EscrowRecorded, note), when(EscrowExpired, note));

const writeCauses = `
  insert into cause (job_id, cause_id, operation, kind, code, status, attribute, text, failures, first_seen_at, last_seen_at)
  select job_id, cause_id, operation, kind, code, status, attribute, text, failures, first_seen_at, last_seen_at
  from jsonb_populate_recordset(null::cause, $1)
  on conflict (job_id, cause_id) do update set failures = cause.failures + excluded.failures, last_seen_at = excluded.last_seen_at`;

/** Why objects fail: one row for thousands of failures. */
export class CauseProjection implements Projection {
  readonly name = 'cause';
  private readonly seen: Seen = new Map();

  hear(event: LogEvent): void {
    reduce(folding, this.seen, event);
  }

  write(flight: Flight): void {
    if (this.seen.size === 0) return;
    const rows = [...this.seen.values()];
    this.seen.clear();
    flight.query({ name: 'write-causes', text: writeCauses, values: [storableJson(rows)] });
  }

  forget(): void {
    this.seen.clear();
  }
}
