import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { playFault, type QuirkFault } from './quirk-faults.js';
import { type QuirkUser, Refusal } from './quirk-patch.js';
import { QuirkStore } from './quirk-store.js';

type Json = Record<string, unknown>;

/** Habits of servers that were seen in the wild; all off by default, which leaves a strict server. */
export interface Quirks {
  /** Status that every PATCH is refused with, such as 405. */
  readonly patchStatus?: number;
  /** Whether ServiceProviderConfig says that there is no PATCH. */
  readonly declaresNoPatch?: boolean;
  /** `active` is changed only by an operation without a path. */
  readonly bareActiveOnly?: boolean;
  /** Members are taken out of groups by a list beside the path `members`, and in no other way. */
  readonly removesMembersByValue?: boolean;
  /** Members that one PATCH may name at most. */
  readonly maxMembers?: number;
  /** Adding somebody who is a member already is a conflict. */
  readonly conflictsOnMembers?: boolean;
  /** PATCH answers with the account and has changed nothing. */
  readonly patchDoesNothing?: boolean;
  readonly filter?: 'ignored' | '404-when-empty' | 'any-letter-case-and-more';
  /** Filters with `[type eq …]` are refused. */
  readonly plainFiltersOnly?: boolean;
  /** Attributes that no filter may name. */
  readonly unfilterable?: readonly string[];
  /**
   * `ignored`: everything is sent each time. `stuck`: every page is the first. `moves-up`, `moves-down`: an object before the page went, or came, since the
   * page before it.
   */
  readonly paging?: 'ignored' | 'stuck' | 'moves-up' | 'moves-down';
  /** Objects per page at most, whatever is asked for. */
  readonly maxPage?: number;
  readonly totalIsPageSize?: boolean;
  readonly omitsEmptyResources?: boolean;
  readonly lowerCaseKeys?: boolean;
  readonly numericIds?: boolean;
  /** Attributes that no answer shows. */
  readonly hidden?: readonly string[];
  /** What a creation answers with besides the user. */
  readonly created?: '200' | 'location-only' | 'nothing';
  /** Discovery addresses answer 404. */
  readonly noDiscovery?: boolean;
  /** 404 answers are an HTML page instead of a SCIM error. */
  readonly htmlNotFound?: boolean;
  /** Ids are this text and a number, so that they need escaping in addresses. */
  readonly idPrefix?: string;
}

export interface QuirkServerOptions {
  readonly port?: number;
  /** Bearer token that requests must carry; any by default. */
  readonly token?: string;
  readonly quirks?: Quirks;
  /** No journal, no faults, no quirks, no check of the token: as little work per request as can be, for benchmarks. */
  readonly fast?: boolean;
}

export interface JournalEntry {
  readonly method: string;
  /** Path and query as they came. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Json | null;
}

export interface QuirkScimServer {
  readonly url: string;
  readonly journal: JournalEntry[];
  users(): readonly QuirkUser[];
  groups(): readonly QuirkUser[];
  /** Puts a user into the store without a request. */
  add(user: Json): QuirkUser;
  /** What goes wrong from now on; the first that matches and is not used up is played. */
  fail(...faults: QuirkFault[]): void;
  /** Other habits from now on. */
  behave(quirks: Quirks): void;
  close(): Promise<void>;
}

const scimJson = { 'content-type': 'application/scim+json' };
const listUrn = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
const errorUrn = 'urn:ietf:params:scim:api:messages:2.0:Error';

/** A SCIM server on plain node:http that can be told to misbehave. */
export async function startQuirkScimServer(options: QuirkServerOptions = {}): Promise<QuirkScimServer> {
  const state = new QuirkState(options);
  const server = createServer({ keepAliveTimeout: 30_000 }, (request, response) =>
    state.serve(request, response).catch(() => response.destroy()),
  );
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/scim/v2`,
    journal: state.journal,
    users: () => state.store.all(),
    groups: () => state.groups.all(),
    add: (user) => state.store.create(user),
    fail: (...faults) => void state.faults.push(...faults),
    behave(quirks) {
      state.quirks = quirks;
    },
    close: () => closeServer(server),
  };
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

type Endpoint = '/Users' | '/Groups';

interface Answer {
  readonly status: number;
  readonly body?: Json | string;
  readonly location?: string;
}

class QuirkState {
  readonly journal: JournalEntry[] = [];
  readonly faults: QuirkFault[] = [];
  quirks: Quirks;
  readonly store: QuirkStore;
  readonly groups: QuirkStore;

  constructor(private readonly options: QuirkServerOptions) {
    this.quirks = options.quirks ?? {};
    const idsFrom = (letter: string) => (count: number) =>
      `${this.quirks.idPrefix ?? (this.quirks.numericIds ? '' : `${letter}-`)}${count}`;
    this.store = new QuirkStore(idsFrom('u'));
    this.groups = new QuirkStore(idsFrom('g'), 'displayName');
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method!;
    const url = request.url!;
    const body = method === 'GET' || method === 'DELETE' ? null : await readJson(request);
    if (this.options.fast) return send(response, this.answer(method, url, body));
    this.journal.push({ method, url, headers: request.headers, body });
    const fault = this.faults.find((candidate) => candidate.matches({ method, url }));
    const isAuthorized = this.options.token === undefined || request.headers.authorization === `Bearer ${this.options.token}`;
    const answer = (): Answer =>
      isAuthorized ? this.answer(method, url, body) : refusal(new Refusal(401, null, 'The token is not accepted.'));
    if (fault) await playFault(fault.action, request, response, () => textOf(answer()));
    else send(response, answer());
  }

  private answer(method: string, url: string, body: Json | null): Answer {
    try {
      const path = url.slice('/scim/v2'.length);
      if (path.startsWith('/Users')) return this.resources('/Users', method, path.slice('/Users'.length), body);
      if (path.startsWith('/Groups')) return this.resources('/Groups', method, path.slice('/Groups'.length), body);
      return this.discovery(path);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return error.status === 404 && this.quirks.htmlNotFound
        ? { status: 404, body: '<html><body>Cannot find this page</body></html>' }
        : refusal(error);
    }
  }

  private resources(endpoint: Endpoint, method: string, rest: string, body: Json | null): Answer {
    const store = this.storeOf(endpoint);
    const [place = '', text = ''] = rest.split('?', 2);
    const query = new URLSearchParams(text);
    if (!place.startsWith('/')) {
      if (method === 'POST') return this.created(endpoint, store.create(body ?? {}));
      return { status: 200, body: this.search(store, query) };
    }
    const id = decodeURIComponent(place.slice(1));
    if (method === 'GET') return { status: 200, body: this.show(store.get(id), query) };
    if (method === 'PUT') return { status: 200, body: this.show(store.replace(id, body ?? {})) };
    if (method === 'PATCH') return this.patched(endpoint, id, body ?? {});
    store.remove(id);
    this.groups.forgetMember(id);
    return { status: 204 };
  }

  private storeOf(endpoint: Endpoint): QuirkStore {
    return endpoint === '/Users' ? this.store : this.groups;
  }

  private created(endpoint: Endpoint, user: QuirkUser): Answer {
    const location = `/scim/v2${endpoint}/${encodeURIComponent(user.id)}`;
    const { created } = this.quirks;
    if (created === 'location-only') return { status: 201, location };
    return created === 'nothing' ? { status: 201 } : { status: created === '200' ? 200 : 201, location, body: this.show(user) };
  }

  private patched(endpoint: Endpoint, id: string, body: Json): Answer {
    const store = this.storeOf(endpoint);
    const { patchStatus, bareActiveOnly, patchDoesNothing } = this.quirks;
    if (patchStatus !== undefined) throw new Refusal(patchStatus, null, 'PATCH is not known here.');
    const operations = body['Operations'];
    if (bareActiveOnly && Array.isArray(operations) && operations.some((operation: Json) => operation['path'] === 'active'))
      throw new Refusal(400, 'invalidPath', 'active has no path');
    if (patchDoesNothing) return { status: 200, body: this.show(store.get(id)) };
    if (endpoint === '/Groups') this.patchGroup(id, body);
    else store.patch(id, body);
    return { status: 204 };
  }

  private patchGroup(id: string, body: Json): void {
    const { removesMembersByValue, maxMembers, conflictsOnMembers } = this.quirks;
    const operations = (Array.isArray(body['Operations']) ? body['Operations'] : []) as { op?: string; path?: string; value?: unknown }[];
    const members = (this.groups.get(id)['members'] ?? []) as { value: string }[];
    const named = operations.flatMap(({ path = '', value }) =>
      path.startsWith('members[') ? [path] : path === 'members' ? [value].flat() : [],
    );
    if (maxMembers !== undefined && named.length > maxMembers) throw new Refusal(413, 'tooMany', `at most ${maxMembers} members at once`);
    const known = new Set(members.map(({ value }) => value));
    if (
      conflictsOnMembers &&
      operations.some(({ op, value }) => op === 'add' && [value].flat().some((item) => known.has((item as Json)['value'] as string)))
    )
      throw new Refusal(409, 'uniqueness', 'a member already');
    if (!removesMembersByValue) return void this.groups.patch(id, body);
    if (operations.some(({ path }) => path?.startsWith('members['))) throw new Refusal(400, 'invalidPath', 'no filters in paths');
    const isRemoval = ({ op, path }: { op?: string; path?: string }): boolean => op === 'remove' && path === 'members';
    const leaving = new Set(operations.filter(isRemoval).flatMap(({ value }) => [value].flat().map((item) => (item as Json)['value'])));
    const others = operations.filter((operation) => !isRemoval(operation));
    if (others.length > 0) this.groups.patch(id, { ...body, Operations: others });
    const group = this.groups.get(id);
    group['members'] = ((group['members'] ?? []) as { value: string }[]).filter(({ value }) => !leaving.has(value));
  }

  private search(store: QuirkStore, query: URLSearchParams): Json {
    const filter = query.get('filter');
    const found = filter === null ? store.all() : this.filtered(store, filter);
    const start = Math.max(Number(query.get('startIndex') ?? 1), 1);
    const asked = Math.min(Number(query.get('count') ?? 100), this.quirks.maxPage ?? Number.POSITIVE_INFINITY);
    const { paging } = this.quirks;
    const first = firstOfPage(start, paging);
    const page = found.slice(first, paging === 'ignored' ? undefined : first + asked);
    const came = start > 1 && paging === 'moves-down' ? 1 : start > 1 && paging === 'moves-up' ? -1 : 0;
    const totalResults = this.quirks.totalIsPageSize ? page.length : found.length + came;
    const isBare = this.quirks.omitsEmptyResources && page.length === 0;
    return this.cased({
      schemas: [listUrn],
      totalResults,
      startIndex: start,
      itemsPerPage: page.length,
      ...(!isBare && { Resources: page.map((user) => this.show(user, query)) }),
    });
  }

  private filtered(store: QuirkStore, filter: string): readonly QuirkUser[] {
    const { plainFiltersOnly, unfilterable = [], filter: habit } = this.quirks;
    if (habit === 'ignored') return store.all();
    if (plainFiltersOnly && /^[^ ]*\[/.test(filter)) throw new Refusal(400, 'invalidFilter', 'no complex filters');
    if (unfilterable.some((attribute) => filter.startsWith(attribute)))
      throw new Refusal(400, 'invalidFilter', `cannot filter by ${filter.split(' ', 1)[0]!}`);
    const found = store.search(filter);
    if (habit === '404-when-empty' && found.length === 0) throw new Refusal(404, null, 'nothing found');
    if (habit !== 'any-letter-case-and-more' || found.length > 0 || filter.includes('provident-')) return found;
    return store.all().slice(0, 1);
  }

  private discovery(path: string): Answer {
    if (!path.startsWith('/ServiceProviderConfig') || this.quirks.noDiscovery) throw new Refusal(404, null, 'There is nothing here.');
    const body = {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
      patch: { supported: !this.quirks.declaresNoPatch },
      filter: { supported: true, maxResults: 200 },
    };
    return { status: 200, body };
  }

  private show(user: QuirkUser, query?: URLSearchParams): Json {
    const { hidden = [], numericIds } = this.quirks;
    const excluded = query?.get('excludedAttributes')?.split(',') ?? [];
    if (hidden.length + excluded.length === 0 && !numericIds) return user;
    const shown = Object.entries(user).filter(([key]) => !hidden.includes(key) && !excluded.includes(key));
    return Object.fromEntries(numericIds ? shown.map(([key, value]) => [key, key === 'id' ? Number(value) : value]) : shown);
  }

  private cased(list: Json): Json {
    return this.quirks.lowerCaseKeys ? Object.fromEntries(Object.entries(list).map(([key, value]) => [key.toLowerCase(), value])) : list;
  }
}

/** Index of the first object of a page. */
function firstOfPage(start: number, paging: Quirks['paging']): number {
  if (paging === 'ignored' || paging === 'stuck' || start === 1) return 0;
  return paging === 'moves-up' ? start : paging === 'moves-down' ? start - 2 : start - 1;
}

function refusal({ status, scimType, message }: Refusal): Answer {
  return { status, body: { schemas: [errorUrn], status: String(status), ...(scimType !== null && { scimType }), detail: message } };
}

function textOf({ status, body }: Answer): { status: number; text: string } {
  return { status, text: body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body) };
}

function send(response: ServerResponse, answer: Answer): void {
  const { status, text } = textOf(answer);
  const type = text.startsWith('<') ? { 'content-type': 'text/html' } : scimJson;
  const headers = {
    ...(text !== '' && type),
    'content-length': Buffer.byteLength(text),
    ...(answer.location !== undefined && { location: answer.location }),
  };
  response.writeHead(status, status === 204 ? undefined : headers);
  response.end(status === 204 ? undefined : text);
}

function readJson(request: IncomingMessage): Promise<Json | null> {
  return new Promise((resolve, reject) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => resolve(parsed(text)));
    request.on('error', reject);
  });
}

/** What cannot be read is taken for nothing, and refused as such. */
function parsed(text: string): Json | null {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}
