import type { JobDefinition } from '../job/job-definition.js';
import type { Failure } from '../object/failure.js';
import type { CycleId } from '../object/ids.js';
import type { RemovalCounts, RemovalKind } from './removal-kind.js';
import type { RestartScope } from './restart.js';
import type { RemovalGuard, Shrunk } from './weigh-removals.js';

/** From where the next incremental read of the source starts. Only the source's connector understands it. */
export type Watermark = Readonly<Record<string, unknown>>;
export type CycleKind = 'initial' | 'incremental';
/** Whether what was changed by hand in the target is told and left, or changed back. */
export type DriftMode = 'report' | 'repair';
export type CycleResult = 'succeeded' | 'entry-level-errors' | 'failed';
export type QuarantineReason = 'connection' | 'failure-proportion' | 'failure-count' | 'failure-total' | 'too-many-removals';

/**
 * Whether a job works. `active`: by itself. `paused`: no cycle opens by itself, the open one reads no further, what was imported is finished, and
 * no failed object is tried again. `stopped`: nothing is imported or written at all; the open cycle stays as it is. `removed`: it is gone.
 */
export type Standing = 'active' | 'paused' | 'stopped' | 'removed';

interface Fact<Type extends string, Data> {
  readonly type: Type;
  /** Position in the log. */
  readonly sequence: number;
  /** UTC instant, ISO 8601. */
  readonly at: string;
  readonly data: Data;
}

/** Removals of a cycle that wait no longer: all of them, those of some kinds, or those of some objects. */
export interface RemovalsDecided {
  readonly cycleId: CycleId;
  /** How many. */
  readonly proposed?: number;
  readonly kinds?: readonly RemovalKind[] | undefined;
  readonly objectKeys?: readonly string[] | undefined;
}

/** What happens to a job as a whole. The log's events have these shapes and more. */
export type JobFact =
  | Fact<'job-configured', { readonly revision: number; readonly definition: JobDefinition }>
  | Fact<'job-state-changed', { readonly state: Standing }>
  | Fact<'job-restarted', { readonly scopes: readonly RestartScope[] }>
  | Fact<
      'cycle-opened',
      { readonly cycleId: CycleId; readonly kind: CycleKind; readonly rules: number; readonly drift?: DriftMode | undefined }
    >
  | Fact<
      'import-completed',
      {
        readonly cycleId: CycleId;
        readonly watermark: Watermark;
        readonly imported: number;
        readonly linked: number;
        readonly weighed?: { readonly members: number; readonly shrunk: readonly Shrunk[] } | undefined;
      }
    >
  | Fact<'import-failed', { readonly cycleId: CycleId; readonly imported: number; readonly failure: Failure }>
  | Fact<
      'removals-held',
      {
        readonly cycleId: CycleId;
        readonly proposed: number;
        readonly linked: number;
        readonly threshold: string;
        readonly until: 'person' | 'import';
        readonly kinds?: RemovalCounts | undefined;
        readonly members?: number | undefined;
        readonly guards?: readonly RemovalGuard[] | undefined;
      }
    >
  | Fact<'removals-released', RemovalsDecided>
  | Fact<'removals-rejected', RemovalsDecided>
  | Fact<'cycle-closed', { readonly cycleId: CycleId; readonly result: CycleResult }>
  | Fact<
      'job-quarantined',
      {
        readonly reason: QuarantineReason;
        readonly failure: Failure;
        readonly beganAt: string;
        readonly count: number;
        readonly nextAttemptAt: string;
      }
    >
  | Fact<'job-disabled', unknown>
  | Fact<'job-recovered', { readonly by: { readonly kind: string } }>;

const types: Record<JobFact['type'], true> = {
  'job-configured': true,
  'job-state-changed': true,
  'job-restarted': true,
  'cycle-opened': true,
  'import-completed': true,
  'import-failed': true,
  'removals-held': true,
  'removals-released': true,
  'removals-rejected': true,
  'cycle-closed': true,
  'job-quarantined': true,
  'job-disabled': true,
  'job-recovered': true,
};

/** Whether an event of the log is a fact about the job. Its data was checked against the event's schema when it was read. */
export function isJobFact(event: Fact<string, unknown>): event is JobFact {
  return Object.hasOwn(types, event.type);
}
