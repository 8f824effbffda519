import type { ObjectMapping } from '../job/job-definition.js';
import type { AttributeBag } from '../object/attributes.js';
import { evaluateAssignment } from './evaluate-assignment.js';
import { type ScopeVerdict, evaluateScope } from './evaluate-scope.js';

/** Stands where a scoping filter's name stands. */
export const assignmentFilter = 'assigned to the application';

/** Whether an object is in scope: assigned, where the job is for assigned objects only, and let in by a scoping filter. */
export function evaluateWanted(
  { assigned, scope, type }: Pick<ObjectMapping, 'assigned' | 'scope' | 'type'>,
  attributes: AttributeBag,
): ScopeVerdict {
  if (!assigned) return evaluateScope(scope, attributes);
  const assignment = { filter: assignmentFilter, ...evaluateAssignment(assigned, type, attributes) };
  if (!assignment.holds) return { inScope: false, clauses: [assignment] };
  const { inScope, clauses } = evaluateScope(scope, attributes);
  return { inScope, clauses: [assignment, ...clauses] };
}
