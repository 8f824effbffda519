import type { JobLife } from '@provident/domain';
import { FoldPosition, addLandmark, dropLandmark, foldPositionTable } from '@provident/service-kit';
import { Column, Entity, type MigrationInterface, PrimaryColumn, type QueryRunner } from 'typeorm';

import type { CycleCount } from '../cycle-count.js';
import { NoticeRow, NoticeTable1795300300004 } from '../notices/notice-schema.js';

/** A job's life as folded from the log. */
@Entity({ name: 'job_life' })
export class JobLifeRow {
  @PrimaryColumn({ type: 'text', name: 'job_id' })
  jobId!: string;

  @Column({ type: 'jsonb' })
  life!: JobLife;

  /** The cycle whose removals were decided upon last. */
  @Column({ type: 'text', name: 'decided_cycle_id', nullable: true })
  decidedCycleId!: string | null;

  /** Records that the latest cycle's import has read. */
  @Column({ type: 'int' })
  read!: number;

  /** Log sequence of the latest cycle-opened. */
  @Column({ type: 'bigint', name: 'opened_sequence' })
  openedSequence!: string;
}

/** Outcomes of the open cycle, counted up to a position of the log. */
@Entity({ name: 'cycle_count' })
export class CycleCountRow {
  @PrimaryColumn({ type: 'text', name: 'job_id' })
  jobId!: string;

  @Column({ type: 'text', name: 'cycle_id' })
  cycleId!: string;

  @Column({ type: 'jsonb' })
  count!: CycleCount;

  @Column({ type: 'bigint' })
  sequence!: string;
}

class SchedulerTables1764000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(foldPositionTable);
    await runner.query(
      'CREATE TABLE job_life (job_id text PRIMARY KEY, life jsonb NOT NULL, decided_cycle_id text, read int NOT NULL, opened_sequence bigint NOT NULL)',
    );
    await runner.query(
      'CREATE TABLE cycle_count (job_id text PRIMARY KEY, cycle_id text NOT NULL, count jsonb NOT NULL, sequence bigint NOT NULL)',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE cycle_count, job_life, fold_position');
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

export const schedulerEntities = [FoldPosition, JobLifeRow, CycleCountRow, NoticeRow];
export const schedulerMigrations = [SchedulerTables1764000000001, NoticeTable1795300300004, LandmarksOfFolds1795900100001];
