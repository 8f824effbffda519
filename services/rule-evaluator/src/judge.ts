import { type Said, say } from '@provident/bus';
import type { DataOf, LogEvent, SourceObjectImported, TargetObjectImported } from '@provident/contracts';
import { type ObjectImportFailed, RuleEvaluated, erasedValue } from '@provident/contracts';
import {
  type Evaluation,
  type ObjectMapping,
  type RemovalLimits,
  evaluateMembers,
  evaluateObject,
  evaluateUnmapped,
  notLookedUp,
  partsOf,
  weighGroup,
} from '@provident/domain';

import { expressionContextOf } from '@provident/service-kit';

type Source = LogEvent<DataOf<typeof SourceObjectImported>>;
type Target = LogEvent<DataOf<typeof TargetObjectImported>>;

/** The rules for one kind of object, undefined when there are none any more, and the limits that removals are weighed by. */
export interface Rules {
  readonly mapping: ObjectMapping | undefined;
  readonly removals: RemovalLimits;
}

/** One object from both sides, judged by the rules for its kind, as the event that tells of it. Pure. */
export function judge(source: Source, target: Target | null, rules: Rules): Said {
  const { sourceId, change: _change, attributes: _attributes, targetFollows: _, ...facts } = source.data;
  return say(RuleEvaluated, `${facts.changeId}.rule.${facts.attempt}.${facts.round}`, facts.objectKey, {
    ...facts,
    sourceId,
    ...evaluate(source, target, rules),
    basis: target?.data.basis ?? source.sequence,
  } as DataOf<typeof RuleEvaluated>);
}

function evaluate({ data, at }: Source, target: Target | null, { mapping, removals }: Rules): Evaluation {
  const { changeId, objectKey, change, attributes, part } = data;
  if (!mapping) return evaluateUnmapped(partsOf(objectKey).objectType);
  if (part === 'members' && target?.data.members && target.data.linkedId !== null) {
    const { linkedId, members, guard } = target.data;
    return evaluateMembers(linkedId, members, mapping, guard && weighGroup(guard, removals));
  }
  return evaluateObject(
    { source: { change, attributes }, target: target?.data ?? notLookedUp },
    mapping,
    expressionContextOf(changeId, at),
  );
}

/** An object that could not be imported: nothing is decided about it, and that is told too, so that it is accounted for. Pure. */
export function notImported({ sequence, data }: LogEvent<DataOf<typeof ObjectImportFailed>>): Said {
  const { side: _side, place, failure, ...facts } = data;
  const where = place === null ? '' : ` (${place})`;
  return say(RuleEvaluated, `${facts.changeId}.rule.${facts.attempt}.${facts.round}`, facts.objectKey, {
    ...facts,
    action: 'fail',
    reason: { code: 'import-failed', text: `nothing was decided, because the object could not be imported: ${failure.message}${where}` },
    scope: { inScope: false, clauses: [] },
    targetId: null,
    linksNow: false,
    match: null,
    changes: [],
    enable: false,
    basis: sequence,
    failure,
  });
}

/** An object whose values were erased between its import and this: nothing is decided, and the next attempt has what the source says by then. Pure. */
export function valuesErased({ sequence, data }: Source): Said {
  const { sourceId, change: _change, attributes: _attributes, targetFollows: _, displayName: _name, ...facts } = data;
  const text = 'the values of this person were erased before anything was decided about them';
  return say(RuleEvaluated, `${facts.changeId}.rule.${facts.attempt}.${facts.round}`, facts.objectKey, {
    ...facts,
    displayName: erasedValue,
    sourceId,
    action: 'fail',
    reason: { code: 'values-erased', text },
    scope: { inScope: false, clauses: [] },
    targetId: null,
    linksNow: false,
    match: null,
    changes: [],
    enable: false,
    basis: sequence,
    failure: { kind: 'invalid-source', code: 'values-erased', message: text },
  });
}
