import {
  type DataOf,
  ExportFailed,
  type Failure,
  type LogEvent,
  ObjectExported,
  ObjectImportFailed,
  type OnDemandResult,
  type OnDemandStep,
  RemovalHeld,
  RuleEvaluated,
  SourceObjectImported,
  TargetObjectImported,
  is,
} from '@provident/contracts';
import { type ObjectMapping, evaluateClause } from '@provident/domain';

export interface ResultContext {
  readonly mapping: ObjectMapping;
  readonly systems: { readonly source: string; readonly target: string };
}

type Outcome = Pick<OnDemandResult, 'status' | 'action' | 'reason' | 'displayName' | 'changeId' | 'modified' | 'steps'> & {
  readonly targetId: string | null;
};

const nothing: Outcome = {
  status: 'in-progress',
  action: 'none',
  reason: null,
  displayName: null,
  changeId: null,
  modified: [],
  steps: [],
  targetId: null,
};

/**
 * What became of an object on demand, step by step, from the events of its change in their order. Rounds that were sent back leave no steps but
 * those of the last. Pure.
 */
export function describeOutcome(events: readonly LogEvent[], context: ResultContext): Outcome {
  return events.reduce((outcome, event) => withEvent(outcome, event, context), nothing);
}

function withEvent(before: Outcome, event: LogEvent, context: ResultContext): Outcome {
  if (is(event, SourceObjectImported)) return imported(event, context);
  if (is(event, TargetObjectImported)) return matched(before, event, context);
  if (is(event, ObjectImportFailed)) return notImported(before, event, context);
  if (is(event, RuleEvaluated)) return judged(before, event, context);
  if (is(event, ObjectExported)) return exported(before, event, context);
  if (is(event, ExportFailed)) return refused(before, event, context);
  if (is(event, RemovalHeld)) return held(before, event);
  return before;
}

const step = (
  type: OnDemandStep['type'],
  name: string,
  status: OnDemandStep['status'],
  description: string,
  { at }: Pick<LogEvent, 'at'>,
  details: Record<string, unknown>,
): OnDemandStep => ({ type, name, status, description, at, details });

const failed = ({ code, message }: Failure): Pick<Outcome, 'status' | 'reason'> => ({ status: 'failure', reason: { code, text: message } });
const verbs = { create: 'created', update: 'updated', disable: 'disabled', delete: 'deleted' } as const;

function imported(event: LogEvent<DataOf<typeof SourceObjectImported>>, { mapping, systems }: ResultContext): Outcome {
  const { data } = event;
  const gone = data.change === 'deleted';
  const words = gone ? `${systems.source} has no ${data.sourceId} any more; these are the values known last` : `read ${data.sourceId}`;
  const read = step('import', `Read from ${systems.source}`, 'success', words, event, {
    sourceId: data.sourceId,
    change: data.change,
    attributes: data.attributes,
  });
  const active = mapping.active && evaluateClause(mapping.active, data.attributes);
  const details = { presentInSource: !gone, active: active ?? { holds: true } };
  const scoping = step('scoping', 'Determine whether it is in scope', 'success', '', event, details);
  return { ...nothing, changeId: data.changeId, displayName: data.displayName ?? null, steps: [read, scoping] };
}

function matched(before: Outcome, event: LogEvent<DataOf<typeof TargetObjectImported>>, { systems }: ResultContext): Outcome {
  const { by, tried, matches, linkedId } = event.data;
  const how = { link: 'its link', matching: `${tried.at(-1)?.attribute}`, none: 'no matching attribute' }[by];
  const count = matches.length === 0 ? 'nobody' : matches.length === 1 ? `${matches[0]!.id}` : `${matches.length} accounts`;
  const status = matches.length > 1 ? 'failure' : 'success';
  const words = by === 'none' ? 'no account has one of the matching values' : `${count} found by ${how}`;
  return {
    ...before,
    targetId: linkedId ?? (matches.length === 1 ? matches[0]!.id : null),
    steps: [...before.steps, step('matching', `Match with ${systems.target}`, status, words, event, { by, linkedId, tried, matches })],
  };
}

function notImported(before: Outcome, event: LogEvent<DataOf<typeof ObjectImportFailed>>, { systems }: ResultContext): Outcome {
  const { side, failure, place, changeId, displayName } = event.data;
  const type = side === 'source' ? 'import' : 'matching';
  const name = side === 'source' ? `Read from ${systems.source}` : `Match with ${systems.target}`;
  const broken = step(type, name, 'failure', failure.message, event, { failure, place });
  return { ...before, ...failed(failure), changeId, displayName: displayName ?? before.displayName, steps: [...before.steps, broken] };
}

/** Fills in the verdict on the scope, which the import could not know, and says what follows when nothing is written. */
function judged(before: Outcome, event: LogEvent<DataOf<typeof RuleEvaluated>>, { systems }: ResultContext): Outcome {
  const { data } = event;
  const { action, reason, scope, changes, failure } = data;
  const isWrite = action === 'create' || action === 'update' || action === 'disable' || action === 'delete';
  const steps = before.steps.map((each) => (each.type === 'scoping' ? scoped(each, scope) : each));
  const outcome = {
    ...before,
    steps,
    targetId: data.targetId ?? before.targetId,
    modified: changes,
    reason: { code: reason.code, text: reason.text },
  };
  if (isWrite) return { ...outcome, action };
  if (action === 'fail') {
    const cause = failure ?? { kind: 'rejected' as const, code: reason.code, message: reason.text };
    if (reason.code === 'import-failed') return { ...outcome, ...failed(cause) };
    return {
      ...outcome,
      ...failed(cause),
      steps: [...steps, acted(systems.target, 'failure', cause.message, event, { failure: cause, changes })],
    };
  }
  return { ...outcome, status: 'skipped', steps: [...steps, acted(systems.target, 'skipped', reason.text, event, { reason })] };
}

function scoped(each: OnDemandStep, { inScope, clauses }: DataOf<typeof RuleEvaluated>['scope']): OnDemandStep {
  const { active, presentInSource } = each.details as { active: { holds: boolean }; presentInSource: boolean };
  const because = !presentInSource ? 'it is gone from the source' : !inScope ? 'no scoping filter holds' : 'it is not active in the source';
  const wanted = presentInSource && inScope && active.holds;
  const filters = clauses.length === 0 ? 'there is no scoping filter' : 'a scoping filter holds';
  return {
    ...each,
    status: wanted ? 'success' : 'skipped',
    description: wanted ? `in scope: ${filters}` : `no account is wanted: ${because}`,
    details: { ...each.details, scope: { inScope, clauses } },
  };
}

const acted = (
  target: string,
  status: OnDemandStep['status'],
  words: string,
  event: LogEvent,
  details: Record<string, unknown>,
): OnDemandStep => step('export', `Act in ${target}`, status, words, event, details);

function exported(before: Outcome, event: LogEvent<DataOf<typeof ObjectExported>>, { systems }: ResultContext): Outcome {
  const { action, targetId, changes, enabled, durationMs } = event.data;
  const words = `${verbs[action]} ${targetId}${enabled && action === 'update' ? ', and enabled it again' : ''}`;
  const done = acted(systems.target, 'success', words, event, { action, targetId, changes, enabled, durationMs });
  return { ...before, status: 'success', action, targetId, modified: changes, steps: [...before.steps, done] };
}

function refused(before: Outcome, event: LogEvent<DataOf<typeof ExportFailed>>, { systems }: ResultContext): Outcome {
  const { action, failure, changes, durationMs } = event.data;
  const words = `could not be ${verbs[action]}: ${failure.message}`;
  const attempted = acted(systems.target, 'failure', words, event, { action, failure, changes, durationMs });
  return { ...before, ...failed(failure), action, modified: changes, steps: [...before.steps, attempted] };
}

function held(before: Outcome, event: LogEvent<DataOf<typeof RemovalHeld>>): Outcome {
  const { action, targetId, reason } = event.data;
  const words = `not ${verbs[action]}: a removal that was not confirmed waits for the next cycle, which counts it with the others`;
  const waiting = step('export', 'Removal guard', 'warning', words, event, { action, targetId, reason });
  return { ...before, status: 'held', action, targetId, steps: [...before.steps, waiting] };
}
