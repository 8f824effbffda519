import type { LogEvent } from '@provident/contracts';
import { RemovalsHeld, RemovalsReleased } from '@provident/contracts';

import type { Projection } from '../projection.js';
import type { Flight, Statement } from '../sql/flight.js';
import { reduce, reducers, when } from '../when.js';

const hold = `
  insert into held_removal (job_id, cycle_id, proposed, linked, threshold, until, held_at) values ($1, $2, $3, $4, $5, $6, $7)
  on conflict (job_id, cycle_id) do update set
    proposed = excluded.proposed, linked = excluded.linked, threshold = excluded.threshold, until = excluded.until, held_at = excluded.held_at,
    released_at = null, released_by = null`;
const release = 'update held_removal set released_at = $3, released_by = $4 where job_id = $1 and cycle_id = $2';

const folding = reducers<Statement[]>(
  when(RemovalsHeld, (statements, { data, jobId, at }) => {
    statements.push({ text: hold, values: [jobId, data.cycleId, data.proposed, data.linked, data.threshold, data.until, at] });
  }),
  when(RemovalsReleased, (statements, { data, jobId, at }) => {
    statements.push({ text: release, values: [jobId, data.cycleId, at, JSON.stringify(data.by)] });
  }),
);

/** Cycles whose removals were held, and who released them. So few that each event is a statement. */
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
