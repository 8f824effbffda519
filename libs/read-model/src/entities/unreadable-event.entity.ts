import { Column, Entity, PrimaryColumn } from 'typeorm';

import { IdColumn } from '../columns.js';

/** One row per event that could not be read or projected. */
@Entity('unreadable_event')
export class UnreadableEventRow {
  @PrimaryColumn('bigint') sequence!: number;
  @IdColumn('event_id', { nullable: true }) eventId!: string | null;
  @IdColumn('type', { nullable: true }) type!: string | null;
  @Column('text') reason!: string;
  @Column('integer') attempts!: number;
  /** Given up: the projection went on without it. */
  @Column('boolean') parked!: boolean;
}
