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

/**
 * `person_key`: the key of one person in one job, wrapped under a data key (`person_root`) that all of them share; an erased one keeps its id alone, so that
 * what it had sealed is known to be erased and not lost. `person_name`: keyed hashes of names, to find people whose names are sealed. `erasure`: what the
 * log has yet to be told.
 */
export class People1795600000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE person_root (
        is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
        data_key uuid NOT NULL REFERENCES data_key (id)
      )`);
    await runner.query(`
      CREATE TABLE person_key (
        id text PRIMARY KEY,
        job_id text NOT NULL,
        object_key text NOT NULL,
        wrapped bytea,
        made_at timestamptz NOT NULL DEFAULT now(),
        erased_at timestamptz,
        CHECK ((wrapped IS NULL) = (erased_at IS NOT NULL))
      )`);
    // Which key is a person's values sealed with now?
    await runner.query('CREATE UNIQUE INDEX person_key_in_use ON person_key (job_id, object_key) WHERE erased_at IS NULL');
    await runner.query('CREATE TABLE person_name (token bytea, job_id text, object_key text, PRIMARY KEY (token, job_id, object_key))');
    // Which names go with a person?
    await runner.query('CREATE INDEX person_name_of ON person_name (job_id, object_key)');
    await runner.query(`
      CREATE TABLE erasure (
        id uuid PRIMARY KEY,
        job_id text NOT NULL,
        object_key text NOT NULL,
        key_ids text[] NOT NULL,
        why text,
        requested_at timestamptz NOT NULL,
        requested_by jsonb NOT NULL
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE erasure, person_name, person_key, person_root');
  }
}

export const vaultMigrations = [Secrets1795300800000, People1795600000000];
export const vaultSchema = 'vault';
