import type { AttemptDifferenceView, AttemptView, Failure } from '@provident/contracts';
import { ExportFailed, ObjectExported, ObjectImportFailed, RemovalHeld, RuleEvaluated, SourceObjectImported } from '@provident/contracts';
import { canonicalJson } from '@provident/domain';

import { NotFound, query, type ReadModels } from './database.js';
import type { EntryRecord, StepRecord } from './log/entry-record.js';
import { eventsOf } from './log/steps-of.js';

export interface AttemptRef {
  readonly changeId: string;
  /** 0 for the first attempt; null for the latest. */
  readonly attempt: number | null;
}

interface Attempt {
  readonly view: AttemptView;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly planned: Readonly<Record<string, unknown>>;
}

/** What differs between two attempts: at the same change, or at two. @throws NotFound */
export async function getAttemptDifference(models: ReadModels, from: AttemptRef, to: AttemptRef): Promise<AttemptDifferenceView> {
  const entries = await query<EntryRecord>(models, 'select * from provisioning_entry where change_id = any ($1)', [
    [from.changeId, to.changeId],
  ]);
  const events = await eventsOf(models, entries);
  const [one, other] = [from, to].map((ref) => attemptOf(ref, events.get(ref.changeId) ?? [])) as [Attempt, Attempt];
  return {
    from: one.view,
    to: other.view,
    source: differences(one.attributes, other.attributes),
    planned: differences(one.planned, other.planned),
    facts: differences(factsOf(one.view), factsOf(other.view)),
  };
}

const factsOf = ({ changeId: _id, attempt: _number, beganAt: _at, durationMs: _ms, ...facts }: AttemptView): Record<string, unknown> =>
  facts;

function differences(
  one: Readonly<Record<string, unknown>>,
  other: Readonly<Record<string, unknown>>,
): { name: string; from: unknown; to: unknown }[] {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
  return names
    .filter((name) => canonicalJson((one[name] ?? null) as never) !== canonicalJson((other[name] ?? null) as never))
    .map((name) => ({ name, from: one[name] ?? null, to: other[name] ?? null }));
}

function attemptOf({ changeId, attempt }: AttemptRef, events: readonly StepRecord[]): Attempt {
  const wanted = attempt ?? Math.max(...events.map(numberOf));
  const its = events.filter((event) => numberOf(event) === wanted);
  const [first] = its;
  if (!first)
    throw new NotFound(events.length === 0 ? `there is no change ${changeId}` : `the change ${changeId} has no attempt ${wanted}`);
  const last = (...types: string[]) => its.findLast(({ type }) => types.includes(type));
  const ruling = last(RuleEvaluated.type)?.data as
    | { action: string; reason: { code: string }; changes: Changes; failure: Failure | null }
    | undefined;
  const end = last(ObjectExported.type, ExportFailed.type, RemovalHeld.type, ObjectImportFailed.type);
  const failure = (end?.data['failure'] as Failure | undefined) ?? ruling?.failure ?? null;
  return {
    view: {
      changeId,
      attempt: wanted,
      beganAt: first.at,
      rules: Number(first.data['rules']),
      action: ruling?.action ?? null,
      reason: ruling?.reason.code ?? null,
      outcome: outcomeOf(end?.type, ruling?.action, failure),
      failure,
      durationMs: (end?.data['durationMs'] as number | undefined) ?? null,
    },
    attributes: (last(SourceObjectImported.type)?.data['attributes'] as Record<string, unknown> | undefined) ?? {},
    planned: Object.fromEntries((ruling?.changes ?? []).map((change) => [change.attribute, change.new])),
  };
}

type Changes = readonly { readonly attribute: string; readonly new: unknown }[];

const numberOf = ({ data }: StepRecord): number => Number(data['attempt']);

function outcomeOf(end: string | undefined, action: string | undefined, failure: Failure | null): AttemptView['outcome'] {
  if (end === ObjectExported.type) return 'exported';
  if (end === RemovalHeld.type) return 'held';
  if (failure) return 'failed';
  return action === 'skip' || action === 'unchanged' ? 'skipped' : 'open';
}
