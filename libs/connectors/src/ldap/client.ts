import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';

import { Client, type Filter, PagedResultsControl, type SearchEntry, SearchRequest, type SearchResponse, StatusCodeParser } from 'ldapts';

import { ConnectorError } from '../connector-error.js';
import type { NetworkPolicy } from '../network/address-policy.js';
import { guardedLookup, refusalIn } from '../network/guarded-lookup.js';
import { masked } from '../shared/secrets.js';
import { classifyLdapError } from './classify.js';

/** All it takes to connect and log in; the password is the secret itself. */
export interface LdapAddress {
  readonly url: string;
  readonly network: NetworkPolicy;
  readonly startTls: boolean;
  readonly tls: { readonly ca: string | null; readonly serverName: string | null; readonly rejectUnauthorized: boolean };
  readonly login: { readonly dn: string; readonly password: string } | null;
  readonly connectTimeoutMs: number;
  readonly operationTimeoutMs: number;
}

export interface SearchQuery {
  readonly base: string;
  readonly scope: 'base' | 'one' | 'sub';
  readonly filter: Filter;
  readonly attributes: readonly string[];
}

/** An entry as it came: values are bytes, names as the server writes them. */
export interface LdapEntry {
  readonly dn: string;
  readonly attributes: readonly { readonly name: string; readonly values: readonly Buffer[] }[];
}

/** One part of a paged search; without a cookie it is the last. */
export interface EntryPage {
  readonly entries: readonly LdapEntry[];
  readonly cookie: Buffer | null;
}

/** One connection, logged in. It never reconnects by itself: what was begun on it fails with it. */
export interface LdapSession {
  readonly isAlive: () => boolean;
  /** All entries at once: for searches that find few. */
  readonly search: (query: SearchQuery, signal: AbortSignal) => Promise<readonly LdapEntry[]>;
  readonly searchPage: (query: SearchQuery, pageSize: number, cookie: Buffer | null, signal: AbortSignal) => Promise<EntryPage>;
  readonly close: () => Promise<void>;
}

/**
 * The way a search leaves with the answer's controls still on it. Both public searches of ldapts hide them, reconnect without a
 * log-in, and take a page that happens to hold no entry for the last one, which would end a read early without a word.
 */
type Sends = { _send(request: SearchRequest): Promise<SearchResponse | undefined> };

/** @throws ConnectorError as `classifyLdapError` says, for this and for every method of the session */
export async function openSession(address: LdapAddress, signal: AbortSignal): Promise<LdapSession> {
  const sockets: Socket[] = [];
  const client = createClient(address, sockets);
  const isAlive = () => sockets.length > 0 && sockets.every((socket) => !socket.destroyed);
  const close = async () => {
    await Promise.race([client.unbind().catch(() => {}), delay(farewellMs, undefined, { ref: false })]);
    for (const socket of sockets) socket.destroy();
  };
  const secrets = address.login ? [address.login.password] : [];
  const failed = (error: unknown): ConnectorError => asConnectorError(error, secrets);
  const call = <T>(work: () => Promise<T>, timeoutMs: number, abort: AbortSignal) => guard(work, timeoutMs, abort, close, failed);

  await call(() => logIn(client, address), address.connectTimeoutMs, signal);

  let messages = 0;
  const send = async (query: SearchQuery, control: PagedResultsControl | null, abort: AbortSignal): Promise<SearchResponse> => {
    if (!isAlive()) throw new ConnectorError(classifyLdapError(new Error('Connection closed')));
    messages += 1;
    const request = searchRequest(query, firstSearchId + messages, control);
    // oxlint-disable-next-line no-underscore-dangle -- see above
    const answer = await call(() => (client as unknown as Sends)._send(request), address.operationTimeoutMs, abort);
    if (!answer || answer.status !== 0) throw failed(StatusCodeParser.parse(answer));
    return answer;
  };

  return {
    isAlive,
    search: async (query, abort) => (await send(query, null, abort)).searchEntries.map(entryOf),
    searchPage: async (query, pageSize, cookie, abort) => {
      const value = cookie ? { size: pageSize, cookie } : { size: pageSize };
      const answer = await send(query, new PagedResultsControl({ critical: true, value }), abort);
      return { entries: answer.searchEntries.map(entryOf), cookie: cookieOf(answer) };
    },
    close,
  };
}

/** Ids of searches start far above those that the client itself gives to the few messages of a log-in. */
const firstSearchId = 1_000;
/** How long a farewell to the server may take. */
const farewellMs = 500;

async function logIn(client: Client, { startTls, tls, url, login }: LdapAddress): Promise<void> {
  if (startTls) await client.startTLS(tlsOptions(url, tls));
  // An anonymous bind shows at once whether an LDAP server answers.
  await client.bind(login?.dn ?? '', login?.password ?? '');
}

/** StartTLS brings a socket of its own; `ldaps://` is yet to be connected. */
function connectSecurely(to: Parameters<typeof connectTls>, lookup: LookupFunction): TLSSocket {
  const [port, host, options] = to as unknown as [number, string, ConnectionOptions | undefined];
  return typeof port === 'number' ? connectTls({ ...options, port, host, lookup, noDelay: true } as ConnectionOptions) : connectTls(...to);
}

function createClient(address: LdapAddress, sockets: Socket[]): Client {
  const lookup = guardedLookup(address.network) as LookupFunction;
  const keep = <T extends Socket>(socket: T): T => {
    sockets.push(socket);
    return socket;
  };
  const isSecure = /^ldaps:/i.test(address.url);
  return new Client({
    url: address.url,
    createConnection: ((port: number, host: string) => keep(connectTcp({ port, host, lookup, noDelay: true }))) as typeof connectTcp,
    createSecureConnection: ((...to: Parameters<typeof connectTls>) => keep(connectSecurely(to, lookup))) as typeof connectTls,
    // ldapts would speak TLS at once on an ldap:// address that has any TLS option.
    ...(isSecure ? { tlsOptions: tlsOptions(address.url, address.tls) } : {}),
  });
}

function tlsOptions(url: string, { ca, serverName, rejectUnauthorized }: LdapAddress['tls']): ConnectionOptions {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  const name = serverName ?? (isIP(host) ? null : host);
  return { host, minVersion: 'TLSv1.2', rejectUnauthorized, ...(ca ? { ca } : {}), ...(name ? { servername: name } : {}) };
}

function searchRequest(
  { base, scope, filter, attributes }: SearchQuery,
  messageId: number,
  control: PagedResultsControl | null,
): SearchRequest {
  const controls = control ? [control] : [];
  return new SearchRequest({ messageId, baseDN: base, scope, filter, attributes: [...attributes], timeLimit: 0, sizeLimit: 0, controls });
}

function entryOf(entry: SearchEntry): LdapEntry {
  return { dn: entry.name, attributes: entry.attributes.map(({ type, parsedBuffers }) => ({ name: type, values: parsedBuffers })) };
}

function cookieOf(answer: SearchResponse): Buffer | null {
  const control = answer.controls?.find((one) => one instanceof PagedResultsControl);
  const cookie = control?.value?.cookie;
  return cookie && cookie.length > 0 ? cookie : null;
}

/** Runs one exchange; when it fails, takes too long or is interrupted, the connection is given up. */
async function guard<T>(
  work: () => Promise<T>,
  timeoutMs: number,
  signal: AbortSignal,
  close: () => Promise<void>,
  failed: (error: unknown) => ConnectorError,
): Promise<T> {
  if (signal.aborted) throw interrupted(signal);
  const ending = new AbortController();
  try {
    return await Promise.race([work(), outOfTime(timeoutMs, ending.signal), abortOf(signal, ending.signal)]);
  } catch (error) {
    await close();
    throw failed(error);
  } finally {
    ending.abort();
  }
}

function outOfTime(timeoutMs: number, ending: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const timer = setTimeout(() => reject(new Error('Operation timed out')), timeoutMs);
    ending.addEventListener('abort', () => clearTimeout(timer));
  });
}

function abortOf(signal: AbortSignal, ending: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(interrupted(signal)), { once: true, signal: ending });
  });
}

/** What the server says may repeat what it was told: the words are kept, without the password. */
function asConnectorError(error: unknown, secrets: readonly string[]): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const refused = refusalIn(error);
  if (refused) return refused;
  const facts = classifyLdapError(error);
  const words = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new ConnectorError({ ...facts, message: masked(facts.message, secrets) }, { cause: new Error(masked(words, secrets)) });
}

function interrupted(signal: AbortSignal): ConnectorError {
  return new ConnectorError({ kind: 'unavailable', code: 'interrupted', message: 'the request was interrupted' }, { cause: signal.reason });
}
