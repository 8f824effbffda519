import { Column, Entity, PrimaryColumn } from 'typeorm';

import { IdColumn, IdKey, InstantColumn, SequenceColumn } from '../columns.js';

export type EntryAction = 'create' | 'update' | 'disable' | 'delete' | 'staged-delete' | 'other';
export type EntryStatus = 'success' | 'failure' | 'skipped' | 'warning';
export type EscrowState = 'waiting' | 'retrying' | 'cleared' | 'expired' | 'superseded';

/** Bits of `activities`: which activities have had a part in the change. */
export const activityBit = { import: 1, 'synchronization-rule': 2, export: 4, 'process-escrow': 8 } as const;

/** One row per change that has been decided: the entry of the provisioning log. */
@Entity('provisioning_entry')
export class ProvisioningEntryRow {
  @IdKey('change_id') changeId!: string;
  @IdColumn('job_id') jobId!: string;
  @IdColumn('cycle_id') cycleId!: string;
  @IdColumn('object_key') objectKey!: string;
  @IdColumn('object_type') objectType!: string;
  @IdColumn('source_id', { nullable: true }) sourceId!: string | null;
  @IdColumn('target_id', { nullable: true }) targetId!: string | null;
  @Column('text', { name: 'display_name', nullable: true }) displayName!: string | null;
  @Column('text', { name: 'matching_value', nullable: true }) matchingValue!: string | null;
  @IdColumn('action') action!: EntryAction;
  @IdColumn('status') status!: EntryStatus;
  @IdColumn('reason', { nullable: true }) reason!: string | null;
  /** The reason in words: those of the rules, or of the system that refused. */
  @Column('text') text!: string;
  @Column('integer') attempts!: number;
  @Column('smallint') activities!: number;
  @IdColumn('escrow', { nullable: true }) escrow!: EscrowState | null;
  @InstantColumn('next_attempt_at', { nullable: true }) nextAttemptAt!: string | null;
  @InstantColumn('started_at') startedAt!: string;
  @InstantColumn('at') at!: string;
  /** `at`, if it failed, is held or has been in escrow; else null. */
  @InstantColumn('troubled_at', { nullable: true }) troubledAt!: string | null;
  /** Part of the key, because it says which part of the table the row is in. */
  @PrimaryColumn('bigint', { name: 'first_sequence' }) firstSequence!: number;
  @SequenceColumn('last_sequence') lastSequence!: number;
  @Column('json') modified!: { attribute: string; old: unknown; new: unknown }[];
}
