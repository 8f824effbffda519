import type { DataOf, LogEvent } from '@provident/contracts';
import { RemovalWithdrawn, RemovalsHeld, RemovalsRejected, RemovalsReleased } from '@provident/contracts';
import { releasedCode } from '@provident/domain';

import type { Projection } from '../projection.js';
import type { Flight, Statement } from '../sql/flight.js';
import { reduce, reducers, when } from '../when.js';

const hold = `
  insert into held_removal (job_id, cycle_id, proposed, linked, threshold, until, held_at, guards) values ($1, $2, $3, $4, $5, $6, $7, $8)
  on conflict (job_id, cycle_id) do update set
    proposed = excluded.proposed, linked = excluded.linked, threshold = excluded.threshold, until = excluded.until, held_at = excluded.held_at,
    guards = excluded.guards, released_at = null, released_by = null, verdict = null`;
const decide = 'update held_removal set released_at = $3, released_by = $4, verdict = $5 where job_id = $1 and cycle_id = $2';
/** Some of them; what is left waits on. */
const decideSome = `
  update held_removal set proposed = greatest(proposed - $6, 0), released_at = case when proposed <= $6 then $3::timestamptz end,
    released_by = case when proposed <= $6 then $4::jsonb end, verdict = case when proposed <= $6 then $5 end
  where job_id = $1 and cycle_id = $2 and released_at is null`;

/** One of them is off: its person is back, or was removed on demand. */
const withdraw = `
  update held_removal set proposed = proposed - 1, released_at = case when proposed <= 1 then $3::timestamptz end,
    verdict = case when proposed <= 1 then 'withdrawn' end
  where job_id = $1 and cycle_id = $2 and released_at is null and until = 'person' and proposed > 0`;

type Decided = LogEvent<DataOf<typeof RemovalsRejected>>;

function decided({ data, jobId, at }: Decided, verdict: 'released' | 'rejected'): Statement {
  const values = [jobId, data.cycleId, at, JSON.stringify(data.by), verdict];
  return data.kinds || data.objectKeys ? { text: decideSome, values: [...values, data.proposed] } : { text: decide, values };
}

const folding = reducers<Statement[]>(
  when(RemovalsHeld, (statements, { data, jobId, at }) => {
    statements.push({
      text: hold,
      values: [jobId, data.cycleId, data.proposed, data.linked, data.threshold, data.until, at, JSON.stringify(data.guards ?? [])],
    });
  }),
  when(RemovalsReleased, (statements, event) => {
    statements.push(decided(event, 'released'));
  }),
  when(RemovalWithdrawn, (statements, { data: { heldCycleId, uncounted, reason }, jobId, at }) => {
    // What a person let go of is counted with what he decided.
    if (!uncounted && reason.code !== releasedCode) statements.push({ text: withdraw, values: [jobId, heldCycleId, at] });
  }),
  when(RemovalsRejected, (statements, event) => {
    statements.push(decided(event, 'rejected'));
  }),
);

/** Cycles whose removals were held, and who released or rejected them, or that they are off. So few that each event is a statement. */
export class HeldRemovalProjection implements Projection {
  readonly name = 'held-removal';
  private statements: Statement[] = [];

  hear(event: LogEvent): void {
    reduce(folding, this.statements, event);
  }

  write(flight: Flight): void {
    for (const statement of this.statements) flight.query(statement);
    this.statements = [];
  }

  forget(): void {
    this.statements = [];
  }
}
