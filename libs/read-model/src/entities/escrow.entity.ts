import { Column, Entity } from 'typeorm';

import { IdColumn, IdKey, InstantColumn, SequenceColumn } from '../columns.js';

/** One row per object that is kept for a retry, or was given up; gone once it is cleared. */
@Entity('escrow')
export class EscrowRow {
  @IdKey('job_id') jobId!: string;
  @IdKey('object_key') objectKey!: string;
  @IdColumn('change_id') changeId!: string;
  @IdColumn('cycle_id') cycleId!: string;
  @IdColumn('source_id', { nullable: true }) sourceId!: string | null;
  @Column('text', { name: 'display_name', nullable: true }) displayName!: string | null;
  @Column('jsonb') failure!: unknown;
  @IdColumn('cause_id', { nullable: true }) causeId!: string | null;
  @InstantColumn('first_failed_at') firstFailedAt!: string;
  @Column('integer') retries!: number;
  /** Why it is tried before its time; null when it is not. */
  @IdColumn('woken_by', { nullable: true }) wokenBy!: string | null;
  /** null while a retry is under way, and once it was given up. */
  @InstantColumn('next_attempt_at', { nullable: true }) nextAttemptAt!: string | null;
  @InstantColumn('given_up_at', { nullable: true }) givenUpAt!: string | null;
  @SequenceColumn('last_sequence') lastSequence!: number;
}
