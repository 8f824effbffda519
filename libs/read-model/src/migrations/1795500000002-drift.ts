import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a cycle found changed by hand in the target. */
export class Drift1795500000002 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table "cycle" add column "drift" jsonb');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table "cycle" drop column "drift"');
  }
}
