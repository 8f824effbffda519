import { Column, Entity, PrimaryColumn } from 'typeorm';

import { IdColumn, IdKey, InstantColumn } from '../columns.js';

/** One row per stretch of time that a job spent in quarantine for one reason. */
@Entity('quarantine')
export class QuarantineRow {
  @IdKey('job_id') jobId!: string;
  @PrimaryColumn('bigint', { name: 'entered_sequence' }) enteredSequence!: number;
  @IdColumn('reason') reason!: string;
  @Column('text') message!: string;
  /** Of the unbroken series, which may have begun for another reason. */
  @InstantColumn('began_at') beganAt!: string;
  @InstantColumn('entered_at') enteredAt!: string;
  /** When it was found unhealthy last. */
  @InstantColumn('found_at') foundAt!: string;
  @Column('integer') times!: number;
  @InstantColumn('disabled_at', { nullable: true }) disabledAt!: string | null;
  @InstantColumn('left_at', { nullable: true }) leftAt!: string | null;
  /** null when another reason took its place, or nobody has left it yet. */
  @Column('jsonb', { name: 'left_by', nullable: true }) leftBy!: { kind: string; name: string } | null;
}
