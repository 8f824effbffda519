import type { LogEntryView } from '@provident/contracts/http';

import { type ChangedMembers, isMembers } from '../../shared/entry/members.js';

/** How an account of a person stands in one job, as the log tells it. */
export type AccountState = 'active' | 'disabled' | 'deleted' | 'none' | 'failed' | 'held';

export interface Account {
  readonly jobId: string;
  readonly objectType: string;
  readonly sourceId: string | null;
  readonly targetId: string | null;
  readonly displayName: string | null;
  readonly state: AccountState;
  /** The latest change that says something of the state. */
  readonly latest: LogEntryView;
  /** Values that Provident wrote last, by attribute. */
  readonly values: ReadonlyMap<string, unknown>;
}

/** A change to a target that was carried out. */
const isWritten = ({ status, action }: LogEntryView): boolean => status === 'success' && action !== 'other';

/**
 * The accounts of the person whom these changes are about, one for each object in each job.
 * @param entries newest first, as the log gives them; what is older than the last of them is not known
 */
export function accountsOf(entries: readonly LogEntryView[]): Account[] {
  const byObject = Map.groupBy(
    entries,
    ({ jobId, objectType, sourceId, targetId }) => `${jobId} ${objectType} ${sourceId ?? targetId ?? ''}`,
  );
  return [...byObject.values()].map(accountOf);
}

function accountOf(changes: readonly LogEntryView[]): Account {
  const latest = changes[0]!;
  const written = changes.filter(isWritten);
  const gone = written[0]?.action === 'delete';
  const known = changes.find(({ targetId }) => targetId !== null);
  return {
    jobId: latest.jobId,
    objectType: latest.objectType,
    sourceId: changes.find(({ sourceId }) => sourceId !== null)?.sourceId ?? null,
    targetId: gone ? null : (known?.targetId ?? null),
    displayName: changes.find(({ displayName }) => displayName !== null)?.displayName ?? null,
    state: stateOf(latest, written[0], known?.targetId ?? null),
    latest,
    values: gone ? new Map() : valuesAfter(written),
  };
}

function stateOf(latest: LogEntryView, written: LogEntryView | undefined, targetId: string | null): AccountState {
  if (latest.status === 'warning') return 'held';
  if (latest.status === 'failure') return 'failed';
  if (written) return written.action === 'delete' ? 'deleted' : written.action === 'disable' ? 'disabled' : 'active';
  if (latest.reason === 'already-disabled') return 'disabled';
  return targetId === null || latest.reason === 'out-of-scope' || latest.reason === 'not-assigned' || latest.reason === 'not-active'
    ? 'none'
    : 'active';
}

/** Of members only those are known whom Provident wrote. */
function membersAfter(before: unknown, { old, new: joined }: ChangedMembers): string[] {
  const members = new Set(before as readonly string[] | undefined);
  for (const key of old ?? []) members.delete(key);
  for (const key of joined ?? []) members.add(key);
  return [...members];
}

/** Attributes in the order of their names. A creation begins anew. */
function valuesAfter(written: readonly LogEntryView[]): ReadonlyMap<string, unknown> {
  const values = new Map<string, unknown>();
  for (const { action, modified } of written.toReversed()) {
    if (action === 'create' || action === 'delete') values.clear();
    for (const change of modified) {
      if (isMembers(change)) values.set(change.attribute, membersAfter(values.get(change.attribute), change));
      else values.set(change.attribute, change.new);
    }
  }
  return new Map([...values].sort(([one], [other]) => one.localeCompare(other)));
}
