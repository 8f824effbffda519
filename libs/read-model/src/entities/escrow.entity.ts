import { Column, Entity } from 'typeorm';

import { IdColumn, IdKey, InstantColumn, SequenceColumn } from '../columns.js';

/** One row per object that is kept for a retry; gone once it is cleared or given up. */
@Entity('escrow')
export class EscrowRow {
  @IdKey('job_id') jobId!: string;
  @IdKey('object_key') objectKey!: string;
  @IdColumn('change_id') changeId!: string;
  @IdColumn('cycle_id') cycleId!: string;
  @IdColumn('source_id', { nullable: true }) sourceId!: string | null;
  @Column('jsonb') failure!: unknown;
  @InstantColumn('first_failed_at') firstFailedAt!: string;
  @Column('integer') retries!: number;
  @InstantColumn('next_attempt_at', { nullable: true }) nextAttemptAt!: string | null;
  @SequenceColumn('last_sequence') lastSequence!: number;
}
