import { DateTime } from './date/date-time.js';
import { readAnyDate } from './date/any-date.js';
import { type ComparisonOperator } from './expression.js';
import { Fault } from './fault.js';
import { type Value, kindOf, numberOf, singleOf, textOrNull } from './value.js';

/**
 * Whether a comparison holds. Decided where the reference is silent:
 * - A side that is null or empty makes every comparison false, `<>` too: that is the documented limit of `IIF`.
 * - Two texts are equal when they are the same, letter case included. A number against a text that reads as one, a boolean against `true` or
 *   `false` in any case, and a date against a text that reads as one, are compared as such.
 * - For order, two texts that both read as numbers are numbers, and other texts are compared character by character.
 * @throws Fault when a side has several values
 */
export function comparisonHolds(left: Value, operator: ComparisonOperator, right: Value): boolean {
  const [one, other] = [single(left), single(right)];
  if (one === null || one === '' || other === null || other === '') return false;
  const order = orderOf(one, other, operator !== '=' && operator !== '<>');
  switch (operator) {
    case '=':
      return order === 0;
    case '<>':
      return order !== 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
  }
}

function single(value: Value): Value {
  const only = singleOf(value);
  if (only === undefined || textOrNull(only) === undefined) throw new Fault('wrong-type', `${kindOf(value)} cannot be compared`);
  return only;
}

function orderOf(one: Value, other: Value, isOrder: boolean): number {
  const isTyped = typeof one !== 'string' || typeof other !== 'string';
  if (one instanceof DateTime || other instanceof DateTime) {
    const [date, otherDate] = [dateOf(one), dateOf(other)];
    if (date && otherDate) return sign(date.ticks, otherDate.ticks);
  } else if (isTyped || isOrder) {
    const [number, otherNumber] = [numberOf(one), numberOf(other)];
    if (number !== undefined && otherNumber !== undefined) return sign(number, otherNumber);
  }
  const fold = typeof one === 'boolean' || typeof other === 'boolean';
  const [text, otherText] = [one, other].map((value) => (fold ? textOrNull(value)!.toLowerCase() : textOrNull(value)!));
  return sign(text!, otherText!);
}

const dateOf = (value: Value): DateTime | null =>
  value instanceof DateTime ? value : typeof value === 'string' ? readAnyDate(value) : null;

const sign = <Ordered extends string | number | bigint>(one: Ordered, other: Ordered): number => (one < other ? -1 : one > other ? 1 : 0);
