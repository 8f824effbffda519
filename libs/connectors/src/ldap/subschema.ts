import { FilterParser } from 'ldapts';

import type { AttributeDescription } from '../connector.js';
import type { LdapSession, SearchQuery } from './client.js';
import { textsOf } from './server.js';

/** One definition of a schema (RFC 4512, 4.1), as far as it is needed here. */
interface Definition {
  readonly names: readonly string[];
  readonly superiors: readonly string[];
  readonly syntax: string | null;
  readonly must: readonly string[];
  readonly may: readonly string[];
  readonly isSingleValued: boolean;
  readonly isReadOnly: boolean;
}

const sampleSize = 50;

/** Attributes of the object classes that a first page of people shows, as the server's schema describes them; none when it is not readable. */
export async function readAttributes(
  session: LdapSession,
  people: SearchQuery,
  subschema: string | null,
  signal: AbortSignal,
): Promise<AttributeDescription[]> {
  if (subschema === null) return [];
  const filter = FilterParser.parseString('(objectClass=subschema)');
  const [schema] = await session.search(
    { base: subschema, scope: 'base', filter, attributes: ['attributeTypes', 'objectClasses'] },
    signal,
  );
  if (!schema) return [];
  const sample = await session.searchPage({ ...people, attributes: ['objectClass'] }, sampleSize, null, signal);
  const classes = new Set(sample.entries.flatMap((entry) => textsOf(entry, 'objectClass')));
  return describeAttributes(textsOf(schema, 'attributeTypes'), textsOf(schema, 'objectClasses'), [...classes]);
}

/** Pure: what entries of these classes may hold, in alphabetical order. */
export function describeAttributes(
  attributeTypes: readonly string[],
  objectClasses: readonly string[],
  classes: readonly string[],
): AttributeDescription[] {
  const types = indexByName(attributeTypes);
  const chain = withSuperiors(classes, indexByName(objectClasses));
  const must = new Set(chain.flatMap((definition) => definition.must).map((name) => name.toLowerCase()));
  const names = new Map(chain.flatMap(({ must: own, may }) => [...own, ...may]).map((name) => [name.toLowerCase(), name]));
  const described = [...names].map(([key, name]) =>
    describeAttribute(types.get(key)?.names[0] ?? name, withSuperiors([name], types), must.has(key)),
  );
  return described.sort((one, other) => one.name.localeCompare(other.name));
}

/** An attribute takes its syntax from the first superior that has one. */
function describeAttribute(name: string, chain: readonly Definition[], required: boolean): AttributeDescription {
  const syntax = chain.find((definition) => definition.syntax !== null)?.syntax ?? '';
  const [own] = chain;
  return { name, type: typeBySyntax[syntax] ?? 'string', multiValued: !own?.isSingleValued, required, readOnly: own?.isReadOnly ?? false };
}

const typeBySyntax: Readonly<Record<string, AttributeDescription['type']>> = {
  '1.3.6.1.4.1.1466.115.121.1.4': 'binary',
  '1.3.6.1.4.1.1466.115.121.1.5': 'binary',
  '1.3.6.1.4.1.1466.115.121.1.7': 'boolean',
  '1.3.6.1.4.1.1466.115.121.1.8': 'binary',
  '1.3.6.1.4.1.1466.115.121.1.12': 'reference',
  '1.3.6.1.4.1.1466.115.121.1.24': 'dateTime',
  '1.3.6.1.4.1.1466.115.121.1.27': 'integer',
  '1.3.6.1.4.1.1466.115.121.1.28': 'binary',
};

function withSuperiors(names: readonly string[], index: ReadonlyMap<string, Definition>): Definition[] {
  const found = new Set<Definition>();
  const add = (name: string) => {
    const definition = index.get(name.toLowerCase());
    if (!definition || found.has(definition)) return;
    found.add(definition);
    definition.superiors.forEach(add);
  };
  names.forEach(add);
  return [...found];
}

function indexByName(definitions: readonly string[]): Map<string, Definition> {
  return new Map(definitions.map(parseDefinition).flatMap((one) => one.names.map((name) => [name.toLowerCase(), one] as const)));
}

function parseDefinition(text: string): Definition {
  return {
    names: quotedAfter(text, 'NAME'),
    superiors: namesAfter(text, 'SUP'),
    syntax: /\sSYNTAX\s+'?([\d.]+)/.exec(text)?.[1] ?? null,
    must: namesAfter(text, 'MUST'),
    may: namesAfter(text, 'MAY'),
    isSingleValued: /\sSINGLE-VALUE\b/.test(text),
    isReadOnly: /\sNO-USER-MODIFICATION\b/.test(text),
  };
}

function quotedAfter(text: string, keyword: string): string[] {
  const list = new RegExp(`\\s${keyword}\\s+(\\([^)]*\\)|'[^']*')`).exec(text)?.[1] ?? '';
  return [...list.matchAll(/'([^']+)'/g)].map((match) => match[1] as string);
}

function namesAfter(text: string, keyword: string): string[] {
  const list = new RegExp(`\\s${keyword}\\s+(\\([^)]*\\)|[\\w.;-]+)`).exec(text)?.[1] ?? '';
  return list.match(/[\w.;-]+/g) ?? [];
}
