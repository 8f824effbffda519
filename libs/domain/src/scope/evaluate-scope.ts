import type { ScopeGroup } from '../job/job-definition.js';
import type { AttributeBag } from '../object/attributes.js';
import { type EvaluatedClause, evaluateClause } from './evaluate-clause.js';

/** One condition of one scoping filter with the value it met. */
export interface ClauseVerdict extends EvaluatedClause {
  /** Name of the scoping filter. */
  readonly filter: string;
}

/** Whether an object is in scope, and what was looked at to know it. */
export interface ScopeVerdict {
  readonly inScope: boolean;
  /** Filters in their order up to the first that holds; of each, every condition. */
  readonly clauses: ClauseVerdict[];
}

/** An object is in scope when all conditions of one filter hold, or when there is no filter. */
export function evaluateScope(groups: readonly ScopeGroup[], attributes: AttributeBag): ScopeVerdict {
  const clauses: ClauseVerdict[] = [];
  for (const { name, all } of groups) {
    const verdicts = all.map((clause) => ({ filter: name, ...evaluateClause(clause, attributes) }));
    clauses.push(...verdicts);
    if (verdicts.every(({ holds }) => holds)) return { inScope: true, clauses };
  }
  return { inScope: groups.length === 0, clauses };
}
