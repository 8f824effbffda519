import type { NoticeChannel } from '@provident/contracts';
import type { Notice } from '@provident/domain';
import { Column, Entity, type MigrationInterface, PrimaryColumn, type QueryRunner } from 'typeorm';

/** A notice on one way to its readers. Folded from the log: what is due, what has arrived, what was given up. */
@Entity({ name: 'notice' })
export class NoticeRow {
  @PrimaryColumn({ type: 'text', name: 'job_id' })
  jobId!: string;

  /** Id of the event that it tells of. */
  @PrimaryColumn({ type: 'text', name: 'notice_id' })
  noticeId!: string;

  @PrimaryColumn({ type: 'text' })
  channel!: NoticeChannel;

  @Column({ type: 'jsonb' })
  notice!: Notice;

  /** When what it tells of happened. */
  @Column({ type: 'timestamptz' })
  at!: Date;

  @Column({ type: 'int' })
  attempts!: number;

  /** null once it has arrived or was given up. */
  @Column({ type: 'timestamptz', name: 'next_attempt_at', nullable: true })
  nextAttemptAt!: Date | null;
}

export class NoticeTable1795300300004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE notice (
      job_id text, notice_id text, channel text, notice jsonb NOT NULL, at timestamptz NOT NULL, attempts int NOT NULL,
      next_attempt_at timestamptz, PRIMARY KEY (job_id, notice_id, channel))`);
    // What of this job is still to be delivered? Few among many.
    await runner.query('CREATE INDEX notice_open ON notice (job_id) WHERE next_attempt_at IS NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE notice');
  }
}
