import { type AttributeValue, isEmptyValue } from '../object/attributes.js';

/**
 * Whether the target already holds the wanted value.
 * - "No value" is one thing, however it is written: absent, null, empty text, empty list.
 * - Text against a boolean or a number is read as one: a file can only say `TRUE` and `7`, and the target keeps what it makes of it.
 * - Lists are compared as sets, since multi-valued attributes have no order; a list of one equals its value.
 * - Complex values are compared member by member, in any order; empty members count as absent.
 * - Inside lists and complex values everything is compared as text.
 */
export function sameValue(one: AttributeValue | undefined, other: AttributeValue | undefined, caseExact = true): boolean {
  if (isScalar(one) && isScalar(other)) return sameScalar(one, other, caseExact);
  return canonicalText(one ?? null, caseExact) === canonicalText(other ?? null, caseExact);
}

type Scalar = string | number | boolean;

const isScalar = (value: AttributeValue | undefined): value is Scalar => value !== undefined && value !== null && typeof value !== 'object';

function sameScalar(one: Scalar, other: Scalar, caseExact: boolean): boolean {
  if (typeof one === 'string' && typeof other !== 'string') return readsAs(one, other);
  if (typeof other === 'string' && typeof one !== 'string') return readsAs(other, one);
  return typeof one === 'string' && typeof other === 'string' ? folded(one, caseExact) === folded(other, caseExact) : one === other;
}

function readsAs(text: string, typed: number | boolean): boolean {
  return typeof typed === 'boolean' ? text.toLowerCase() === String(typed) : text.trim() !== '' && Number(text) === typed;
}

const folded = (text: string, caseExact: boolean): string => (caseExact ? text : text.toLowerCase());

/** Equal for equal values. One form for a value and the list that holds it alone; lists sorted, without doubles. */
function canonicalText(value: AttributeValue, caseExact: boolean): string {
  if (isEmptyValue(value)) return '[]';
  const items = (Array.isArray(value) ? value : [value]).filter((item) => !isEmptyValue(item));
  return JSON.stringify([...new Set(items.map((item) => itemText(item, caseExact)))].sort());
}

function itemText(item: AttributeValue, caseExact: boolean): string {
  if (Array.isArray(item)) return canonicalText(item, caseExact);
  if (item === null || typeof item !== 'object') return folded(String(item), caseExact);
  const members = Object.entries(item).filter(([, member]) => !isEmptyValue(member));
  return JSON.stringify(members.map(([name, member]) => [name, canonicalText(member, caseExact)]).sort(byName));
}

const byName = ([one]: string[], [other]: string[]): number => (one! < other! ? -1 : 1);
