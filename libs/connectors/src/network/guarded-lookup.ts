import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { lookup as lookupAll } from 'node:dns/promises';
import { isIP } from 'node:net';

import { ConnectorError } from '../connector-error.js';
import { type NetworkPolicy, networkPolicy } from './address-policy.js';

/** Without a configuration: all but what is never connected to. */
export const localNetwork = networkPolicy('local');

/** A host that is not connected to, and why. */
export class AddressRefused extends ConnectorError {}

/** The refusal behind a connection that failed. */
export function refusalIn(failure: unknown): AddressRefused | null {
  for (let each = failure; each instanceof Error; each = each.cause) if (each instanceof AddressRefused) return each;
  return null;
}

const remedy = 'PROVIDENT_ALLOWED_NETWORKS names the networks that may be connected to';

function refusal(host: string, address: string, policy: NetworkPolicy): AddressRefused | null {
  const refused = policy.refuses(address);
  if (!refused) return null;
  const where = host === address ? address : `${address}, where ${host} leads`;
  const message = `Nothing connects to ${where}: ${refused.what}${refused.canBeAllowed ? `. ${remedy}` : ''}.`;
  return new AddressRefused({ kind: 'misconfigured', code: 'address-refused', message });
}

/**
 * The host of an address as it will be connected to: names in their ASCII form, and IPv4 addresses in their usual form, however they were written
 * (decimal, octal, hexadecimal, in wide digits, with a dot at the end).
 * @throws ConnectorError `misconfigured` when it is none
 */
export function hostOf(url: string): string {
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#\\]*)/i.exec(url.trim())?.[1]?.replace(/^.*@/, '');
  const canonical = authority && URL.canParse(`http://${authority}`) ? new URL(`http://${authority}`).hostname : '';
  if (canonical === '') throw new ConnectorError({ kind: 'misconfigured', code: 'bad-address', message: 'The address names no host.' });
  return canonical.replace(/^\[|\]$/g, '');
}

/** Refuses an address that is written out; names are looked at when they are resolved. @throws ConnectorError `misconfigured` */
export function assertAllowed(url: string, policy: NetworkPolicy): void {
  const host = hostOf(url);
  const refused = isIP(host) === 0 ? null : refusal(host, host, policy);
  if (refused) throw refused;
}

/** Why an address would not be connected to as things are now; null when it would, or when its name leads nowhere. */
export async function findRefusal(url: string, policy: NetworkPolicy): Promise<string | null> {
  try {
    assertAllowed(url, policy);
    const found = await lookupAll(hostOf(url), { all: true }).catch((): LookupAddress[] => []);
    return found.map(({ address }) => refusal(hostOf(url), address, policy)?.message).find((message) => message !== undefined) ?? null;
  } catch (error) {
    return (error as Error).message;
  }
}

type Callback = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;
export type Resolve = (
  host: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void,
) => void;

/**
 * Resolves a name for one connection, which then goes to the very addresses that were looked at. One address of several that is refused refuses the name:
 * whoever answers so means to be let in by another.
 */
export const guardedLookup =
  (policy: NetworkPolicy, resolve: Resolve = lookup) =>
  (host: string, options: LookupOptions, callback: Callback): void => {
    resolve(host, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, []);
      for (const { address } of found) {
        const refused = refusal(host, address, policy);
        if (refused) return callback(refused, []);
      }
      if (options.all) return callback(null, found);
      const [first] = found;
      return first ? callback(null, first.address, first.family) : callback(new Error(`${host} has no address`), []);
    });
  };
