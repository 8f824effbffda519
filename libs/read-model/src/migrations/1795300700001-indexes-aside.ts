import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A rebuild makes the indexes that only questions need at its end; until then their definitions are kept here. */
export class IndexesAside1795300700001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('create table index_aside (name text collate "C" primary key, definition text not null)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table index_aside');
  }
}
