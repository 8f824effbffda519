import { Entity } from 'typeorm';

import { IdKey, InstantColumn } from '../columns.js';

/** From when on something of a job is kept. Not filled from the log, and kept when the read models are built anew. */
@Entity('retention_horizon')
export class RetentionHorizonRow {
  /** Empty for jobs that have no row of their own. */
  @IdKey('job_id') jobId!: string;
  @IdKey('kind') kind!: 'log' | 'events';
  @InstantColumn('kept_since') keptSince!: string;
}
