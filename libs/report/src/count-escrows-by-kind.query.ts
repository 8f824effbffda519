import { query, type ReadModels } from './database.js';

/** Objects in escrow for one class of cause. */
export interface EscrowCount {
  readonly jobId: string;
  /** What kind of failure: throttled, unavailable, rejected and so on; `unknown` where no cause was told. */
  readonly kind: string;
  readonly state: 'waiting' | 'given-up';
  readonly objects: number;
}

/** How many objects of each job are in escrow, by what kind of failure. */
export const countEscrowsByKind = (models: ReadModels): Promise<EscrowCount[]> =>
  query(
    models,
    `select escrow.job_id as "jobId", coalesce(cause.kind, 'unknown') as kind,
       case when escrow.given_up_at is null then 'waiting' else 'given-up' end as state, count(*)::integer as objects
     from escrow join job on job.job_id = escrow.job_id and job.state <> 'removed'
     left join cause on cause.job_id = escrow.job_id and cause.cause_id = escrow.cause_id
     group by 1, 2, 3 order by 1, 2, 3`,
  );
