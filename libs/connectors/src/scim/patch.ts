import { type AttributeChange, type AttributeValue, isEmptyValue } from '@provident/domain';

import {
  elementAt,
  isList,
  isManager,
  isObject,
  isPluralCore,
  parsePath,
  readPath,
  readSub,
  type ScimObject,
  type ScimPath,
  valueOf,
} from './paths.js';
import { hasContent, listOfSubs, newElement, typed, withSub, writePath } from './resource.js';

export interface PatchOperation {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path?: string;
  readonly value?: AttributeValue;
}

/** Whether the account must be read before these changes can be told as a PATCH: whether one of them names an element. */
export function needsCurrent(changes: readonly AttributeChange[]): boolean {
  return changes.some(({ attribute }) => {
    const at = parsePath(attribute);
    return at.element !== null || (at.sub !== null && isPluralCore(at));
  });
}

/**
 * The changes in the PATCH dialect that the most servers take: lower-case operations, one per attribute, each with a path.
 * @param current the account as it is now; may be null when {@link needsCurrent} says so
 */
export function patchOperations(changes: readonly AttributeChange[], current: ScimObject | null): PatchOperation[] {
  const operations: PatchOperation[] = [];
  const added = new Map<string, ScimObject>();
  const left = structuredClone(current ?? {});
  for (const change of changes) {
    const at = parsePath(change.attribute);
    const value = isEmptyValue(change.new) ? null : typed(at, change.new);
    if (!at.element) operations.push(...plainOperation(at, change, value, current));
    else operations.push(...elementOperation(at, change.attribute, value, left, added));
    writePath(left, change.attribute, value);
  }
  return operations;
}

function plainOperation(
  at: ScimPath,
  { attribute, old }: AttributeChange,
  value: AttributeValue,
  current: ScimObject | null,
): PatchOperation[] {
  const held = current ? readPath(current, attribute) : old;
  if (at.sub !== null && isPluralCore(at)) return pluralOperation(at, at.sub, value, held, current);
  if (value === null) return isEmptyValue(held) ? [] : [{ op: 'remove', path: attribute }];
  const op = isEmptyValue(held) && !isList(value) ? 'add' : 'replace';
  return [{ op, path: attribute, value: isManager(at) && at.sub === null && !isObject(value) ? { value } : value }];
}

/** `emails.value` names no element: the whole list is written, with the elements that stay as they are. */
function pluralOperation(
  { attribute }: ScimPath,
  sub: string,
  value: AttributeValue,
  held: AttributeValue | undefined,
  current: ScimObject | null,
): PatchOperation[] {
  if (value === null) return isEmptyValue(held) ? [] : [{ op: 'remove', path: attribute }];
  const items = current ? valueOf(current, attribute) : undefined;
  return [{ op: 'replace', path: attribute, value: listOfSubs(isList(items) ? items : [], sub, value) }];
}

/** An element that exists is changed in place; one that does not is added whole, for a filter that selects nothing fails on strict servers. */
function elementOperation(
  at: ScimPath,
  path: string,
  value: AttributeValue,
  left: ScimObject,
  added: Map<string, ScimObject>,
): PatchOperation[] {
  const place = path.slice(0, path.lastIndexOf(']') + 1);
  const pending = added.get(place.toLowerCase());
  if (pending) {
    if (value !== null) Object.assign(pending, at.sub === null ? value : { [at.sub]: value });
    return [];
  }
  const holder = at.urn === null ? left : valueOf(left, at.urn);
  const element = isObject(holder) ? elementAt(valueOf(holder, at.attribute), at) : undefined;
  if (element) return changeElement(at, path, place, value, element);
  if (value === null) return [];
  const fresh = { ...newElement(at), ...(at.sub === null ? (value as ScimObject) : { [at.sub]: value }) };
  added.set(place.toLowerCase(), fresh);
  return [{ op: 'add', path: path.slice(0, path.indexOf('[')), value: [fresh] }];
}

function changeElement(at: ScimPath, path: string, place: string, value: AttributeValue, element: ScimObject): PatchOperation[] {
  if (value !== null) return [{ op: at.sub !== null && readSub(element, at.sub) === undefined ? 'add' : 'replace', path, value }];
  if (at.sub === null || at.sub.toLowerCase() === 'value') return [{ op: 'remove', path: place }];
  if (readSub(element, at.sub) === undefined) return [];
  return [{ op: 'remove', path: hasContent(withSub(element, at.sub, null), at) ? path : place }];
}
