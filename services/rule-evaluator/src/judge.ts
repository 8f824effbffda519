import { type Said, say } from '@provident/bus';
import type { DataOf, LogEvent, SourceObjectImported, TargetObjectImported } from '@provident/contracts';
import { type ObjectImportFailed, RuleEvaluated } from '@provident/contracts';
import { type ObjectMapping, evaluateObject, notLookedUp } from '@provident/domain';

import { expressionContextOf } from '@provident/service-kit';

/** One object from both sides, judged by the rules, as the event that tells of it. Pure. */
export function judge(
  source: LogEvent<DataOf<typeof SourceObjectImported>>,
  target: LogEvent<DataOf<typeof TargetObjectImported>> | null,
  mapping: ObjectMapping,
): Said {
  const { sourceId, change, attributes, targetFollows: _, ...facts } = source.data;
  const pair = { source: { change, attributes }, target: target?.data ?? notLookedUp };
  const evaluation = evaluateObject(pair, mapping, expressionContextOf(facts.changeId, source.at));
  return say(RuleEvaluated, `${facts.changeId}.rule.${facts.attempt}.${facts.round}`, facts.objectKey, {
    ...facts,
    sourceId,
    ...evaluation,
    basis: target?.data.basis ?? source.sequence,
  } as DataOf<typeof RuleEvaluated>);
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
