import type { RemovalKind } from '@provident/domain';
import { FoldPosition, addLandmark, dropLandmark, foldPositionTable } from '@provident/service-kit';
import { Column, Entity, type MigrationInterface, PrimaryColumn, type QueryRunner } from 'typeorm';

/** Where in the log an object was last written to the target. */
@Entity({ name: 'last_export' })
export class LastExport {
  @PrimaryColumn({ type: 'text', name: 'job_id' })
  jobId!: string;

  @PrimaryColumn({ type: 'text', name: 'object_key' })
  objectKey!: string;

  @Column({ type: 'bigint' })
  sequence!: string;
}

/** A removal that waits for its cycle's removals to be counted, or that was released and not done yet. */
@Entity({ name: 'held_removal' })
export class HeldRemoval {
  @PrimaryColumn({ type: 'text', name: 'job_id' })
  jobId!: string;

  @PrimaryColumn({ type: 'text', name: 'object_key' })
  objectKey!: string;

  @Column({ type: 'text' })
  lane!: string;

  @Column({ type: 'text', name: 'cycle_id' })
  cycleId!: string;

  /** null for those that an older version held. */
  @Column({ type: 'text', name: 'change_id', nullable: true })
  changeId!: string | null;

  /** null for those that an older version held. */
  @Column({ type: 'text', nullable: true })
  kind!: RemovalKind | null;

  /** Log sequence of the rule-evaluated that proposed it. */
  @Column({ type: 'bigint' })
  sequence!: string;

  /** Log sequence of the import that it was decided upon; null for those that an older version held. */
  @Column({ type: 'bigint', nullable: true })
  imported!: string | null;

  /** It was released and sent back to be decided anew: no other verdict is about that decision. */
  @Column({ type: 'boolean', name: 'sent_back' })
  sentBack!: boolean;

  /** A cycle counts it; those of retries and of work on demand are counted by none. */
  @Column({ type: 'boolean' })
  counted!: boolean;
}

/** Members that wait for their leaving a group to be counted, or for a person; some of a group's in each row. */
@Entity({ name: 'held_members' })
export class HeldMembersRow {
  @PrimaryColumn({ type: 'text', name: 'job_id' })
  jobId!: string;

  @PrimaryColumn({ type: 'text', name: 'change_id' })
  changeId!: string;

  /** The group. */
  @Column({ type: 'text', name: 'object_key' })
  objectKey!: string;

  @Column({ type: 'text' })
  lane!: string;

  @Column({ type: 'text', name: 'cycle_id' })
  cycleId!: string;

  @Column({ type: 'text' })
  kind!: RemovalKind;

  /** Log sequence of the rule-evaluated that proposed it. */
  @Column({ type: 'bigint' })
  sequence!: string;
}

class ExporterTables1764000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(foldPositionTable);
    await runner.query(
      'CREATE TABLE last_export (job_id text, object_key text, sequence bigint NOT NULL, PRIMARY KEY (job_id, object_key))',
    );
    await runner.query(
      'CREATE TABLE held_removal (job_id text, object_key text, lane text NOT NULL, cycle_id text NOT NULL, sequence bigint NOT NULL, PRIMARY KEY (job_id, object_key))',
    );
    // Which removals of this lane does a release bring back?
    await runner.query('CREATE INDEX held_removal_by_cycle ON held_removal (job_id, lane, cycle_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE held_removal, last_export, fold_position');
  }
}

/** What takes a held removal back names the change that it belongs to. */
class HeldChanges1795300300003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE held_removal ADD COLUMN change_id text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE held_removal DROP COLUMN change_id');
  }
}

/** What is held is told apart by kind, and members of groups are held too. */
class HeldKinds1795400000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE held_removal ADD COLUMN kind text');
    await runner.query(
      `CREATE TABLE held_members (job_id text, change_id text, object_key text NOT NULL, lane text NOT NULL, cycle_id text NOT NULL, kind text NOT NULL,
        sequence bigint NOT NULL, PRIMARY KEY (job_id, change_id))`,
    );
    // Which of them does a lane hold?
    await runner.query('CREATE INDEX held_members_by_lane ON held_members (job_id, lane)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE held_members');
    await runner.query('ALTER TABLE held_removal DROP COLUMN kind');
  }
}

/** A release that is read again after a crash leaves alone what was sent back because of it. */
class SentBackRemovals1795900000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE held_removal ADD COLUMN sent_back boolean NOT NULL DEFAULT false');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE held_removal DROP COLUMN sent_back');
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

/** What no cycle has counted is not counted when it is off either. */
class CountedRemovals1795900200001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE held_removal ADD COLUMN counted boolean NOT NULL DEFAULT true');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE held_removal DROP COLUMN counted');
  }
}

/** What was imported before a removal that waits, and is decided after it, is older: it does not take it off. */
class ImportsOfRemovals1795900300001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE held_removal ADD COLUMN imported bigint');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE held_removal DROP COLUMN imported');
  }
}

export const exporterEntities = [FoldPosition, LastExport, HeldRemoval, HeldMembersRow];
export const exporterMigrations = [
  ExporterTables1764000000001,
  HeldChanges1795300300003,
  HeldKinds1795400000001,
  SentBackRemovals1795900000001,
  LandmarksOfFolds1795900100001,
  CountedRemovals1795900200001,
  ImportsOfRemovals1795900300001,
];
