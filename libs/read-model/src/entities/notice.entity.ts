import { Column, Entity } from 'typeorm';

import { IdColumn, IdKey, InstantColumn, SequenceColumn } from '../columns.js';

/** One row per notice and way to deliver it, as the last attempt left it. */
@Entity('notice')
export class NoticeRow {
  @IdKey('job_id') jobId!: string;
  /** Id of the event that it tells of. */
  @IdKey('notice_id') noticeId!: string;
  @IdKey('channel') channel!: 'email' | 'webhook';
  @IdColumn('kind') kind!: string;
  @IdColumn('state') state!: 'sent' | 'retrying' | 'given-up';
  @Column('integer') attempts!: number;
  @Column('text', { nullable: true }) message!: string | null;
  @InstantColumn('next_attempt_at', { nullable: true }) nextAttemptAt!: string | null;
  @InstantColumn('at') at!: string;
  @SequenceColumn('last_sequence') lastSequence!: number;
}
