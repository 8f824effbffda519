import type { MigrationInterface, QueryRunner } from 'typeorm';

const id = 'text collate "C"';

/**
 * The two large tables in parts, one behind the other as the log is: what is old goes away part by part. Parts are ranges of the log and not of the
 * clock, because a place in the log is what every row is found by, and never changes. The projector makes them as it comes to them (`partitions.ts`).
 * Names no schema, as its predecessors. What the tables held is projected anew: this comes with another version of the projections.
 */
export class Partitions1795300900000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [...leave, ...parted.map((table) => `${table.create} partition by range (${table.by})`), ...indexes]) {
      await queryRunner.query(statement);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [...leave, ...parted.map(({ create }) => create), ...indexes]) await queryRunner.query(statement);
  }
}

const leave = [
  'drop table audit_event',
  'drop table provisioning_entry',
  'delete from index_aside',
  // Whoever was at some place in the log is at none: the projector begins anew.
  'update position set version = 0',
];

const parted = [
  {
    by: 'sequence',
    // Primary key: the log in its order, from any place on.
    create: `create table audit_event (
      sequence bigint primary key, id ${id} not null, type ${id} not null, at timestamptz(3) not null,
      job_id ${id} not null, cycle_id ${id}, change_id ${id}, object_key ${id}, lane ${id} not null, stage ${id} not null,
      activity ${id} not null, status ${id} not null, source_id ${id}, target_id ${id}, data json not null)`,
  },
  {
    by: 'first_sequence',
    // Primary key: the entry of a change id, and the one row that later events of the change update.
    create: `create table provisioning_entry (
      change_id ${id}, job_id ${id} not null, cycle_id ${id} not null, object_key ${id} not null, object_type ${id} not null,
      source_id ${id}, target_id ${id}, display_name text, matching_value text,
      action ${id} not null, status ${id} not null, reason ${id}, text text not null,
      attempts integer not null, activities smallint not null, escrow ${id}, next_attempt_at timestamptz(3),
      started_at timestamptz(3) not null, at timestamptz(3) not null, troubled_at timestamptz(3),
      first_sequence bigint, last_sequence bigint not null, modified json not null,
      primary key (change_id, first_sequence))`,
  },
];

/** The questions are those of the migrations before. */
const indexes = [
  'create index audit_event_object on audit_event (job_id, object_key, sequence) where object_key is not null',
  'create index audit_event_job on audit_event (job_id, sequence)',
  'create index audit_event_at on audit_event (at, sequence)',
  `create index audit_event_about_job on audit_event (type, job_id, sequence) where activity = 'job'`,
  'create index provisioning_entry_object on provisioning_entry (job_id, object_key, at, last_sequence)',
  'create index provisioning_entry_job on provisioning_entry (job_id, at, last_sequence)',
  'create index provisioning_entry_at on provisioning_entry (at, last_sequence)',
  `create index provisioning_entry_failed on provisioning_entry (job_id, status, troubled_at, last_sequence)
     where status in ('failure', 'warning')`,
  'create index provisioning_entry_troubled on provisioning_entry (job_id, troubled_at, last_sequence) where troubled_at is not null',
];
