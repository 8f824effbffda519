import { FilterParser } from 'ldapts';

import type { LdapEntry, LdapSession } from './client.js';

/** What the root entry tells of the server. */
export interface LdapServer {
  /** Attribute that the server gives each entry for good. */
  readonly anchor: 'entryUUID' | 'nsUniqueId' | 'objectGUID';
  /** Attributes with the time of the last change, all searchable. */
  readonly changeAttributes: readonly string[];
  /** Ending of a time in a filter. */
  readonly timeSuffix: 'Z' | '.0Z';
  /** The server's time in whole seconds, such as `20261101101500`, or null when it does not tell. */
  readonly now: string | null;
  readonly subschema: string | null;
}

const rootAttributes = ['vendorName', 'vendorVersion', 'supportedCapabilities', 'currentTime', 'subschemaSubentry'];
const activeDirectory = /^1\.2\.840\.113556\.1\.4\.(800|1851)$/;

export async function askServer(session: LdapSession, signal: AbortSignal): Promise<LdapServer> {
  const query = { base: '', scope: 'base' as const, filter: FilterParser.parseString('(objectClass=*)'), attributes: rootAttributes };
  const [root] = await session.search(query, signal);
  return describeServer(root ?? { dn: '', attributes: [] });
}

/** Pure: which server a root entry belongs to. Without a sign of another one it follows RFC 4530 (`entryUUID`). */
export function describeServer(root: LdapEntry): LdapServer {
  const [now] = textsOf(root, 'currentTime');
  const common = { now: now === undefined ? null : wholeSeconds(now), subschema: textsOf(root, 'subschemaSubentry')[0] ?? null };
  if (textsOf(root, 'supportedCapabilities').some((oid) => activeDirectory.test(oid))) {
    // There modifyTimestamp is computed and cannot be searched for.
    return { anchor: 'objectGUID', changeAttributes: ['whenChanged'], timeSuffix: '.0Z', ...common };
  }
  const is389 = [...textsOf(root, 'vendorName'), ...textsOf(root, 'vendorVersion')].some((text) =>
    /389[ -](project|directory)/i.test(text),
  );
  const changeAttributes = ['modifyTimestamp', 'createTimestamp'];
  return { anchor: is389 ? 'nsUniqueId' : 'entryUUID', changeAttributes, timeSuffix: 'Z', ...common };
}

export function textsOf(entry: LdapEntry, name: string): string[] {
  const found = entry.attributes.filter((one) => one.name.toLowerCase() === name.toLowerCase());
  return found.flatMap(({ values }) => values.map((bytes) => bytes.toString('utf8')));
}

/** `20261101101500` of a GeneralizedTime in UTC, rounded down to the second; null for any other form. Comparable as text. */
export function wholeSeconds(time: string): string | null {
  return /^(\d{14})([.,]\d+)?Z$/.exec(time)?.[1] ?? null;
}
