import { ExportFailed, type Failure, type LogEvent, ObjectExported, type ObjectFacts, RuleEvaluated, is } from '@provident/contracts';

export type Verdict =
  | { readonly outcome: 'failed'; readonly facts: ObjectFacts; readonly sourceId: string | null; readonly failure: Failure }
  | { readonly outcome: 'good'; readonly facts: ObjectFacts; readonly sourceId: string | null; readonly word: string };

/** What an event says of its object's fate, or null when nothing is decided by it yet. Pure. */
export function verdictOf(event: LogEvent): Verdict | null {
  if (is(event, ExportFailed)) return failed(event.data, event.data.failure);
  if (is(event, ObjectExported)) return good(event.data, event.data.action);
  if (!is(event, RuleEvaluated)) return null;
  if (event.data.failure) return failed(event.data, event.data.failure);
  return event.data.action === 'skip' || event.data.action === 'unchanged' ? good(event.data, event.data.action) : null;
}

type Data = ObjectFacts & { readonly sourceId: string | null };

const failed = (data: Data, failure: Failure): Verdict => ({ outcome: 'failed', facts: factsOf(data), sourceId: data.sourceId, failure });
const good = (data: Data, word: string): Verdict => ({ outcome: 'good', facts: factsOf(data), sourceId: data.sourceId, word });

function factsOf({ jobId, cycleId, changeId, objectKey, rules, attempt, round, displayName }: Data): ObjectFacts {
  return { jobId, cycleId, changeId, objectKey, rules, attempt, round, ...(displayName === undefined ? {} : { displayName }) };
}
