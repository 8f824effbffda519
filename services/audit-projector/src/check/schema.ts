import { Column, Entity, type MigrationInterface, PrimaryColumn, type QueryRunner } from 'typeorm';

/** A check of the read models, or their rebuild, as its instance reports it. Not folded: it is no part of what happened to anybody. */
@Entity({ name: 'read_model_check' })
export class ReadModelCheckRow {
  @PrimaryColumn({ type: 'uuid', name: 'check_id' })
  checkId!: string;

  /** A ReadModelCheckView. */
  @Column({ type: 'jsonb' })
  view!: Record<string, unknown>;

  /** When its instance was heard of last. */
  @Column({ type: 'timestamp with time zone', name: 'seen_at' })
  seenAt!: Date;
}

class ReadModelChecks1795300700002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE read_model_check (check_id uuid PRIMARY KEY, view jsonb NOT NULL, seen_at timestamptz NOT NULL)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE read_model_check');
  }
}

export const checkEntities = [ReadModelCheckRow];
export const checkMigrations = [ReadModelChecks1795300700002];
