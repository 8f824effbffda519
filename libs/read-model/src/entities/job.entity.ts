import { Column, Entity } from 'typeorm';

import { IdColumn, IdKey, InstantColumn, SequenceColumn } from '../columns.js';

export interface Quarantine {
  readonly reason: string;
  readonly message: string;
  readonly beganAt: string;
  readonly count: number;
  readonly nextAttemptAt: string;
}

/** One row per job, as its latest events left it. */
@Entity('job')
export class JobRow {
  @IdKey('job_id') jobId!: string;
  @Column('text') name!: string;
  /** Names of the systems for people. */
  @Column('text') source!: string;
  @Column('text') target!: string;
  @Column('integer') revision!: number;
  @IdColumn('state') state!: 'active' | 'paused' | 'removed';
  /** As applied; credentials are in it by reference only. */
  @Column('jsonb', { nullable: true }) definition!: unknown;
  @InstantColumn('configured_at') configuredAt!: string;
  @Column('boolean', { name: 'initial_cycle_completed' }) initialCycleCompleted!: boolean;
  @IdColumn('running_cycle_id', { nullable: true }) runningCycleId!: string | null;
  @IdColumn('last_cycle_id', { nullable: true }) lastCycleId!: string | null;
  /** Start of the latest cycle: the schedule counts from here. */
  @InstantColumn('last_opened_at', { nullable: true }) lastOpenedAt!: string | null;
  @InstantColumn('last_succeeded_at', { nullable: true }) lastSucceededAt!: string | null;
  @Column('jsonb', { nullable: true }) quarantine!: Quarantine | null;
  @SequenceColumn('last_sequence') lastSequence!: number;
}
