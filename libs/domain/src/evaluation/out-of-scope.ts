import type { ObjectMapping } from '../job/job-definition.js';
import type { ScopeVerdict } from '../scope/evaluate-scope.js';
import { type Reason, reason } from './reason.js';

/** Names the first condition that did not hold and the value it met; the verdict has the others. Who is not assigned was asked for nothing else. */
export function outOfScope({ clauses }: ScopeVerdict, { assigned }: Pick<ObjectMapping, 'assigned'>): Reason {
  const [assignment] = clauses;
  if (assigned && assignment && !assignment.holds) return reason('not-assigned', { clause: assignment.clause, actual: assignment.actual });
  const filtering = assigned ? clauses.slice(1) : clauses;
  const [{ filter, clause, actual } = { filter: '', clause: '', actual: '' }] = filtering.filter(({ holds }) => !holds);
  const filters = new Set(filtering.map((verdict) => verdict.filter));
  return reason('out-of-scope', { filter, clause, actual, others: String(filters.size - 1) });
}
