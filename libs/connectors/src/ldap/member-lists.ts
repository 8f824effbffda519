import { ConnectorError } from '../connector-error.js';
import type { Branch } from './branch.js';
import type { LdapEntry, LdapSession } from './client.js';
import { MalformedRange, rangeFrom, rangeOf } from './ranges.js';
import { type LdapServer, textsOf } from './server.js';

/** Some names of a list; or that the list begins anew, because it changed while it was read. */
export type ListPart = { readonly names: readonly string[] } | 'anew';

/** The list of one entry cannot be had now; the others can. */
export class ListLost extends Error {
  override readonly name = 'ListLost';
}

const mostAttempts = 5;

/** What an entry shows of its last change; more exact than a time stamp where the server counts its changes. */
export const versionAttributes = ({ anchor, changeAttributes }: LdapServer): readonly string[] =>
  anchor === 'objectGUID' ? [...changeAttributes, 'uSNChanged'] : changeAttributes;

const versionOf = (entry: LdapEntry, server: LdapServer): string =>
  JSON.stringify(versionAttributes(server).map((name) => textsOf(entry, name)));

interface ListSource {
  readonly session: LdapSession;
  readonly server: LdapServer;
  readonly branch: Branch;
  readonly attribute: string;
}

/**
 * All values of an attribute, in as many requests as the server wants (ranges, as Active Directory has them). An entry that changes between two of them is
 * begun anew, for values may have moved from one range to another.
 * @param entry with the attribute and `versionAttributes`, as it was found
 * @throws ListLost when the list cannot be read to its end; ConnectorError when the connection is to blame
 */
export async function* readList(
  entry: LdapEntry,
  { session, server, branch, attribute }: ListSource,
  signal: AbortSignal,
): AsyncGenerator<ListPart> {
  let version = versionOf(entry, server);
  let part = understood(entry, attribute, 0);
  for (let attempts = 1; ; ) {
    yield { names: part.values.map((bytes) => bytes.toString('utf8')) };
    if (part.next === null) return;
    let start: number = part.next;
    let found = await askFor(start);
    const now = versionOf(found, server);
    if (now !== version) {
      attempts += 1;
      if (attempts > mostAttempts) throw new ListLost(`it changed ${mostAttempts} times while it was read`);
      yield 'anew';
      start = 0;
      found = await askFor(start);
      version = versionOf(found, server);
    }
    part = understood(found, attribute, start);
  }

  async function askFor(start: number): Promise<LdapEntry> {
    const attributes = [rangeFrom(attribute, start), ...versionAttributes(server)];
    const query = { base: entry.dn, scope: 'base' as const, filter: branch.filter, attributes };
    const [found] = await session.search(query, signal).catch(noneWhenAbsent);
    if (!found) throw new ListLost('the entry went away or got another name while it was read');
    return found;
  }
}

function understood(entry: LdapEntry, attribute: string, start: number): ReturnType<typeof rangeOf> {
  try {
    return rangeOf(entry.attributes, attribute, start);
  } catch (error) {
    if (error instanceof MalformedRange) throw new ListLost(error.message);
    throw error;
  }
}

/** A name that leads nowhere, or is none, is no trouble of the connection. */
export function noneWhenAbsent(error: unknown): [] {
  if (error instanceof ConnectorError && ['ldap-no-such-base', 'ldap-invalid-dn'].includes(error.facts.code)) return [];
  throw error;
}
