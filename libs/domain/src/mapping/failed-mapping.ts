import type { ExpressionError } from '../expression/fault.js';
import { placed } from '../expression/expression-issue.js';
import type { AttributeMapping } from '../job/job-definition.js';

/** A mapping whose expression could not be evaluated for one object. */
export interface FailedMapping {
  readonly target: string;
  /** Place and reason: `column 14: …` */
  readonly message: string;
}

export const failedMapping = ({ target, expression = '' }: AttributeMapping, error: ExpressionError): FailedMapping => ({
  target,
  message: placed(expression, error),
});
