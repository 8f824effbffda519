import { Column, Entity, PrimaryColumn } from 'typeorm';

import { IdColumn, InstantColumn } from '../columns.js';

export const activities = ['import', 'synchronization-rule', 'export', 'process-escrow', 'job'] as const;
export type Activity = (typeof activities)[number];
export type AuditStatus = 'success' | 'failure' | 'skipped' | 'warning';

/** One row per event of the log, whole. */
@Entity('audit_event')
export class AuditEventRow {
  @PrimaryColumn('bigint') sequence!: number;
  @IdColumn('id') id!: string;
  @IdColumn('type') type!: string;
  @InstantColumn('at') at!: string;
  @IdColumn('job_id') jobId!: string;
  @IdColumn('cycle_id', { nullable: true }) cycleId!: string | null;
  @IdColumn('change_id', { nullable: true }) changeId!: string | null;
  /** Null for what is about the job and no object. */
  @IdColumn('object_key', { nullable: true }) objectKey!: string | null;
  @IdColumn('lane') lane!: string;
  @IdColumn('stage') stage!: string;
  @IdColumn('activity') activity!: Activity;
  @IdColumn('status') status!: AuditStatus;
  @IdColumn('source_id', { nullable: true }) sourceId!: string | null;
  @IdColumn('target_id', { nullable: true }) targetId!: string | null;
  @Column('json') data!: unknown;
}
