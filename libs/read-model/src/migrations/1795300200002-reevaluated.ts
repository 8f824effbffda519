import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How many people a cycle judged by rules that were new to them. */
export class Reevaluated1795300200002 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table "cycle" add column "reevaluated" integer not null default 0');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table "cycle" drop column "reevaluated"');
  }
}
