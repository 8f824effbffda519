import type { ScopeVerdict } from '../scope/evaluate-scope.js';
import { type Reason, reason } from './reason.js';

/** Names the first condition that did not hold and the value it met; the verdict has the others. */
export function outOfScope({ clauses }: ScopeVerdict): Reason {
  const [{ filter, clause, actual } = { filter: '', clause: '', actual: '' }] = clauses.filter(({ holds }) => !holds);
  const filters = new Set(clauses.map((verdict) => verdict.filter));
  return reason('out-of-scope', { filter, clause, actual, others: String(filters.size - 1) });
}
