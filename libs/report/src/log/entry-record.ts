import type { LogStep } from '@provident/contracts';
import type { EntryAction, EntryStatus, EscrowState } from '@provident/read-model';

/** A row of `provisioning_entry` with the names of its job's systems, by its column names. */
export interface EntryRecord {
  readonly change_id: string;
  readonly job_id: string;
  readonly cycle_id: string;
  readonly object_key: string;
  readonly object_type: string;
  readonly source_id: string | null;
  readonly target_id: string | null;
  readonly display_name: string | null;
  readonly matching_value: string | null;
  readonly action: EntryAction;
  readonly status: EntryStatus;
  readonly reason: string | null;
  readonly text: string;
  readonly attempts: number;
  readonly escrow: EscrowState | null;
  readonly next_attempt_at: string | null;
  readonly at: string;
  readonly first_sequence: number;
  readonly last_sequence: number;
  readonly modified: { attribute: string; old: unknown; new: unknown }[];
}

/** An event of a change, by the column names of `audit_event`. */
export interface StepRecord {
  readonly sequence: number;
  readonly type: string;
  readonly at: string;
  readonly job_id: string;
  readonly cycle_id: string;
  readonly change_id: string;
  readonly object_key: string;
  readonly activity: LogStep['activity'];
  readonly status: 'success' | 'failure' | 'skipped' | 'warning';
  readonly source_id: string | null;
  readonly target_id: string | null;
  readonly data: Record<string, unknown>;
}
