import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * `ring`: the master key that everything new is sealed under. `data_key`: keys of one value each, wrapped under a master key. `secret`: sealed under
 * its data key. No column of the three opens anything without a master key.
 */
export class Secrets1795300800000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE ring (
        is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
        master_key text NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE data_key (
        id uuid PRIMARY KEY,
        master_key text NOT NULL,
        wrapped bytea NOT NULL,
        made_at timestamptz NOT NULL DEFAULT now()
      )`);
    // A rotation asks for keys that are still under another master key.
    await runner.query('CREATE INDEX data_key_by_master_key ON data_key (master_key, id)');
    await runner.query(`
      CREATE TABLE secret (
        name text PRIMARY KEY,
        data_key uuid NOT NULL REFERENCES data_key (id),
        sealed bytea NOT NULL,
        set_at timestamptz NOT NULL,
        set_by text NOT NULL
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE secret, data_key, ring');
  }
}

export const vaultMigrations = [Secrets1795300800000];
export const vaultSchema = 'vault';
