import type { JobDefinition } from '../job/job-definition.js';
import type { Failure } from '../object/failure.js';
import type { CycleId } from '../object/ids.js';
import type { CycleKind, DriftMode, QuarantineReason, Watermark } from './job-fact.js';
import type { RemovalCounts } from './removal-kind.js';
import type { RemovalScales } from './weigh-removals.js';

/** The cycle that is open. */
export interface RunningCycle {
  readonly cycleId: CycleId;
  readonly kind: CycleKind;
  /** Log sequence of the configuration that it applies. */
  readonly rules: number;
  readonly openedAtMs: number;
  /** Absent: it does not look at accounts that nothing has happened to. */
  readonly drift?: DriftMode;
  /** A person lifted the quarantine that its refused writes had led to: what they met is no reason for another one. */
  readonly connectionForgiven?: boolean;
  /** How far the source has been read. `imported` counts the objects that must have an outcome before the cycle may close. */
  readonly import:
    | { readonly state: 'reading' }
    | ({ readonly state: 'completed'; readonly imported: number } & RemovalScales)
    | { readonly state: 'failed'; readonly imported: number; readonly failure: Failure };
}

/** Removals of one cycle that wait: for a person, or for the next complete import after one that failed. */
export interface HeldRemovals {
  readonly cycleId: CycleId;
  readonly proposed: number;
  readonly linked: number;
  readonly threshold: string;
  readonly until: 'person' | 'import';
  /** How many of each kind; absent in what was held by versions that did not tell them apart: accounts. */
  readonly kinds?: RemovalCounts;
  /** Members that leave groups among them. */
  readonly members?: number;
  /** Log sequence behind which it is told which of them are off; absent in what earlier versions held. */
  readonly since?: number;
}

/** Why and since when the job runs less often. */
export interface Quarantine {
  readonly reason: QuarantineReason;
  readonly failure: Failure;
  readonly beganAtMs: number;
  /** When it was found unhealthy last. */
  readonly foundAtMs: number;
  /** How often the job was found unhealthy in this unbroken series. */
  readonly count: number;
  readonly nextAttemptAtMs: number;
}

/** All that its facts say about a job: what its next step is decided from. */
export interface JobLife {
  /** null before the first configuration, and again once the job is removed. */
  readonly definition: JobDefinition | null;
  readonly revision: number;
  /** Log sequence of the latest configuration: the rules that a cycle opened now applies. */
  readonly rules: number;
  /** Log sequence and instant of the latest configuration that changed what is provisioned: a cycle is due at once for it. */
  readonly rulesChanged: { readonly sequence: number; readonly atMs: number };
  /**
   * Log sequence of the latest configuration that changed where people come from or where accounts are: from then on everything has to be read again.
   * Absent in a state that an earlier build kept: whatever changed the rules counts then.
   */
  readonly systemsChanged?: number;
  /** No cycle opens by itself: the job is paused or stopped. */
  readonly isPaused: boolean;
  /** Nothing is done at all. Absent in what was kept by versions that could not stop. */
  readonly isStopped?: boolean;
  readonly isRemoved: boolean;
  /** When somebody asked to read everything again, until a cycle opens for it. Absent like `isStopped`. */
  readonly restarted?: { readonly atMs: number } | null;
  /** When somebody lifted its quarantine, until a cycle opens: that is due then. Absent like `isStopped`. */
  readonly liftedAtMs?: number | null;
  /** Whether a cycle has taken an object up: before that, nobody can have an account. Absent like `isStopped`. */
  readonly hasImported?: boolean;
  readonly running: RunningCycle | null;
  readonly lastOpenedAtMs: number | null;
  /** When a cycle opened that was the last to look at all accounts. Absent like `isStopped`, and before there was one. */
  readonly lookedAtAccountsMs?: number;
  /** Log sequence of the rules under which everything was last read to the end; null before. */
  readonly readUnder: number | null;
  /** Of the last completed import. */
  readonly watermark: Watermark | null;
  /** Failed cycles since the last that did not fail, or since the job recovered. */
  readonly failedInARow: number;
  /** Oldest first. */
  readonly held: readonly HeldRemovals[];
  readonly quarantine: Quarantine | null;
  /** It was in quarantine for too long: no cycle opens by itself any more. */
  readonly isDisabled: boolean;
}

/** A job that nothing is known of yet. */
export const unknownJob: JobLife = {
  definition: null,
  revision: 0,
  rules: 0,
  rulesChanged: { sequence: 0, atMs: 0 },
  isPaused: false,
  isRemoved: false,
  running: null,
  lastOpenedAtMs: null,
  readUnder: null,
  watermark: null,
  failedInARow: 0,
  held: [],
  quarantine: null,
  isDisabled: false,
};
