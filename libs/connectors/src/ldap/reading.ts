import { AndFilter, EqualityFilter, type Filter, FilterParser, GreaterThanEqualsFilter, OrFilter } from 'ldapts';

import type { SourceFailure, SourceObject, SourcePage } from '../connector.js';
import { ConnectorError } from '../connector-error.js';
import type { LdapEntry, LdapSession, SearchQuery } from './client.js';
import { anchorBytes, type EntryPlan, readEntry } from './entries.js';
import { type LdapServer, textsOf, wholeSeconds } from './server.js';
import type { Watermark } from './watermark.js';

/** A filter from its text. @throws ConnectorError `misconfigured` */
export function parseFilter(text: string): Filter {
  try {
    return FilterParser.parseString(text);
  } catch (cause) {
    throw new ConnectorError({ kind: 'misconfigured', code: 'ldap-filter', message: `the filter ${text} is not well-formed` }, { cause });
  }
}

/** Narrows people down to those that changed in that second or later. */
export function changedSince(people: Filter, since: string, { changeAttributes, timeSuffix }: LdapServer): Filter {
  const filters = changeAttributes.map((attribute) => new GreaterThanEqualsFilter({ attribute, value: `${since}${timeSuffix}` }));
  return new AndFilter({ filters: [people, new OrFilter({ filters })] });
}

/** Narrows people down to those with one of these anchors. Values travel as bytes, so nothing in them can act as filter syntax. */
export function withAnchors(people: Filter, attribute: string, anchors: readonly string[]): Filter {
  const filters = anchors.map((anchor) => new EqualityFilter({ attribute, value: anchorBytes(attribute, anchor) }));
  return new AndFilter({ filters: [people, new OrFilter({ filters })] });
}

/** Narrows groups down to those that name this entry. */
export function naming(groups: Filter, attribute: string, dn: string): Filter {
  return new AndFilter({ filters: [groups, new EqualityFilter({ attribute, value: Buffer.from(dn, 'utf8') })] });
}

export const anyOf = (filters: readonly Filter[]): Filter => (filters.length === 1 ? filters[0]! : new OrFilter({ filters: [...filters] }));

/**
 * How many entries a read will meet, and the latest change among them in whole seconds; null when no entry shows one.
 *
 * Made before the read itself on servers that do not tell their time: a change that this pass missed is later than all it saw, or
 * is met by the read that follows. The latest change that the read itself sees would not do, for a read takes a while: an entry may
 * change behind it, before another one changes ahead of it.
 */
export async function surveyChanges(
  session: LdapSession,
  query: SearchQuery,
  pageSize: number,
  { changeAttributes }: LdapServer,
  signal: AbortSignal,
  onEntry: (entry: LdapEntry) => void = () => undefined,
): Promise<{ readonly total: number; readonly latest: string | null }> {
  let total = 0;
  let latest: string | null = null;
  for await (const entries of entryPages(session, { ...query, attributes: [...query.attributes, ...changeAttributes] }, pageSize, signal)) {
    total += entries.length;
    entries.forEach(onEntry);
    for (const time of entries.flatMap((entry) => changeAttributes.flatMap((name) => textsOf(entry, name)))) {
      const seconds = wholeSeconds(time);
      if (seconds !== null && (latest === null || seconds > latest)) latest = seconds;
    }
  }
  return { total, latest };
}

export interface PageRequest {
  readonly session: LdapSession;
  readonly query: SearchQuery;
  readonly people: Filter;
  readonly plan: EntryPlan;
  /** Whether the server itself keeps anchors unique. */
  readonly hasUniqueAnchors: boolean;
  readonly pageSize: number;
  readonly watermark: Watermark;
}

/** Entries become pages; the last one, which may be empty, carries the watermark. A broken connection throws. */
export async function* readPages(request: PageRequest, signal: AbortSignal): AsyncGenerator<SourcePage> {
  let held: SourcePage | null = null;
  let count = 0;
  for await (const entries of entryPages(request.session, request.query, request.pageSize, signal)) {
    // A server may ignore the page size that it was asked for.
    for (let at = 0; at < entries.length; at += request.pageSize) {
      if (held) yield held;
      const some = entries.slice(at, at + request.pageSize);
      count += some.length;
      held = { ...(await readEntries(some, request, signal)), removed: [], cursor: { entries: count }, watermark: null };
    }
  }
  yield { ...(held ?? { objects: [], failures: [], removed: [], cursor: { entries: 0 } }), watermark: request.watermark };
}

/** All entries of a search, page by page. A broken connection throws. */
export async function* entryPages(
  session: LdapSession,
  query: SearchQuery,
  pageSize: number,
  signal: AbortSignal,
): AsyncGenerator<readonly LdapEntry[]> {
  let cookie: Buffer | null = null;
  do {
    const page = await session.searchPage(query, pageSize, cookie, signal);
    yield page.entries;
    ({ cookie } = page);
  } while (cookie);
}

async function readEntries(
  entries: readonly LdapEntry[],
  request: PageRequest,
  signal: AbortSignal,
): Promise<{ objects: SourceObject[]; failures: SourceFailure[] }> {
  const rows = entries.map((entry) => ({ place: entry.dn, row: readEntry(entry, request.plan) }));
  const anchors = rows.flatMap(({ row }) => ('object' in row ? [row.object.anchor] : []));
  const repeated = request.hasUniqueAnchors ? new Set<string>() : await repeatedAmong(anchors, request, signal);
  const objects: SourceObject[] = [];
  const failures: SourceFailure[] = [];
  for (const { place, row } of rows) {
    if ('failure' in row) failures.push(row.failure);
    else if (repeated.has(row.object.anchor.toLowerCase())) failures.push(repeatedAnchor(row.object.anchor, place, request.plan.anchor));
    else objects.push(row.object);
  }
  return { objects, failures };
}

const anchorsPerSearch = 100;

/** Those anchors, in lower case, that more than one person carries: asked of the server, for the other one may not be on this page. */
async function repeatedAmong(
  anchors: readonly string[],
  { session, query, people, plan }: PageRequest,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const distinct = [...new Set(anchors)];
  const once = new Set<string>();
  const repeated = new Set<string>();
  for (let at = 0; at < distinct.length; at += anchorsPerSearch) {
    const filter = withAnchors(people, plan.anchor, distinct.slice(at, at + anchorsPerSearch));
    const carriers = await session.search({ ...query, filter, attributes: [plan.anchor] }, signal);
    for (const anchor of carriers.flatMap((entry) => textsOf(entry, plan.anchor)).map((text) => text.toLowerCase())) {
      if (once.has(anchor)) repeated.add(anchor);
      once.add(anchor);
    }
  }
  return repeated;
}

function repeatedAnchor(anchor: string, place: string, attribute: string): SourceFailure {
  return { anchor, code: 'repeated-anchor', message: `more than one entry has this value of "${attribute}"`, place };
}
