import type { MigrationInterface, QueryRunner } from 'typeorm';

/** From when on the reports of which job are kept. */
export class Retention1795400100000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'create table retention_horizon (job_id text collate "C", kind text collate "C", kept_since timestamptz(3) not null, primary key (job_id, kind))',
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table retention_horizon');
  }
}
