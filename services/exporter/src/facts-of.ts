import type { DataOf, ObjectFacts, RuleEvaluated } from '@provident/contracts';

/** What every event about the object of a decision carries. */
export function factsOf(decision: DataOf<typeof RuleEvaluated>): ObjectFacts & { sourceId: string } {
  const { jobId, cycleId, changeId, objectKey, rules, attempt, round, displayName, sourceId, demand } = decision;
  return {
    jobId,
    cycleId,
    changeId,
    objectKey,
    rules,
    attempt,
    round,
    sourceId: sourceId ?? '',
    ...(displayName === undefined ? {} : { displayName }),
    ...(demand === undefined ? {} : { demand }),
  };
}
