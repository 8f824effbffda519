import type { MigrationInterface, QueryRunner } from 'typeorm';

/** An older copy of the log that was written on is told from the log by an event in it. */
export class Landmark1795900100002 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('create table "landmark" ("projection" text collate "C" primary key, "event" text not null)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table "landmark"');
  }
}
