import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Names no schema, as its predecessors. */
export class FailuresByTime1795600100000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // What failed, or was held, in this stretch of time, over all jobs, newest first? A few among many: otherwise everything of that time is read for them.
    await queryRunner.query(
      `create index provisioning_entry_failed_at on provisioning_entry (status, at, last_sequence) where status in ('failure', 'warning')`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index provisioning_entry_failed_at');
  }
}
