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
  @IdColumn('state') state!: 'active' | 'paused' | 'stopped' | 'removed';
  /** `JobLife` of the domain, for the projector to go on from; the definition as applied is in it. Reports read no more of it than when a schedule with windows goes on. */
  @Column('jsonb') life!: unknown;
  @InstantColumn('configured_at') configuredAt!: string;
  @Column('boolean', { name: 'initial_cycle_completed' }) initialCycleCompleted!: boolean;
  @IdColumn('running_cycle_id', { nullable: true }) runningCycleId!: string | null;
  @IdColumn('last_cycle_id', { nullable: true }) lastCycleId!: string | null;
  @InstantColumn('last_succeeded_at', { nullable: true }) lastSucceededAt!: string | null;
  /** When the scheduler will open the next cycle; null while it waits for something else than time. */
  @InstantColumn('next_cycle_at', { nullable: true }) nextCycleAt!: string | null;
  @Column('jsonb', { nullable: true }) quarantine!: Quarantine | null;
  /** It was in quarantine for too long, and waits for a person. */
  @Column('boolean', { default: false }) disabled!: boolean;
  @SequenceColumn('last_sequence') lastSequence!: number;
}
