import { type AttributeBag, type AttributeChange, type AttributeValue, isEmptyValue } from '@provident/domain';

import {
  coreUserUrn,
  elementAt,
  enterpriseUserUrn,
  isList,
  isManager,
  isObject,
  isPluralCore,
  keyOf,
  parsePath,
  type ScimObject,
  type ScimPath,
  valueOf,
} from './paths.js';

/** The resource that a creation sends. Paths without a value are left out, for some servers store a null as text. */
export function buildResource(bag: AttributeBag, schema = coreUserUrn): ScimObject {
  const resource: ScimObject = {};
  for (const [path, value] of Object.entries(bag)) if (!isEmptyValue(value)) writePath(resource, path, value);
  const extensions = Object.keys(resource).filter((key) => /^urn:/i.test(key));
  return { schemas: [schema, ...extensions], ...resource };
}

/** The resource a PUT sends: the current one with the changes made, without what only the server may say. */
export function mergeIntoResource(current: ScimObject, changes: readonly AttributeChange[]): ScimObject {
  const resource = structuredClone(current);
  for (const key of ['meta', 'groups']) {
    const actual = keyOf(resource, key);
    if (actual !== undefined) delete resource[actual];
  }
  for (const change of changes) writePath(resource, change.attribute, isEmptyValue(change.new) ? null : change.new);
  const manager = readManager(resource);
  if (manager) for (const key of ['displayName', '$ref']) delete manager[key];
  return { ...resource, schemas: schemasOf(resource) };
}

function readManager(resource: ScimObject): ScimObject | null {
  const enterprise = valueOf(resource, enterpriseUserUrn);
  const manager = isObject(enterprise) ? valueOf(enterprise, 'manager') : undefined;
  return isObject(manager) ? manager : null;
}

function schemasOf(resource: ScimObject): AttributeValue {
  const known = valueOf(resource, 'schemas');
  const listed = isList(known) ? known.filter((urn) => typeof urn === 'string') : [coreUserUrn];
  const used = Object.keys(resource).filter((key) => /^urn:/i.test(key));
  const isUsed = (urn: string) => !/:extension:/i.test(urn) || used.some((key) => key.toLowerCase() === urn.toLowerCase());
  const kept = listed.filter(isUsed);
  return [...kept, ...used.filter((urn) => !kept.some((other) => other.toLowerCase() === urn.toLowerCase()))];
}

/** Puts a value where the path says, making what is missing on the way; null takes it out. */
export function writePath(resource: ScimObject, path: string, value: AttributeValue): void {
  const at = parsePath(path);
  if (at.urn === null) return writeIn(resource, at, value);
  const key = keyOf(resource, at.urn) ?? at.urn;
  const extension = isObject(resource[key]) ? resource[key] : {};
  writeIn(extension, at, value);
  if (Object.keys(extension).length > 0) resource[key] = extension;
  else delete resource[key];
}

function writeIn(holder: ScimObject, at: ScimPath, value: AttributeValue): void {
  const key = keyOf(holder, at.attribute) ?? at.attribute;
  const next = nextValue(holder[key], at, value === null ? null : typed(at, value));
  if (isEmptyValue(next) || (isObject(next) && Object.keys(next).length === 0)) delete holder[key];
  else holder[key] = next as AttributeValue;
}

function nextValue(current: AttributeValue | undefined, at: ScimPath, value: AttributeValue): AttributeValue | undefined {
  if (at.element) return withElement(isList(current) ? current : [], at, value);
  if (at.sub === null) return isManager(at) && value !== null && !isObject(value) ? { value } : value;
  if (isPlural(at, current, value)) return listOfSubs(isList(current) ? current : [], at.sub, value);
  return withSub(isObject(current) ? current : {}, at.sub, value);
}

const isPlural = (at: ScimPath, current: AttributeValue | undefined, value: AttributeValue): boolean =>
  isList(value) || isList(current) || isPluralCore(at);

export function withSub(element: ScimObject, sub: string, value: AttributeValue): ScimObject {
  const { [keyOf(element, sub) ?? sub]: _old, ...others } = element;
  return value === null ? others : { ...others, [keyOf(element, sub) ?? sub]: value };
}

function withElement(items: readonly AttributeValue[], at: ScimPath, value: AttributeValue): AttributeValue[] {
  const old = elementAt(items, at);
  const fresh =
    at.sub === null ? (isObject(value) ? { ...newElement(at), ...value } : null) : withSub(old ?? newElement(at), at.sub, value);
  const others = items.filter((item) => item !== old);
  if (fresh === null || !hasContent(fresh, at) || (value === null && at.sub?.toLowerCase() === 'value')) return others;
  return old ? items.map((item) => (item === old ? fresh : item)) : [...items, fresh];
}

/** An element of nothing but its label says nothing. */
export function hasContent(element: ScimObject, at: ScimPath): boolean {
  const labels = new Set(['type', 'primary', 'display', ...at.element!.map((wanted) => wanted.name.toLowerCase())]);
  return Object.entries(element).some(([key, value]) => !labels.has(key.toLowerCase()) && !isEmptyValue(value));
}

export function newElement(at: ScimPath): ScimObject {
  return Object.fromEntries(at.element!.map((wanted) => [wanted.name, wanted.value]));
}

/** One element per value; elements that already hold one of the values stay as they are. */
export function listOfSubs(items: readonly AttributeValue[], sub: string, value: AttributeValue): AttributeValue[] {
  const values = value === null ? [] : isList(value) ? value : [value];
  const left = [...items];
  return values.map((wanted) => {
    const at = left.findIndex((item) => isObject(item) && valueOf(item, sub) === wanted);
    return at < 0 ? { [sub]: wanted } : left.splice(at, 1)[0]!;
  });
}

/** Mappings write "True" where SCIM wants a boolean. */
export function typed(at: ScimPath, value: AttributeValue): AttributeValue {
  const leaf = (at.sub ?? at.attribute).toLowerCase();
  if (typeof value !== 'string' || at.urn !== null || (leaf !== 'active' && leaf !== 'primary')) return value;
  const text = value.trim().toLowerCase();
  return text === 'true' || text === 'false' ? text === 'true' : value;
}
