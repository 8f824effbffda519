import type { ScopeClause } from '../job/job-definition.js';
import type { AttributeBag } from '../object/attributes.js';
import { evaluateClause } from './evaluate-clause.js';

/** Whether the person counts as active in the source. Without a condition everybody does. */
export function isActive(clause: ScopeClause | undefined, attributes: AttributeBag): boolean {
  return clause === undefined || evaluateClause(clause, attributes).holds;
}
