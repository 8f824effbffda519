import type { CauseFacts, Failure, ObjectFacts, WakeReason } from '@provident/contracts';
import { FoldPosition, addLandmark, dropLandmark, foldPositionTable } from '@provident/service-kit';
import { Column, Entity, type MigrationInterface, PrimaryColumn, type QueryRunner } from 'typeorm';

/** A failed object that is kept. Folded from what this service said. */
@Entity({ name: 'escrow' })
export class EscrowRow {
  @PrimaryColumn({ type: 'text', name: 'job_id' })
  jobId!: string;

  @PrimaryColumn({ type: 'text', name: 'object_key' })
  objectKey!: string;

  @Column({ type: 'text' })
  lane!: string;

  @Column({ type: 'jsonb' })
  facts!: ObjectFacts;

  @Column({ type: 'text', name: 'source_id', nullable: true })
  sourceId!: string | null;

  @Column({ type: 'jsonb' })
  failure!: Failure;

  @Column({ type: 'jsonb', nullable: true })
  cause!: CauseFacts | null;

  @Column({ type: 'timestamptz', name: 'first_failed_at' })
  firstFailedAt!: Date;

  @Column({ type: 'int' })
  retries!: number;

  @Column({ type: 'int' })
  early!: number;

  @Column({ type: 'text', name: 'woken_by', nullable: true })
  wokenBy!: WakeReason | null;

  /** null while a retry is under way, and once it was given up. */
  @Column({ type: 'timestamptz', name: 'next_attempt_at', nullable: true })
  nextAttemptAt!: Date | null;

  @Column({ type: 'boolean', name: 'given_up' })
  isGivenUp!: boolean;
}

class EscrowTables1764000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(foldPositionTable);
    await runner.query(`CREATE TABLE escrow (
      job_id text, object_key text, lane text NOT NULL, facts jsonb NOT NULL, source_id text, failure jsonb NOT NULL, first_failed_at timestamptz NOT NULL,
      retries int NOT NULL, next_attempt_at timestamptz, PRIMARY KEY (job_id, object_key))`);
    // Which escrows does this lane keep?
    await runner.query('CREATE INDEX escrow_by_lane ON escrow (job_id, lane)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE escrow, fold_position');
  }
}

/** Escrows know their cause, are woken before their time, and stay when they are given up. */
class EscrowCauses1795300300001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE escrow ADD COLUMN cause jsonb, ADD COLUMN early int NOT NULL DEFAULT 0, ADD COLUMN woken_by text,
      ADD COLUMN given_up boolean NOT NULL DEFAULT false`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE escrow DROP COLUMN cause, DROP COLUMN early, DROP COLUMN woken_by, DROP COLUMN given_up');
  }
}

/** An older copy of the log that was written on is told from the log by an event in it. */
class LandmarksOfFolds1795900100001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(addLandmark);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(dropLandmark);
  }
}

export const escrowEntities = [FoldPosition, EscrowRow];
export const escrowMigrations = [EscrowTables1764000000001, EscrowCauses1795300300001, LandmarksOfFolds1795900100001];
