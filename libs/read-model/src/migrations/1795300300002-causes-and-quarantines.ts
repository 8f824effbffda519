import type { MigrationInterface, QueryRunner } from 'typeorm';

const id = 'text collate "C"';

/** Why objects fail, which of them were given up, when the job was in quarantine, and who was told. Names no schema, as its predecessor. */
export class CausesAndQuarantines1795300300002 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of statements) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table notice, quarantine, cause');
    await queryRunner.query('alter table job drop column disabled');
    await queryRunner.query(
      'alter table escrow drop column cause_id, drop column display_name, drop column woken_by, drop column given_up_at',
    );
  }
}

const statements = [
  `alter table escrow add column cause_id ${id}, add column display_name text, add column woken_by ${id}, add column given_up_at timestamptz(3)`,
  // Who fails for this cause, and how many are they?
  'create index escrow_cause on escrow (job_id, cause_id)',
  // What was given up? Few among many.
  'create index escrow_given_up on escrow (job_id) where given_up_at is not null',
  'alter table job add column disabled boolean not null default false',

  // Primary key: what is this cause?
  `create table cause (
     job_id ${id}, cause_id ${id}, operation ${id} not null, kind ${id} not null, code ${id} not null, status integer, attribute ${id},
     text text not null, failures integer not null, first_seen_at timestamptz(3) not null, last_seen_at timestamptz(3) not null,
     primary key (job_id, cause_id))`,

  // Primary key: a job's quarantines, newest first.
  `create table quarantine (
     job_id ${id}, entered_sequence bigint, reason ${id} not null, message text not null, began_at timestamptz(3) not null,
     entered_at timestamptz(3) not null, found_at timestamptz(3) not null, times integer not null, disabled_at timestamptz(3),
     left_at timestamptz(3), left_by jsonb, primary key (job_id, entered_sequence))`,

  // Primary key: has this notice gone out, and by which way?
  `create table notice (
     job_id ${id}, notice_id ${id}, channel ${id}, kind ${id} not null, state ${id} not null, attempts integer not null, message text,
     next_attempt_at timestamptz(3), at timestamptz(3) not null, last_sequence bigint not null, primary key (job_id, notice_id, channel))`,
];
