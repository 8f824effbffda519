import { FoldPosition, addLandmark, dropLandmark, foldPositionTable } from '@provident/service-kit';
import { Column, Entity, type MigrationInterface, PrimaryColumn, type QueryRunner } from 'typeorm';

/** A source object as it was last imported, and the account that it is linked to. Folded from the log. */
@Entity({ name: 'source_object' })
export class SourceObjectRow {
  @PrimaryColumn({ type: 'text', name: 'job_id' })
  jobId!: string;

  @PrimaryColumn({ type: 'text', name: 'object_key' })
  objectKey!: string;

  @Column({ type: 'text', name: 'source_id' })
  sourceId!: string;

  @Column({ type: 'text', name: 'display_name', nullable: true })
  displayName!: string | null;

  /** Of the attributes; null when the object has to count as changed whatever it looks like. */
  @Column({ type: 'text', nullable: true })
  hash!: string | null;

  @Column({ type: 'jsonb' })
  attributes!: Record<string, unknown>;

  @Column({ type: 'boolean' })
  deleted!: boolean;

  @Column({ type: 'text', name: 'target_id', nullable: true })
  targetId!: string | null;

  /** Cycle that took it up last; retries of earlier ones do not count. */
  @Column({ type: 'text', name: 'cycle_id' })
  cycleId!: string;

  /** Its account was disabled by this job. */
  @Column({ type: 'boolean' })
  disabled!: boolean;

  /** It had an account, which was removed by this job. */
  @Column({ type: 'boolean' })
  unlinked!: boolean;

  /** A retry found that its account has to go: that was counted by no cycle, so the next one takes it up. */
  @Column({ type: 'boolean' })
  late!: boolean;

  /** Its newest import took it for somebody without an account. With a link beside it, the two crossed on their way, and the next cycle takes it up. */
  @Column({ type: 'boolean', name: 'taken_for_unlinked' })
  takenForUnlinked!: boolean;

  /** Log sequence of the rules that it was last imported under. */
  @Column({ type: 'bigint' })
  rules!: string;

  /** Log sequence of the rules for which its record was last read: what they need of it is known. */
  @Column({ type: 'bigint', name: 'read_rules', nullable: true })
  readRules!: string | null;

  /** Whether the target could not be asked or written when it was last tried. */
  @Column({ type: 'boolean' })
  failed!: boolean;

  /** A person did not want its account removed: which removal, who, when, and under which rules. Gone with the next change of the record. */
  @Column({ type: 'jsonb', nullable: true })
  rejected!: Record<string, unknown> | null;

  /** Log sequence at which a person last took its link away or set it: what was decided without knowing that makes no link. */
  @Column({ type: 'bigint', name: 'relinked_at', nullable: true })
  relinkedAt!: string | null;

  /** By what it was looked for since it last had a link, in vain: a matching key in each line. Null when it has one. */
  @Column({ type: 'text', nullable: true })
  sought!: string | null;

  /** The account whose link a person took away, until it is known which one is the object's now. */
  @Column({ type: 'text', name: 'former_id', nullable: true })
  formerId!: string | null;
}

/** That an object refers to another, and to which account that led when it was last imported. Folded from the log. */
@Entity({ name: 'reference_given' })
export class ReferenceGivenRow {
  @PrimaryColumn({ type: 'text', name: 'job_id' })
  jobId!: string;

  /** The object that refers. */
  @PrimaryColumn({ type: 'text', name: 'object_key' })
  objectKey!: string;

  /** The target attribute. */
  @PrimaryColumn({ type: 'text' })
  attribute!: string;

  @Column({ type: 'text', name: 'wanted_key' })
  wantedKey!: string;

  /** The account it led to; null when there was none to be had. */
  @Column({ type: 'text', name: 'target_id', nullable: true })
  targetId!: string | null;

  /** Log sequence of the event since which it would lead elsewhere, and the cycle that belongs to; null while it would not. */
  @Column({ type: 'bigint', name: 'stale_at', nullable: true })
  staleAt!: string | null;

  @Column({ type: 'text', name: 'cycle_id' })
  cycleId!: string;

  /** Keys of the circle that it was found to close, as JSON, this object's first; null when it closed none. */
  @Column({ type: 'text', nullable: true })
  circle!: string | null;
}

/** That an object belongs to a group: as the source says, and as it was written. Folded from the log. */
@Entity({ name: 'membership' })
export class MembershipRow {
  @PrimaryColumn({ type: 'text', name: 'job_id' })
  jobId!: string;

  @PrimaryColumn({ type: 'text', name: 'group_key' })
  groupKey!: string;

  @PrimaryColumn({ type: 'text', name: 'member_key' })
  memberKey!: string;

  /** Whether the source says so, and nothing speaks against it. */
  @Column({ type: 'boolean' })
  wanted!: boolean;

  /** Why it is left out although the source says so: a code. */
  @Column({ type: 'text', nullable: true })
  refused!: string | null;

  /** Under which id the member was written into the group; null when it is not there through this job. */
  @Column({ type: 'text', name: 'target_id', nullable: true })
  targetId!: string | null;

  /** The change that is on its way with it, or that failed with it. */
  @Column({ type: 'text', name: 'change_id', nullable: true })
  changeId!: string | null;

  /** That change failed or was sent back: the membership waits until the group is taken up again. */
  @Column({ type: 'boolean' })
  failed!: boolean;

  /** A change that failed may have been carried out all the same: it is there or not, under the id that it is known by. */
  @Column({ type: 'boolean' })
  unsure!: boolean;

  /** It has to be written, and can be. */
  @Column({ type: 'boolean' })
  due!: boolean;

  /** The source says that it has ended: a cycle proposes it, and weighs it with the others. */
  @Column({ type: 'boolean' })
  gated!: boolean;

  /** That it has ended was weighed, or a person released it: it is written without any further question. */
  @Column({ type: 'boolean' })
  released!: boolean;

  /** A person did not want it to end: log sequence of the rules under which it was proposed. */
  @Column({ type: 'bigint', name: 'rejected_rules', nullable: true })
  rejectedRules!: string | null;

  /** Cycle in which that was found out. */
  @Column({ type: 'text', name: 'cycle_id' })
  cycleId!: string;
}

/** An object that has to be imported again: a retry that is due, or a decision that was sent back. Folded from the log. */
@Entity({ name: 'again' })
export class AgainRow {
  /** Log sequence of the event that asks for it. */
  @PrimaryColumn({ type: 'bigint' })
  sequence!: string;

  @Column({ type: 'text', name: 'job_id' })
  jobId!: string;

  @Column({ type: 'jsonb' })
  request!: Record<string, unknown>;
}

/** The cycle that is open, and how far its import is. Folded from the log. */
@Entity({ name: 'open_cycle' })
export class OpenCycleRow {
  @PrimaryColumn({ type: 'text', name: 'job_id' })
  jobId!: string;

  @Column({ type: 'jsonb' })
  opened!: Record<string, unknown>;

  @Column({ type: 'bigint' })
  sequence!: string;

  @Column({ type: 'jsonb', nullable: true })
  progress!: Record<string, unknown> | null;
}

class ImporterTables1764000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(foldPositionTable);
    await runner.query(`CREATE TABLE source_object (
      job_id text, object_key text, source_id text NOT NULL, display_name text, hash text, attributes jsonb NOT NULL,
      deleted boolean NOT NULL, target_id text, cycle_id text NOT NULL, PRIMARY KEY (job_id, object_key))`);
    // Is this account somebody else's already?  How many accounts are in step?
    await runner.query('CREATE INDEX source_object_by_target ON source_object (job_id, target_id) WHERE target_id IS NOT NULL');
    await runner.query('CREATE TABLE again (sequence bigint PRIMARY KEY, job_id text NOT NULL, request jsonb NOT NULL)');
    await runner.query('CREATE INDEX again_by_job ON again (job_id, sequence)');
    await runner.query(
      'CREATE TABLE open_cycle (job_id text PRIMARY KEY, opened jsonb NOT NULL, sequence bigint NOT NULL, progress jsonb)',
    );
    // Scratch of a running cycle: what the source showed, and what the target held when it was read once. Not folded, gone when the cycle ends.
    await runner.query('CREATE TABLE seen (job_id text, cycle_id text, object_key text, PRIMARY KEY (job_id, cycle_id, object_key))');
    await runner.query(
      'CREATE TABLE listed_account (job_id text, cycle_id text, target_id text, state text NOT NULL, attributes jsonb NOT NULL, PRIMARY KEY (job_id, cycle_id, target_id))',
    );
    await runner.query(
      'CREATE TABLE listed_value (job_id text, cycle_id text, attribute text, folded text, target_id text, PRIMARY KEY (job_id, cycle_id, attribute, folded, target_id))',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE listed_value, listed_account, seen, open_cycle, again, source_object, fold_position');
  }
}

class LateRemovals1764000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE source_object ADD COLUMN late boolean NOT NULL DEFAULT false');
    // Whom does the next cycle have to take up, whatever the source shows?
    await runner.query('CREATE INDEX source_object_late ON source_object (job_id, object_key) WHERE late');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE source_object DROP COLUMN late');
  }
}

class GroupsAndReferences1795300000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Whose account is disabled, whose was removed?  All of it stands in the log: it is folded anew from there.
    await runner.query('TRUNCATE source_object, again, open_cycle, fold_position');
    await runner.query('ALTER TABLE source_object ADD COLUMN disabled boolean NOT NULL DEFAULT false');
    await runner.query('ALTER TABLE source_object ADD COLUMN unlinked boolean NOT NULL DEFAULT false');
    await runner.query(
      'CREATE TABLE reference_wait (job_id text, object_key text, wanted_key text, ready_at bigint, cycle_id text NOT NULL, PRIMARY KEY (job_id, object_key, wanted_key))',
    );
    // Who waits for this account?  Whose wait is over?
    await runner.query('CREATE INDEX reference_wait_by_wanted ON reference_wait (job_id, wanted_key)');
    await runner.query('CREATE INDEX reference_wait_ready ON reference_wait (job_id, ready_at) WHERE ready_at IS NOT NULL');
    await runner.query(`CREATE TABLE membership (
      job_id text, group_key text, member_key text, wanted boolean NOT NULL, refused text, target_id text, change_id text,
      failed boolean NOT NULL DEFAULT false, due boolean NOT NULL DEFAULT false, cycle_id text NOT NULL,
      PRIMARY KEY (job_id, group_key, member_key))`);
    // Whose memberships does a new account concern?  What has to be written?
    await runner.query('CREATE INDEX membership_by_member ON membership (job_id, member_key)');
    await runner.query('CREATE INDEX membership_due ON membership (job_id, group_key, member_key) WHERE due');
    // Scratch of a running cycle: the memberships that the source showed, and what of them is new.
    await runner.query(
      'CREATE TABLE seen_membership (job_id text, cycle_id text, group_key text, member_key text, refused text, PRIMARY KEY (job_id, cycle_id, group_key, member_key))',
    );
    await runner.query(
      'CREATE TABLE membership_change (job_id text, cycle_id text, group_key text, member_key text, kind text NOT NULL, refused text, PRIMARY KEY (job_id, cycle_id, group_key, member_key))',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE membership_change, seen_membership, membership, reference_wait');
    await runner.query('ALTER TABLE source_object DROP COLUMN unlinked, DROP COLUMN disabled');
  }
}

class Restarts1795300100001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE open_cycle ADD COLUMN restarted boolean NOT NULL DEFAULT false');
    // Where the target became another system: links that older rules still make are to accounts in the old one.
    await runner.query('CREATE TABLE link_epoch (job_id text PRIMARY KEY, after bigint NOT NULL)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE link_epoch');
    await runner.query('ALTER TABLE open_cycle DROP COLUMN restarted');
  }
}

class CrossedCreations1795300600001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE source_object ADD COLUMN taken_for_unlinked boolean NOT NULL DEFAULT false');
    await runner.query(
      'CREATE INDEX source_object_crossed ON source_object (job_id, object_key) WHERE taken_for_unlinked AND target_id IS NOT NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE source_object DROP COLUMN taken_for_unlinked');
  }
}

class SimulationScratch1795300200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Scratch of a simulation: accounts that people of it were found to have by matching, so that nobody else is given them. Gone when it ends.
    await runner.query(
      'CREATE TABLE claimed_account (job_id text, cycle_id text, target_id text, object_key text NOT NULL, PRIMARY KEY (job_id, cycle_id, target_id))',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE claimed_account');
  }
}

class RulesOfObjects1795300200001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Under which rules was an object last imported, and under which was its record read?  All of it stands in the log: it is folded anew from there.
    await runner.query('TRUNCATE source_object, again, open_cycle, fold_position');
    await runner.query(
      'ALTER TABLE source_object ADD COLUMN rules bigint NOT NULL, ADD COLUMN read_rules bigint, ADD COLUMN failed boolean NOT NULL',
    );
    await runner.query('CREATE TABLE judged_rules (job_id text PRIMARY KEY, rules bigint NOT NULL)');
    // Which rules were records read under that are newer than those of the last complete import?
    await runner.query('CREATE INDEX source_object_by_read_rules ON source_object (job_id, read_rules)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE judged_rules');
    await runner.query('ALTER TABLE source_object DROP COLUMN rules, DROP COLUMN read_rules, DROP COLUMN failed');
  }
}

class WeighedRemovals1795400000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE source_object ADD COLUMN rejected jsonb');
    // Whose removal did a person reject?
    await runner.query('CREATE INDEX source_object_rejected ON source_object (job_id, object_key) WHERE rejected IS NOT NULL');
    await runner.query(
      'ALTER TABLE membership ADD COLUMN gated boolean NOT NULL DEFAULT false, ADD COLUMN released boolean NOT NULL DEFAULT false, ADD COLUMN rejected_rules bigint',
    );
    // Which memberships have ended in the source, and are to be proposed by a cycle?
    await runner.query('CREATE INDEX membership_gated ON membership (job_id, group_key, member_key) WHERE gated');
    // What was due because the source says that it has ended is weighed from now on.
    await runner.query('UPDATE membership SET due = false, gated = true WHERE due AND NOT wanted');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE membership DROP COLUMN gated, DROP COLUMN released, DROP COLUMN rejected_rules');
    await runner.query('ALTER TABLE source_object DROP COLUMN rejected');
  }
}

class ReferencesGiven1795400000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Also of references that wait for nothing it has to be known to whom they led. All of it stands in the log: it is folded anew from there.
    await runner.query('TRUNCATE source_object, again, open_cycle, fold_position, judged_rules, link_epoch, membership');
    await runner.query('DROP TABLE reference_wait');
    await runner.query(
      'CREATE TABLE reference_given (job_id text, object_key text, wanted_key text, target_id text, stale_at bigint, cycle_id text NOT NULL, PRIMARY KEY (job_id, object_key, wanted_key))',
    );
    // Who refers to this account?  Which references lead elsewhere by now?
    await runner.query('CREATE INDEX reference_given_by_wanted ON reference_given (job_id, wanted_key)');
    await runner.query('CREATE INDEX reference_given_stale ON reference_given (job_id, stale_at) WHERE stale_at IS NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE reference_given');
    await runner.query(
      'CREATE TABLE reference_wait (job_id text, object_key text, wanted_key text, ready_at bigint, cycle_id text NOT NULL, PRIMARY KEY (job_id, object_key, wanted_key))',
    );
  }
}

class SimulatedFollowUps1795400000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Scratch of a simulation: accounts as it foretells them, references, and who would join or leave which group. Gone when it ends.
    await runner.query(`CREATE TABLE simulated_account (
      job_id text, cycle_id text, object_key text, display_name text, target_id text, present boolean NOT NULL, in_use boolean NOT NULL,
      removal boolean NOT NULL, PRIMARY KEY (job_id, cycle_id, object_key))`);
    await runner.query(`CREATE TABLE simulated_reference (
      job_id text, cycle_id text, object_key text, attribute text, wanted_key text NOT NULL, target_id text, held jsonb,
      PRIMARY KEY (job_id, cycle_id, object_key, attribute))`);
    await runner.query(`CREATE TABLE simulated_membership (
      job_id text, cycle_id text, group_key text, member_key text, adds boolean NOT NULL, display_name text, target_id text,
      group_name text, group_id text, PRIMARY KEY (job_id, cycle_id, group_key, member_key))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE simulated_membership, simulated_reference, simulated_account');
  }
}

class LinksByHand1795500000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE source_object ADD COLUMN relinked_at bigint, ADD COLUMN former_id text');
    // Did a person give this account to somebody?
    await runner.query('CREATE INDEX source_object_relinked ON source_object (job_id, target_id) WHERE relinked_at IS NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE source_object DROP COLUMN relinked_at, DROP COLUMN former_id');
  }
}

class MembersOfChangedGroups1795500300001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Scratch of a running cycle: groups whose lists were read to their end, and those of which that failed.
    await runner.query(
      'CREATE TABLE read_group (job_id text, cycle_id text, group_key text, whole boolean NOT NULL, PRIMARY KEY (job_id, cycle_id, group_key))',
    );
    // Which groups are in groups whose lists were not read?
    await runner.query("CREATE INDEX membership_nested ON membership (job_id, group_key, member_key) WHERE member_key LIKE 'group:%'");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX membership_nested');
    await runner.query('DROP TABLE read_group');
  }
}

class UnansweredWrites1795700100001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE source_object ADD COLUMN sought text');
    await runner.query('ALTER TABLE membership ADD COLUMN unsure boolean NOT NULL DEFAULT false');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE membership DROP COLUMN unsure');
    await runner.query('ALTER TABLE source_object DROP COLUMN sought');
  }
}

class ReferenceCircles1795800000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Who refers to whom, and with which attribute? All of it stands in the log: it is folded anew from there.
    await runner.query('TRUNCATE source_object, again, open_cycle, fold_position, judged_rules, link_epoch, membership');
    await runner.query('DROP TABLE reference_given');
    await runner.query(
      'CREATE TABLE reference_given (job_id text, object_key text, attribute text, wanted_key text NOT NULL, target_id text, stale_at bigint, cycle_id text NOT NULL, circle text, PRIMARY KEY (job_id, object_key, attribute))',
    );
    // Who refers to this account?  Which references lead elsewhere by now?  Whose circle may have ended?
    await runner.query('CREATE INDEX reference_given_by_wanted ON reference_given (job_id, wanted_key)');
    await runner.query('CREATE INDEX reference_given_stale ON reference_given (job_id, stale_at) WHERE stale_at IS NOT NULL');
    await runner.query('CREATE INDEX reference_given_circle ON reference_given (job_id, wanted_key) WHERE circle IS NOT NULL');
    // Scratch of a simulation: the circle that a reference would close in the end, and whether its object was told of one when it was judged.
    await runner.query('ALTER TABLE simulated_reference ADD COLUMN circle text, ADD COLUMN told boolean NOT NULL DEFAULT false');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE simulated_reference DROP COLUMN told, DROP COLUMN circle');
    await runner.query('TRUNCATE source_object, again, open_cycle, fold_position, judged_rules, link_epoch, membership');
    await runner.query('DROP TABLE reference_given');
    await runner.query(
      'CREATE TABLE reference_given (job_id text, object_key text, wanted_key text, target_id text, stale_at bigint, cycle_id text NOT NULL, PRIMARY KEY (job_id, object_key, wanted_key))',
    );
    await runner.query('CREATE INDEX reference_given_by_wanted ON reference_given (job_id, wanted_key)');
    await runner.query('CREATE INDEX reference_given_stale ON reference_given (job_id, stale_at) WHERE stale_at IS NOT NULL');
  }
}

class SimulatedHolds1795800000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Scratch of a simulation: what a removal takes away, who is gone from the source, and whose end a person would have to decide about.
    await runner.query('ALTER TABLE simulated_account ADD COLUMN kind text, ADD COLUMN gone boolean NOT NULL DEFAULT false');
    await runner.query('ALTER TABLE simulated_membership ADD COLUMN held boolean NOT NULL DEFAULT false');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE simulated_membership DROP COLUMN held');
    await runner.query('ALTER TABLE simulated_account DROP COLUMN gone, DROP COLUMN kind');
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

export const importerEntities = [FoldPosition, SourceObjectRow, ReferenceGivenRow, MembershipRow, AgainRow, OpenCycleRow];
export const importerMigrations = [
  ImporterTables1764000000001,
  LateRemovals1764000000002,
  GroupsAndReferences1795300000001,
  Restarts1795300100001,
  SimulationScratch1795300200000,
  RulesOfObjects1795300200001,
  CrossedCreations1795300600001,
  WeighedRemovals1795400000002,
  ReferencesGiven1795400000003,
  SimulatedFollowUps1795400000004,
  LinksByHand1795500000001,
  MembersOfChangedGroups1795500300001,
  UnansweredWrites1795700100001,
  ReferenceCircles1795800000001,
  SimulatedHolds1795800000002,
  LandmarksOfFolds1795900100001,
];
