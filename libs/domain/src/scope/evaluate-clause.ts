import { compilePattern } from '../expression/pattern.js';
import { type AttributeBag, type AttributeValue, isEmptyValue, textOf } from '../object/attributes.js';
import { valueAt } from '../object/value-at.js';
import type { ScopeClause } from '../job/job-definition.js';
import { type ScopeOperator, unaryOperators } from './operators.js';

/** One condition with the value it met. */
export interface EvaluatedClause {
  /** The condition as text, such as `department EQUALS "Finance"`. */
  readonly clause: string;
  /** The attribute's value as text; empty when it has none. */
  readonly actual: string;
  readonly holds: boolean;
}

type Comparison = (actual: string, operand: string) => boolean;
type ComparingOperator = Exclude<ScopeOperator, 'IS NULL' | 'IS NOT NULL'>;

/** Values are compared as text, so that 1 and "1" are equal whichever way a source types them. */
const comparisons: Record<ComparingOperator, Comparison> = {
  EQUALS: (actual, operand) => actual === operand,
  'NOT EQUALS': (actual, operand) => actual !== operand,
  'IS TRUE': (actual) => actual.toLowerCase() === 'true',
  'IS FALSE': (actual) => actual.toLowerCase() === 'false',
  GREATER_THAN: wholeNumbers((actual, operand) => actual > operand),
  GREATER_THAN_OR_EQUALS: wholeNumbers((actual, operand) => actual >= operand),
  INCLUDES: (actual, operand) => actual.includes(operand),
  ENDS_WITH: (actual, operand) => actual.endsWith(operand),
  'REGEX MATCH': matched((isMatch) => isMatch),
  'NOT REGEX MATCH': matched((isMatch) => !isMatch),
  '&': wholeNumbers((actual, operand) => (actual & operand) === operand),
  '!&': wholeNumbers((actual, operand) => (actual & operand) !== operand),
};

/**
 * One condition on one attribute. The rules of every operator:
 * - An attribute without a value (absent, null, empty text or list) satisfies nothing but `IS NULL`; a condition without a value to
 *   compare with holds for nobody, whatever its operator.
 * - Of a list, every value must satisfy the condition; `IS NULL` and `IS NOT NULL` look at the list as a whole.
 * - Text is compared case-sensitively. `IS TRUE` and `IS FALSE` also take the texts `true` and `false` in any case, because files have
 *   no other way to say it.
 * - The two greater-than operators compare whole numbers of any size; anything else on either side is not greater.
 * - `REGEX MATCH` must match the whole value, as the reference's own examples presume; `.*` before and after it looks inside. Patterns are those of
 *   .NET, matched in linear time. One that is none holds for nobody, negated or not.
 * - `&` holds when the whole number has every bit of the operand set, `!&` when at least one of them is not: with a single bit, whether a flag
 *   is set. Neither holds for anything but whole numbers. Microsoft's pages leave their meaning open; the names suggest this one.
 */
export function evaluateClause(clause: ScopeClause, attributes: AttributeBag): EvaluatedClause {
  const actual = valueAt(attributes, clause.attribute);
  return { clause: clauseText(clause), actual: textOf(actual), holds: clauseHolds(clause, actual) };
}

function clauseHolds({ operator, value }: ScopeClause, actual: AttributeValue): boolean {
  const values: readonly AttributeValue[] = Array.isArray(actual) ? actual : [actual];
  const isNull = values.every(isEmptyValue);
  if (operator === 'IS NULL' || operator === 'IS NOT NULL') return isNull === (operator === 'IS NULL');
  if (isNull || (!unaryOperators.has(operator) && isEmptyValue(value))) return false;
  return values.every((item) => !isEmptyValue(item) && comparisons[operator](textOf(item), textOf(value)));
}

function clauseText({ attribute, operator, value }: ScopeClause): string {
  return unaryOperators.has(operator) ? `${attribute} ${operator}` : `${attribute} ${operator} ${JSON.stringify(value ?? '')}`;
}

function wholeNumbers(compare: (actual: bigint, operand: bigint) => boolean): Comparison {
  const whole = /^-?\d+$/;
  return (actual, operand) => whole.test(actual) && whole.test(operand) && compare(BigInt(actual), BigInt(operand));
}

function matched(holds: (isMatch: boolean) => boolean): Comparison {
  return (actual, operand) => {
    const { pattern } = compilePattern(operand);
    return pattern !== undefined && holds(pattern.matchesWhole(actual));
  };
}
