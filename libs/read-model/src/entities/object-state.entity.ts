import { Column, Entity } from 'typeorm';

import { IdColumn, IdKey, SequenceColumn } from '../columns.js';

/** What is known of one object after its latest decided change. */
@Entity('object_state')
export class ObjectStateRow {
  @IdKey('job_id') jobId!: string;
  @IdKey('object_key') objectKey!: string;
  @Column('boolean', { name: 'in_scope' }) inScope!: boolean;
  /** The account this job keeps in step with the object. */
  @IdColumn('target_id', { nullable: true }) targetId!: string | null;
  @IdColumn('last_action') lastAction!: string;
  @IdColumn('last_status') lastStatus!: string;
  @SequenceColumn('last_sequence') lastSequence!: number;
}
