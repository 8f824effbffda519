import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tokens are no facts of the log: a hash in it could never be taken back. */
class Tokens1795301000000 implements MigrationInterface {
  readonly name = 'Tokens1795301000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table token (
        token_id text primary key,
        name text not null,
        hash bytea not null,
        grants jsonb not null,
        created_at timestamptz not null,
        created_by jsonb not null,
        expires_at timestamptz,
        last_used_at timestamptz,
        revoked_at timestamptz,
        revoked_by jsonb
      )`);
    // A name means one token that holds: it is revoked by its name.
    await runner.query('create unique index token_name on token (name) where revoked_at is null');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table token');
  }
}

export const accessMigrations = [Tokens1795301000000];
/** Postgres schema of report-api's own. */
export const accessSchema = 'access';
