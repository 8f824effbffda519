import type { Failure, WhyInJob } from '@provident/contracts';
import { remedyOf } from '@provident/domain';

/** What is known of a decision that was not to provision, or of one that failed. */
export interface Refusal {
  readonly reason: string | null;
  readonly facts: Readonly<Record<string, string>>;
  readonly clauses: WhyInJob['clauses'];
  readonly failure: Failure | null;
}

/** What would change the answer, each in a sentence. */
export function wouldChange({ reason, facts, clauses, failure }: Refusal): string[] {
  switch (reason) {
    case 'out-of-scope':
      return filtersToHold(clauses);
    case 'not-assigned':
      return [`the person is assigned: ${facts['clause'] ?? 'in a group that is'}${met(facts['actual'])}`];
    case 'not-active':
      return [`the person counts as active again: ${facts['clause'] ?? 'its condition'} must hold${met(facts['actual'])}`];
    case 'action-not-allowed':
      return [`the job's rules allow the action "${facts['action'] ?? ''}"`];
    case 'removal-ignored':
      return ["the job's rules say what is to happen to accounts that are no longer wanted"];
    case 'never-linked':
    case 'deleted-at-source':
      return ['the person is in the source again'];
    case 'no-matching-value':
    case 'mandatory-fields-missing':
      return [`the source gives a value for ${facts['attributes'] ?? 'what is missing'}, or the mapping has a default`];
    case 'duplicate-target-entries':
      return [
        `one account only has ${facts['attribute'] ?? 'the matching attribute'} ${JSON.stringify(facts['value'] ?? '')}; now it is ${facts['ids'] ?? 'several'}`,
      ];
    default:
      return failure ? [remedyOf(failure)] : [];
  }
}

/** One filter that holds is enough: each says what it lacks. */
function filtersToHold(clauses: WhyInJob['clauses']): string[] {
  const filters = new Map<string, string[]>();
  for (const { filter, clause, actual, holds } of clauses) {
    const failing = filters.get(filter) ?? [];
    if (!holds) failing.push(`${clause}${met(actual)}`);
    filters.set(filter, failing);
  }
  return [...filters].map(([filter, failing]) => `filter "${filter}" holds: ${failing.join(', and ')}`);
}

const met = (actual: string | undefined): string =>
  actual === undefined ? '' : ` (now it is ${actual === '' ? 'empty' : JSON.stringify(actual)})`;
