import type { LogEvent } from '@provident/contracts';
import { JobDisabled, JobQuarantined, JobRecovered } from '@provident/contracts';

import type { Projection } from '../projection.js';
import { storableText } from '../sql/clean-json.js';
import type { Flight, Statement } from '../sql/flight.js';
import { reduce, reducers, when } from '../when.js';

/** Found again for the same reason: the row goes on. For another one: the row ends, and one more begins. */
const quarantine = `
  with again as (
    update quarantine set message = $4, found_at = $6, times = times + 1
    where job_id = $1 and left_at is null and reason = $3 returning job_id
  ), ended as (
    update quarantine set left_at = $6 where job_id = $1 and left_at is null and reason <> $3
  )
  insert into quarantine (job_id, entered_sequence, reason, message, began_at, entered_at, found_at, times)
  select $1, $2, $3, $4, $5, $6::timestamptz, $6::timestamptz, 1 where not exists (select from again)`;
const leave = 'update quarantine set left_at = $2, left_by = $3 where job_id = $1 and left_at is null';
const disable = 'update quarantine set disabled_at = $2 where job_id = $1 and left_at is null';

const folding = reducers<Statement[]>(
  when(JobQuarantined, (statements, { data, jobId, at, sequence }) => {
    const message = storableText(data.failure.message);
    statements.push({ text: quarantine, values: [jobId, sequence, data.reason, message, data.beganAt, at] });
  }),
  when(JobRecovered, (statements, { data, jobId, at }) => {
    statements.push({ text: leave, values: [jobId, at, JSON.stringify(data.by)] });
  }),
  when(JobDisabled, (statements, { jobId, at }) => {
    statements.push({ text: disable, values: [jobId, at] });
  }),
);

/** When a job was in quarantine, and why. So few that each event is a statement. */
export class QuarantineProjection implements Projection {
  readonly name = 'quarantine';
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
