import { Column, Entity, type MigrationInterface, PrimaryColumn, type QueryRunner } from 'typeorm';

/** How far a stream is, and how it fares. Not in the log: what a destination has taken is no fact of provisioning. */
@Entity({ name: 'stream_cursor' })
export class StreamCursorRow {
  @PrimaryColumn({ type: 'text', name: 'stream_id' })
  streamId!: string;

  /** Log sequences of the events that added the stream, that last said where it begins, and that last changed it, as far as they were heeded. */
  @Column({ type: 'bigint' })
  added!: string;

  @Column({ type: 'bigint', name: 'begun_by' })
  begunBy!: string;

  @Column({ type: 'bigint' })
  revision!: string;

  /** Which log the sequence is a place in. */
  @Column({ type: 'text', name: 'log_identity' })
  logIdentity!: string;

  @Column({ type: 'bigint' })
  sequence!: string;

  /** The last event up to which everything was sent, as `landmarkOf` names it; null when nobody noted one. */
  @Column({ type: 'text', nullable: true })
  landmark!: string | null;

  @Column({ type: 'bigint' })
  delivered!: string;

  @Column({ type: 'bigint' })
  refused!: string;

  @Column({ type: 'timestamptz', name: 'delivered_at', nullable: true })
  deliveredAt!: Date | null;

  /** In a row. */
  @Column({ type: 'int' })
  failures!: number;

  @Column({ type: 'text', name: 'last_error', nullable: true })
  lastError!: string | null;

  @Column({ type: 'timestamptz', name: 'last_error_at', nullable: true })
  lastErrorAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'next_attempt_at', nullable: true })
  nextAttemptAt!: Date | null;
}

class StreamCursors1795700000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE stream_cursor (
      stream_id text PRIMARY KEY, added bigint NOT NULL, begun_by bigint NOT NULL, revision bigint NOT NULL,
      log_identity text NOT NULL, sequence bigint NOT NULL, delivered bigint NOT NULL DEFAULT 0, refused bigint NOT NULL DEFAULT 0,
      delivered_at timestamptz, failures int NOT NULL DEFAULT 0, last_error text, last_error_at timestamptz, next_attempt_at timestamptz)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE stream_cursor');
  }
}

/** An older copy of the log that was written on is told from the log by an event in it. */
class LandmarksOfCursors1795900100003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE stream_cursor ADD COLUMN landmark text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE stream_cursor DROP COLUMN landmark');
  }
}

export const streamerSchema = 'audit_streamer';
export const streamerEntities = [StreamCursorRow];
export const streamerMigrations = [StreamCursors1795700000000, LandmarksOfCursors1795900100003];
