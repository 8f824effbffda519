import {
  type CauseFacts,
  type DataOf,
  ExportFailed,
  type Failure,
  type LogEvent,
  ObjectExported,
  type ObjectFacts,
  RuleEvaluated,
  is,
} from '@provident/contracts';
import { type Operation, causeOf } from '@provident/domain';

export type Verdict =
  | {
      readonly outcome: 'failed';
      readonly facts: ObjectFacts;
      readonly sourceId: string | null;
      readonly failure: Failure;
      readonly cause: CauseFacts;
    }
  | { readonly outcome: 'good'; readonly facts: ObjectFacts; readonly sourceId: string | null; readonly word: string };

/** What an event says of its object's fate, or null when nothing is decided by it yet. Pure. */
export function verdictOf(event: LogEvent): Verdict | null {
  if (is(event, ExportFailed)) return failed(event.data, event.data.failure, event.data.action);
  if (is(event, ObjectExported)) return isWhole(event.data) ? good(event.data, event.data.action) : null;
  if (!is(event, RuleEvaluated)) return null;
  const { failure, reason, action } = event.data;
  if (failure) return failed(event.data, failure, reason.code === 'import-failed' ? 'import' : 'evaluate');
  return (action === 'skip' || action === 'unchanged') && isWhole(event.data) ? good(event.data, action) : null;
}

/** That some members of a group were written says nothing of what else may be wrong with it: a retry takes up all of it. */
const isWhole = ({ part }: { readonly part?: string | undefined }): boolean => part === undefined;

type Data = ObjectFacts & { readonly sourceId: string | null };

function failed(data: DataOf<typeof ExportFailed> | DataOf<typeof RuleEvaluated>, failure: Failure, operation: Operation): Verdict {
  const match = 'match' in data ? data.match : null;
  const told = [data.sourceId, data.targetId, data.displayName, match?.value, ...data.changes.flatMap((each) => [each.old, each.new])];
  const cause = causeOf({
    operation,
    failure,
    values: told.flatMap(textsIn),
    attributes: [...data.changes.map(({ attribute }) => attribute), ...(match ? [match.attribute] : [])],
  });
  return { outcome: 'failed', facts: factsOf(data), sourceId: data.sourceId, failure, cause };
}

const good = (data: Data, word: string): Verdict => ({ outcome: 'good', facts: factsOf(data), sourceId: data.sourceId, word });

/** Every text and number in a value, however deep. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

export function factsOf({ jobId, cycleId, changeId, objectKey, rules, attempt, round, displayName }: ObjectFacts): ObjectFacts {
  return { jobId, cycleId, changeId, objectKey, rules, attempt, round, ...(displayName === undefined ? {} : { displayName }) };
}
