import type { AttributeValue } from '../object/attributes.js';
import { DateTime } from './date/date-time.js';
import { formatDate, generalFormat } from './date/format-date.js';
import { Fault } from './fault.js';

/** A complex value as a source holds it, such as an assigned role. */
export interface Complex {
  readonly [name: string]: AttributeValue;
}

/** What a sub-expression can be. Whole numbers are exact however large they are. */
export type Value = null | string | boolean | bigint | number | DateTime | readonly Value[] | Complex;

export const largestText = 100_000;

export const isList = (value: Value): value is readonly Value[] => Array.isArray(value);

const isComplex = (value: Value): value is Complex =>
  typeof value === 'object' && value !== null && !isList(value) && !(value instanceof DateTime);

/** An attribute as expressions see it: a list without entries is no value, as is an absent attribute. */
export function fromAttribute(value: AttributeValue): Value {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (!Array.isArray(value)) return value as Value;
  return value.length === 0 ? null : value.map(fromAttribute);
}

/**
 * The result as it is passed on: as text, booleans as `True` and `False`, dates as `M/d/yyyy h:mm:ss tt`; lists entry by entry. Complex
 * values, which have no form as text, stay as they are.
 */
export function passedOn(value: Value): AttributeValue {
  if (value === null) return null;
  if (isList(value)) return value.map(passedOn);
  return isComplex(value) ? value : scalarText(value);
}

/** The value as text; null stays null, and a list of one value counts as that value. Undefined for what has no text. */
export function textOrNull(value: Value): string | null | undefined {
  const single = singleOf(value);
  if (single === null) return null;
  return single === undefined || isList(single) || isComplex(single) ? undefined : scalarText(single);
}

/** The value itself, or the only one of a list; undefined when the list has several. */
export function singleOf(value: Value): Value | undefined {
  if (!isList(value)) return value;
  return value.length > 1 ? undefined : value.length === 0 ? null : singleOf(value[0]!);
}

function scalarText(value: string | boolean | bigint | number | DateTime): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return value instanceof DateTime ? formatDate(value, generalFormat) : String(value);
}

/** A whole number, written as one or typed as one; undefined for anything else. */
export function integerOf(value: Value | undefined): bigint | undefined {
  if (typeof value === 'bigint') return value;
  return typeof value === 'string' && /^\s*[-+]?\d{1,40}\s*$/.test(value) ? BigInt(value.trim().replace(/^\+/, '')) : undefined;
}

/** Any number, written as one or typed as one; undefined for anything else. */
export function numberOf(value: Value | undefined): bigint | number | undefined {
  if (typeof value === 'number') return value;
  const whole = integerOf(value);
  if (whole !== undefined) return whole;
  return typeof value === 'string' && /^\s*[-+]?\d{1,40}\.\d{1,40}\s*$/.test(value) ? Number(value) : undefined;
}

/** Whether it is nothing, empty text, or a list without an entry that is something. */
export const isEmpty = (value: Value): boolean => value === null || value === '' || (isList(value) && value.every(isEmpty));

/** What counts as true: true, the text `true` in any case, and any number but 0. Everything else is false, null and other texts too. */
export function isTrue(value: Value): boolean {
  const single = singleOf(value);
  if (typeof single === 'boolean') return single;
  if (typeof single === 'string' && single.trim().toLowerCase() === 'true') return true;
  const number = numberOf(single);
  return number !== undefined && number != 0; // oxlint-disable-line eqeqeq -- 0 and 0n
}

/** What a value is, in the words of error messages; never the value itself. */
export function kindOf(value: Value): string {
  if (value === null) return 'nothing';
  if (isList(value)) return value.length === 1 ? kindOf(value[0]!) : `a list of ${value.length} values`;
  if (value instanceof DateTime) return 'a date';
  if (isComplex(value)) return 'a complex value';
  return { string: 'text', boolean: 'true or false', bigint: 'a number', number: 'a number' }[typeof value as 'string'] ?? 'something else';
}

/** @throws Fault `too-large` when the text would be longer than `largestText` */
export function limited(length: number): void {
  if (length > largestText) throw new Fault('too-large', `the text would have more than ${largestText} characters`);
}
