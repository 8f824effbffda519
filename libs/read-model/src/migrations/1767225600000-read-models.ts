import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Names no schema: tables land in the first schema of the connection's search_path, so that a rebuild may use another one.
 * Each index says which question it answers; what has no question has no index.
 */
export class ReadModels1767225600000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of statements) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of tables) await queryRunner.query(`drop table "${table}"`);
  }
}

const tables = [
  'unreadable_event',
  'held_removal',
  'escrow',
  'cycle',
  'job',
  'object_counter',
  'object_state',
  'identity',
  'provisioning_entry',
  'audit_event',
  'position',
];

const id = 'text collate "C"';

const statements = [
  `create table position (
     projection ${id} primary key, version integer not null, log ${id} not null, sequence bigint not null, at timestamptz(3))`,

  // `json`, not `jsonb`: nothing is ever searched inside, it is kept as it came, written a third faster, and is smaller.
  // Primary key: the log in its order, from any place on (events, follow, the next page).
  `create table audit_event (
     sequence bigint primary key, id ${id} not null, type ${id} not null, at timestamptz(3) not null,
     job_id ${id} not null, cycle_id ${id}, change_id ${id}, object_key ${id}, lane ${id} not null, stage ${id} not null,
     activity ${id} not null, status ${id} not null, source_id ${id}, target_id ${id}, data json not null)`,
  // One object's story: the steps of a change, a person's events, and what the projector itself has to remember of a change.
  `create index audit_event_object on audit_event (job_id, object_key, sequence) where object_key is not null`,
  // One job's events in their order, from any place on, however small the job is among the others.
  `create index audit_event_job on audit_event (job_id, sequence)`,

  // Primary key: the entry of a change id (quoted in a ticket), and the one row that later events of the change update.
  `create table provisioning_entry (
     change_id ${id} primary key, job_id ${id} not null, cycle_id ${id} not null, object_key ${id} not null, object_type ${id} not null,
     source_id ${id}, target_id ${id}, display_name text, matching_value text,
     action ${id} not null, status ${id} not null, reason ${id}, text text not null,
     attempts integer not null, activities smallint not null, escrow ${id}, next_attempt_at timestamptz(3),
     started_at timestamptz(3) not null, at timestamptz(3) not null, troubled_at timestamptz(3),
     first_sequence bigint not null, last_sequence bigint not null, modified json not null)`,
  // Why is this person not in the target? One person's entries, newest first.
  `create index provisioning_entry_object on provisioning_entry (job_id, object_key, at, last_sequence)`,
  // What did this job do lately, or last night? Newest first, a stretch of time.
  `create index provisioning_entry_job on provisioning_entry (job_id, at, last_sequence)`,
  // The same over all jobs.
  `create index provisioning_entry_at on provisioning_entry (at, last_sequence)`,
  // What failed, what is held? Few among many. `troubled_at` is a column of its own, so that only these indexes have the order that is
  // asked for: the planner cannot walk through a larger one in the hope of finding some.
  `create index provisioning_entry_failed on provisioning_entry (job_id, status, troubled_at, last_sequence)
     where status in ('failure', 'warning')`,
  // What has been in escrow?
  `create index provisioning_entry_troubled on provisioning_entry (job_id, troubled_at, last_sequence) where troubled_at is not null`,

  // Primary key: whose identifier is this? In the source, in the target, or as the matching value.
  `create table identity (
     value ${id}, kind ${id}, job_id ${id}, object_key ${id}, first_sequence bigint not null,
     primary key (value, kind, job_id, object_key))`,

  `create table object_state (
     job_id ${id}, object_key ${id}, in_scope boolean not null, target_id ${id},
     last_action ${id} not null, last_status ${id} not null, last_sequence bigint not null,
     primary key (job_id, object_key)) with (fillfactor = 80)`,

  `create table object_counter (
     job_id ${id}, object_type ${id}, in_scope integer not null default 0, linked integer not null default 0,
     escrows integer not null default 0, primary key (job_id, object_type))`,

  `create table job (
     job_id ${id} primary key, name text not null, source text not null, target text not null, revision integer not null,
     state ${id} not null, life jsonb not null, configured_at timestamptz(3) not null,
     initial_cycle_completed boolean not null, running_cycle_id ${id}, last_cycle_id ${id},
     last_succeeded_at timestamptz(3), next_cycle_at timestamptz(3), quarantine jsonb, last_sequence bigint not null)`,

  `create table cycle (
     job_id ${id}, cycle_id ${id}, kind ${id} not null, state ${id} not null,
     opened_sequence bigint not null, opened_at timestamptz(3) not null, closed_at timestamptz(3), import_completed_at timestamptz(3),
     by jsonb not null, total integer,
     read integer not null default 0, imported integer not null default 0, created integer not null default 0,
     updated integer not null default 0, disabled integer not null default 0, deleted integer not null default 0,
     skipped integer not null default 0, unchanged integer not null default 0, escrowed integer not null default 0,
     held integer not null default 0, balanced boolean, failure jsonb,
     primary key (job_id, cycle_id)) with (fillfactor = 50)`,
  // A job's cycles, newest first.
  `create index cycle_opened on cycle (job_id, opened_sequence)`,

  // Primary key: is this object waiting for a retry?
  `create table escrow (
     job_id ${id}, object_key ${id}, change_id ${id} not null, cycle_id ${id} not null, source_id ${id}, failure jsonb not null,
     first_failed_at timestamptz(3) not null, retries integer not null, next_attempt_at timestamptz(3), last_sequence bigint not null,
     primary key (job_id, object_key))`,

  `create table held_removal (
     job_id ${id}, cycle_id ${id}, proposed integer not null, linked integer not null, threshold text not null,
     until ${id} not null, held_at timestamptz(3) not null, released_at timestamptz(3), released_by jsonb, primary key (job_id, cycle_id))`,

  `create table unreadable_event (
     sequence bigint primary key, event_id ${id}, type ${id}, reason text not null, attempts integer not null, parked boolean not null)`,
];
