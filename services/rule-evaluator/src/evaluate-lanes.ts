import type { JobRegistry, LaneProgram, LaneSession } from '@provident/bus';
import {
  ObjectImportFailed,
  SourceObjectImported,
  TargetObjectImported,
  demandLanes,
  is,
  objectLanes,
  subjectOf,
} from '@provident/contracts';
import type { DataOf, LogEvent } from '@provident/contracts';
import { type JobDefinition, mappingOf, partsOf } from '@provident/domain';

import { type Rules, judge, notImported, valuesErased } from './judge.js';

type Source = DataOf<typeof SourceObjectImported>;

/** Decisions are quick: the window only bounds what is read ahead. */
const window = 1_000;

/** Hears what the importer says of each object, and says what should happen to it. No effect, no state but the half of a pair. */
export function evaluateLanes(registry: JobRegistry): LaneProgram {
  return {
    stage: 'rule-evaluator',
    window,
    lanesOf: (lanes) => [...objectLanes(lanes), ...demandLanes(lanes)],
    hears: ({ jobId, lane }) => [subjectOf(jobId, lane, 'importer')],
    open: async () => new EvaluateSession(registry),
  };
}

class EvaluateSession implements LaneSession {
  /** Source halves whose target half has not come yet: the two stand side by side in the log. */
  private readonly halves = new Map<string, LogEvent<Source>>();
  private rules: { sequence: number; definition: JobDefinition } | null = null;

  constructor(private readonly registry: JobRegistry) {}

  /** Everything at its turn: the two halves of a pair share a key. */
  keyOf(event: LogEvent): string {
    return (event.data as { objectKey: string }).objectKey;
  }

  handle({ event }: { event: LogEvent }): ReturnType<LaneSession['handle']> {
    if (is(event, SourceObjectImported)) {
      if (!event.data.targetFollows) return this.decide(event, null);
      this.halves.set(event.data.objectKey, event);
      return 'together';
    }
    if (is(event, ObjectImportFailed)) {
      this.halves.delete(event.data.objectKey);
      return [notImported(event)];
    }
    if (!is(event, TargetObjectImported)) return [];
    const source = this.halves.get(event.data.objectKey);
    this.halves.delete(event.data.objectKey);
    if (!source || source.data.changeId !== event.data.changeId)
      throw new Error(`a target half without its source half at ${event.sequence}`);
    return this.decide(source, event);
  }

  /** Nobody computes with values that were erased. A removal needs none. */
  private decide(
    source: LogEvent<Source>,
    target: LogEvent<DataOf<typeof TargetObjectImported>> | null,
  ): ReturnType<LaneSession['handle']> {
    if ((source.isErased && source.data.change !== 'deleted') || target?.isErased) return [valuesErased(source)];
    return this.withRules((target ?? source).data, (rules) => [judge(source, target, rules)]);
  }

  /** Decides by the rules for the object's kind; undefined when the job has none any more. */
  private withRules<Result>(
    { rules: sequence, objectKey }: Pick<Source, 'rules' | 'objectKey'>,
    decide: (rules: Rules) => Result,
  ): Result | Promise<Result> {
    const { objectType } = partsOf(objectKey);
    const rulesIn = (definition: JobDefinition): Rules => ({
      mapping: mappingOf(definition, objectType),
      removals: definition.thresholds.removals,
    });
    if (this.rules?.sequence === sequence) return decide(rulesIn(this.rules.definition));
    return this.registry.rulesAt(sequence).then(({ definition }) => {
      this.rules = { sequence, definition };
      return decide(rulesIn(definition));
    });
  }
}
