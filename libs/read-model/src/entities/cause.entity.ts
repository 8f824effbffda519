import { Column, Entity } from 'typeorm';

import { IdColumn, IdKey, InstantColumn } from '../columns.js';

/** One row per reason for which objects of a job have failed, whether or not any still does. */
@Entity('cause')
export class CauseRow {
  @IdKey('job_id') jobId!: string;
  @IdKey('cause_id') causeId!: string;
  @IdColumn('operation') operation!: string;
  @IdColumn('kind') kind!: string;
  @IdColumn('code') code!: string;
  @Column('integer', { nullable: true }) status!: number | null;
  @IdColumn('attribute', { nullable: true }) attribute!: string | null;
  /** The words of the error, without values of anybody. */
  @Column('text') text!: string;
  /** Attempts that failed for it so far. */
  @Column('integer') failures!: number;
  @InstantColumn('first_seen_at') firstSeenAt!: string;
  @InstantColumn('last_seen_at') lastSeenAt!: string;
}
