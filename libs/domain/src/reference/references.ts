import type { AttributeMapping } from '../job/job-definition.js';
import { type AttributeBag, type AttributeValue, isEmptyValue } from '../object/attributes.js';
import { type ObjectKey, objectKeyOf } from '../object/ids.js';
import { valueAt } from '../object/value-at.js';

/** An attribute whose value is the account of another object. */
export interface Reference {
  /** The target attribute. */
  readonly attribute: string;
  /** The object that the source names; null when it names none in a usable way. */
  readonly to: ObjectKey | null;
}

/**
 * A reference with what is known of the account behind it:
 * - `resolved`: it has one, `id` names it
 * - `waiting`: it has none yet, or the source does not know such an object; the reference is written as soon as there is one
 * - `gone`: it had one, which was removed
 * - `itself`: the object refers to itself, directly or by way of others, which `circle` names then
 * - `several`: the source names more than one object, where the target takes one
 */
export interface ResolvedReference extends Reference {
  readonly state: 'resolved' | 'waiting' | 'gone' | 'itself' | 'several';
  readonly id: string | null;
  /** The objects that refer to each other in a circle, from this one on; absent when there is none of more than one. */
  readonly circle?: readonly ObjectKey[] | undefined;
}

/** The references that an object's source attributes make; those without a value are not among them. */
export function referencesOf(mappings: readonly AttributeMapping[], attributes: AttributeBag): Reference[] {
  return mappings.flatMap(({ target, reference, referenceType = 'user' }) => {
    const value = reference === undefined ? null : valueAt(attributes, reference);
    if (isEmptyValue(value)) return [];
    const anchor = anchorIn(value);
    return [{ attribute: target, to: anchor === null ? null : objectKeyOf(referenceType, anchor) }];
  });
}

/** A list of one counts as its value. */
function anchorIn(value: AttributeValue): string | null {
  const single: AttributeValue = Array.isArray(value) && value.length === 1 ? value[0] : value;
  return isEmptyValue(single) || typeof single === 'object' ? null : String(single);
}

/** What an account should hold at its references, and what is to be said of those that cannot be written. */
export interface ReferenceValues {
  /** By target attribute; null clears. What waits, or cannot be right, is absent: it stays as it is. */
  readonly values: AttributeBag;
  /** For the reason, one for each reference that is not written as the source has it. */
  readonly notes: string[];
}

/** Only ever changes what the mappings name: a reference without a value at the source, or whose account went away, is cleared. */
export function referenceValues(mappings: readonly AttributeMapping[], references: readonly ResolvedReference[]): ReferenceValues {
  const byAttribute = new Map(references.map((reference) => [reference.attribute, reference]));
  const values: Record<string, AttributeValue> = {};
  for (const { target, reference } of mappings) {
    if (reference === undefined) continue;
    const found = byAttribute.get(target);
    if (!found || found.state === 'gone') values[target] = null;
    else if (found.state === 'resolved') values[target] = found.id;
  }
  return { values, notes: references.flatMap(noteOn) };
}

function noteOn({ attribute, to, state, circle }: ResolvedReference): string[] {
  switch (state) {
    case 'resolved':
      return [];
    case 'waiting':
      return [`${attribute} waits until ${to} has an account`];
    case 'gone':
      return [`${attribute} holds nothing, because the account of ${to} is gone`];
    case 'itself':
      return [circle ? circleNote(attribute, circle) : `${attribute} is left alone, because the object refers to itself`];
    case 'several':
      return [`${attribute} is left alone, because the source names several objects`];
  }
}

/** Of a longer circle the first are named, and how many there are. */
const mostNamed = 20;

/** Says that a reference is not written because it closes a circle. */
export function circleNote(attribute: string, circle: readonly ObjectKey[]): string {
  const named = circle.slice(0, mostNamed);
  const rest = circle.length > named.length ? [`… (${circle.length} in all)`] : [];
  return `${attribute} is left alone, because it closes a circle: ${[...named, ...rest, circle[0]].join(' → ')}`;
}
