import { Column, Entity } from 'typeorm';

import { IdColumn, IdKey, InstantColumn } from '../columns.js';

/** One row per cycle whose removals were held for a person. */
@Entity('held_removal')
export class HeldRemovalRow {
  @IdKey('job_id') jobId!: string;
  @IdKey('cycle_id') cycleId!: string;
  @Column('integer') proposed!: number;
  @Column('integer') linked!: number;
  @Column('text') threshold!: string;
  /** What they wait for: a person, or the next complete import. */
  @IdColumn('until') until!: 'person' | 'import';
  @InstantColumn('held_at') heldAt!: string;
  @InstantColumn('released_at', { nullable: true }) releasedAt!: string | null;
  @Column('jsonb', { name: 'released_by', nullable: true }) releasedBy!: { kind: string; name: string } | null;
  /** What was decided in the end, at `releasedAt` by `releasedBy`; or that nothing is left of it, by nobody. */
  @IdColumn('verdict', { nullable: true }) verdict!: 'released' | 'rejected' | 'withdrawn' | null;
  /** Limits that hold them, with their numbers. */
  @Column('jsonb', { nullable: true }) guards!: unknown[] | null;
}
