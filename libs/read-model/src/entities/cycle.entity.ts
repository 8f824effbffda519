import { Column, Entity } from 'typeorm';

import { CountColumn, IdColumn, IdKey, InstantColumn, SequenceColumn } from '../columns.js';

/** One row per cycle. While it runs, the tally is counted here; once closed, it is the one that the closing event states. */
@Entity('cycle')
export class CycleRow {
  @IdKey('job_id') jobId!: string;
  @IdKey('cycle_id') cycleId!: string;
  @IdColumn('kind') kind!: 'initial' | 'incremental';
  @IdColumn('state') state!: 'running' | 'succeeded' | 'entry-level-errors' | 'failed';
  @SequenceColumn('opened_sequence') openedSequence!: number;
  @InstantColumn('opened_at') openedAt!: string;
  @InstantColumn('closed_at', { nullable: true }) closedAt!: string | null;
  @InstantColumn('import_completed_at', { nullable: true }) importCompletedAt!: string | null;
  @Column('jsonb') by!: { kind: string; name: string };
  @Column('integer', { nullable: true }) total!: number | null;
  @CountColumn('read') read!: number;
  @CountColumn('imported') imported!: number;
  @CountColumn('created') created!: number;
  @CountColumn('updated') updated!: number;
  @CountColumn('disabled') disabled!: number;
  @CountColumn('deleted') deleted!: number;
  @CountColumn('skipped') skipped!: number;
  @CountColumn('unchanged') unchanged!: number;
  @CountColumn('escrowed') escrowed!: number;
  @CountColumn('held') held!: number;
  /** People whose last known record was judged by rules that were new to it. */
  @CountColumn('reevaluated') reevaluated!: number;
  /** Whether the closing tally adds up and is the one counted from the events; null while the cycle runs. */
  @Column('boolean', { nullable: true }) balanced!: boolean | null;
  @Column('jsonb', { nullable: true }) failure!: unknown;
  /** What it found changed by hand in the target; null when it did not look. */
  @Column('jsonb', { nullable: true }) drift!: unknown;
}
