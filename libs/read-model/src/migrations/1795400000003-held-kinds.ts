import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which limits hold a cycle's removals, and whether they were released or rejected in the end. */
export class HeldKinds1795400000003 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table held_removal add column verdict text collate "C", add column guards jsonb');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table held_removal drop column verdict, drop column guards');
  }
}
