import { type AttributeValue, isEmptyValue } from '@provident/domain';

import type { AttributeDescription, ObjectTypeDescription } from '../connector.js';
import { ConnectorError } from '../connector-error.js';

/** A JSON object as SCIM speaks it. */
export type ScimObject = { [name: string]: AttributeValue };

export const coreUserUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const coreGroupUrn = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const enterpriseUserUrn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** A path such as `urn:…:User:emails[type eq "work"].value`, taken apart. */
export interface ScimPath {
  /** Extension the attribute belongs to; null for the core. */
  readonly urn: string | null;
  readonly attribute: string;
  /** What the element of a multi-valued attribute must hold; null when the path names no element. */
  readonly element: readonly ElementTest[] | null;
  readonly sub: string | null;
}
export interface ElementTest {
  readonly name: string;
  readonly value: string | number | boolean;
}

const pluralCore = new Set(['emails', 'phonenumbers', 'ims', 'photos', 'addresses', 'groups', 'entitlements', 'roles', 'x509certificates']);
const name = String.raw`[A-Za-z$_][\w$-]*`;
const shape = new RegExp(`^(${name})(?:\\[(.+)\\])?(?:\\.(${name}))?$`, 's');
const test = new RegExp(`^\\s*(${name})\\s+eq\\s+("(?:[^"\\\\]|\\\\.)*"|true|false|-?\\d+(?:\\.\\d+)?)\\s*`, 'is');
const parsed = new Map<string, ScimPath>();

/** @throws ConnectorError `misconfigured` when the text is no path that a mapping can write */
export function parsePath(path: string): ScimPath {
  const known = parsed.get(path);
  if (known) return known;
  const result = takeApart(path);
  if (!result) throw badPath(path);
  if (parsed.size < 10_000) parsed.set(path, result);
  return result;
}

function takeApart(path: string): ScimPath | null {
  const urnEnd = /^urn:/i.test(path) ? path.split('[', 1)[0]!.lastIndexOf(':') : -1;
  const parts = shape.exec(path.slice(urnEnd + 1));
  if (!parts?.[1]) return null;
  const element = parts[2] === undefined ? null : elementTests(parts[2]);
  if (parts[2] !== undefined && !element) return null;
  const urn = urnEnd < 0 ? null : path.slice(0, urnEnd);
  const isCore = [coreUserUrn, coreGroupUrn].some((core) => core.toLowerCase() === urn?.toLowerCase());
  return { urn: isCore ? null : urn, attribute: parts[1], element, sub: parts[3] ?? null };
}

function elementTests(text: string): ElementTest[] | null {
  const tests: ElementTest[] = [];
  let rest = text;
  for (;;) {
    const found = test.exec(rest);
    if (!found) return null;
    const value = jsonOf(found[2]!);
    if (value === undefined) return null;
    tests.push({ name: found[1]!, value });
    rest = rest.slice(found[0].length);
    if (rest === '') return tests;
    if (!/^and\s/i.test(rest)) return null;
    rest = rest.slice(3);
  }
}

function jsonOf(literal: string): ElementTest['value'] | undefined {
  try {
    return JSON.parse(literal.startsWith('"') ? literal : literal.toLowerCase()) as ElementTest['value'];
  } catch {
    return undefined;
  }
}

function badPath(path: string): ConnectorError {
  return new ConnectorError({
    kind: 'misconfigured',
    code: 'bad-path',
    message: `"${path}" is not a SCIM attribute path.`,
    attribute: path,
  });
}

// ---------------------------------------------------------------- reading

/** Value of an own key, whatever its letter case. */
export function valueOf(object: ScimObject, key: string): AttributeValue | undefined {
  if (Object.hasOwn(object, key)) return object[key];
  const actual = keyOf(object, key);
  return actual === undefined ? undefined : object[actual];
}

export function keyOf(object: ScimObject, key: string): string | undefined {
  if (Object.hasOwn(object, key)) return key;
  const wanted = key.toLowerCase();
  return Object.keys(object).find((candidate) => candidate.toLowerCase() === wanted);
}

export function isObject(value: unknown): value is ScimObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const isList = (value: unknown): value is readonly AttributeValue[] => Array.isArray(value);

/**
 * What a resource holds at a path; undefined when it holds nothing there.
 * A path that names one element gives that element's value; one that names no element of a multi-valued attribute gives a list.
 * @throws ConnectorError `misconfigured` when the path is none
 */
export function readPath(resource: ScimObject, path: string): AttributeValue | undefined {
  const at = parsePath(path);
  const holder = at.urn === null ? resource : valueOf(resource, at.urn);
  if (!isObject(holder)) return undefined;
  const value = valueOf(holder, at.attribute);
  if (at.element) return readElement(value, at);
  if (at.sub === null) return isManager(at) && isObject(value) ? present(valueOf(value, 'value')) : present(value);
  if (!isList(value)) return readSub(value, at.sub);
  const all = value.map((item) => readSub(item, at.sub!)).filter((item) => item !== undefined);
  return all.length > 0 ? all : undefined;
}

function readElement(value: AttributeValue | undefined, at: ScimPath): AttributeValue | undefined {
  const found = elementAt(value, at);
  return at.sub === null ? found : readSub(found, at.sub);
}

/** The element that the path names: the primary one if there are several. */
export function elementAt(value: AttributeValue | undefined, at: ScimPath): ScimObject | undefined {
  const items = (isList(value) ? value : [value]).filter(isObject).filter((item) => at.element!.every((wanted) => holds(item, wanted)));
  return items.find((item) => valueOf(item, 'primary') === true) ?? items[0];
}

function holds(item: ScimObject, wanted: ElementTest): boolean {
  const value = valueOf(item, wanted.name);
  return typeof value === 'string' && typeof wanted.value === 'string'
    ? value.toLowerCase() === wanted.value.toLowerCase()
    : value === wanted.value;
}

/** Some servers list bare values where elements belong: those are the elements' values. */
export function readSub(value: AttributeValue | undefined, sub: string): AttributeValue | undefined {
  if (isObject(value)) return present(valueOf(value, sub));
  return sub.toLowerCase() === 'value' && !isList(value) ? present(value) : undefined;
}

const present = (value: AttributeValue | undefined): AttributeValue | undefined => (isEmptyValue(value) ? undefined : value);

export const isManager = (at: ScimPath): boolean =>
  at.urn?.toLowerCase() === enterpriseUserUrn.toLowerCase() && at.attribute.toLowerCase() === 'manager';

/** Whether the core schema has more than one value at the attribute. */
export const isPluralCore = (at: ScimPath): boolean => at.urn === null && pluralCore.has(at.attribute.toLowerCase());

// ---------------------------------------------------------------- describing

/**
 * What the description tells of a path, as it leads there: the attribute, then the sub-attribute. `emails[type eq "work"].value` is known where
 * `emails.value` is. Nothing where it does not name it, which says nothing when the description is not complete.
 */
export function describedAt(path: string, description: ObjectTypeDescription): readonly AttributeDescription[] {
  const at = takeApart(path);
  if (!at) return [];
  const base = (at.urn === null ? '' : `${at.urn}:`) + at.attribute;
  const names = new Map(description.attributes.map((attribute) => [attribute.name.toLowerCase(), attribute]));
  const known = (text: string) => names.get(text.toLowerCase());
  if (at.element && (!known(base)?.multiValued || !at.element.every((wanted) => known(`${base}.${wanted.name}`)))) return [];
  const [whole, part] = [known(base), at.sub === null ? undefined : known(`${base}.${at.sub}`)];
  if (at.sub !== null && !part) return [];
  return [whole, part].filter((each) => each !== undefined);
}

/** How two paths lie to each other, however they are written: both lead to one place, or one to a part of what the other leads to. */
export function pathsMeet(one: string, other: string): 'same' | 'within' | null {
  const [a, b] = [placeAt(one), placeAt(other)];
  if (!a || !b) return one === other ? 'same' : null;
  if (a.attribute !== b.attribute) return null;
  if (a.element === b.element && a.sub === b.sub) return 'same';
  const meet = (of: 'element' | 'sub'): boolean => a[of] === null || b[of] === null || a[of] === b[of];
  return meet('element') && meet('sub') ? 'within' : null;
}

/** A path in one way of writing; null when it is none. */
function placeAt(path: string): { readonly attribute: string; readonly element: string | null; readonly sub: string | null } | null {
  const at = takeApart(path);
  if (!at) return null;
  const tests = at.element?.map(({ name: of, value }) => JSON.stringify([of, value]).toLowerCase()).sort() ?? null;
  return {
    attribute: `${at.urn ?? ''}:${at.attribute}`.toLowerCase(),
    element: tests && tests.join(),
    sub: at.sub?.toLowerCase() ?? (isManager(at) ? 'value' : null),
  };
}
