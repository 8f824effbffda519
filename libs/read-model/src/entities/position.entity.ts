import { Column, Entity } from 'typeorm';

import { IdColumn, IdKey, InstantColumn, SequenceColumn } from '../columns.js';

/** Up to where the log has been projected. Written in the transaction of the rows it stands for. */
@Entity('position')
export class PositionRow {
  @IdKey('projection') projection!: string;
  /** Grows when the rows would look different: the projector then rebuilds them. */
  @Column('integer') version!: number;
  /** Which log it is a position in: a number says nothing about another log. */
  @IdColumn('log') log!: string;
  @SequenceColumn('sequence') sequence!: number;
  /** When the event at `sequence` happened; null at the very start. */
  @InstantColumn('at', { nullable: true }) at!: string | null;
}
