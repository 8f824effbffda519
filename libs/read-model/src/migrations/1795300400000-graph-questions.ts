import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the audit log is asked for over HTTP, besides one object's and one job's events. */
export class GraphQuestions1795300400000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of statements) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index audit_event_about_job');
    await queryRunner.query('drop index audit_event_at');
  }
}

const statements = [
  // What happened in this stretch of time, over all jobs, newest first, page by page? Its entries arrive in order, at the end of the index.
  'create index audit_event_at on audit_event (at, sequence)',
  // Who changed which job when, and what was configured before? When was which job in quarantine? A few events for each thousand objects.
  `create index audit_event_about_job on audit_event (type, job_id, sequence) where activity = 'job'`,
];
