import { randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import express, { type Request } from 'express';
import { Resources, Schemas, Types } from 'scimmy';
import { SCIMMYRouters } from 'scimmy-routers';

export interface ScimmyTargetOptions {
  /** Port on 127.0.0.1; a free one by default. */
  readonly port?: number;
  /** Bearer token that requests must carry. */
  readonly token: string;
  /** JSON file that keeps the users over restarts. */
  readonly file?: string;
  /** Time that every request takes at least. */
  readonly latencyMs?: number;
  /** Words with which a user of this name is refused, or null to take it. */
  readonly rejectUserName?: (userName: string) => string | null;
}

export interface ScimmyTarget {
  /** Base address of the SCIM service. */
  readonly url: string;
  readonly requests: number;
  /** The users as they are now, in the order of their creation. */
  users(): ScimmyUser[];
  close(): Promise<void>;
}

/** A user as SCIM writes it. */
export type ScimmyUser = { id: string; userName: string; externalId?: string } & Record<string, unknown>;

/**
 * A strict SCIM 2.0 service of its own: SCIMMY with its Express routers over a store in memory.
 * Knows users with the enterprise extension; a user name is unique, whatever its letter case.
 */
export async function startScimmyTarget(options: ScimmyTargetOptions): Promise<ScimmyTarget> {
  const store = new UserStore(options);
  await store.load();
  declareUsers();
  let requests = 0;
  const app = express().disable('x-powered-by');
  app.use(async (request, _response, next) => {
    requests += 1;
    // Express 5 parses the query anew at every access; SCIMMY's routers want to write numbers into it.
    Object.defineProperty(request, 'query', { value: readQuery(request), writable: true });
    if (options.latencyMs) await pause(options.latencyMs);
    next();
  });
  app.use('/scim', routers(store, options.token));
  const server = await listen(app, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/scim`,
    get requests() {
      return requests;
    },
    users: () => store.all(),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await store.flush();
    },
  };
}

const routers = (store: UserStore, token: string) =>
  new SCIMMYRouters({
    type: 'bearer',
    handler(request) {
      if (request.header('authorization') !== `Bearer ${token}`) throw new Error('The bearer token is missing or wrong.');
      return 'provident';
    },
    context: () => store,
  });

function listen(app: express.Express, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = app.listen(port, '127.0.0.1', (error?: Error) => (error ? reject(error) : resolve(server)));
  });
}

// SCIMMY holds its declarations per process: they are made once, and the store comes along with each request.
let isDeclared = false;

function declareUsers(): void {
  if (isDeclared) return;
  isDeclared = true;
  Schemas.User.extend(Schemas.EnterpriseUser as never, false);
  Resources.declare(Resources.User)
    .ingress((resource, instance, store: UserStore) => store.save(resource.id, JSON.parse(JSON.stringify(instance))) as never)
    .egress((resource, store: UserStore) => (resource.id ? store.get(resource.id) : store.search(resource as unknown as Query)) as never)
    .degress((resource, store: UserStore) => store.remove(resource.id!));
}

// ---------------------------------------------------------------- store

interface Query {
  readonly filter?: readonly Expression[] & { match(values: ScimmyUser[]): ScimmyUser[] };
  readonly constraints?: { startIndex?: number; count?: number; totalResults?: number; sortBy?: string };
}
type Expression = { readonly [attribute: string]: Expression | readonly unknown[] };

class UserStore {
  private readonly users = new Map<string, ScimmyUser>();
  private readonly byUserName = new Map<string, ScimmyUser>();
  private readonly byExternalId = new Map<string, Set<ScimmyUser>>();
  private order: ScimmyUser[] | null = null;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<unknown> = Promise.resolve();
  /** Why the last writing failed; the next one tries again, and closing tells. */
  private failure: unknown;

  constructor(private readonly options: ScimmyTargetOptions) {}

  all(): ScimmyUser[] {
    return [...this.users.values()];
  }

  private inOrder(): readonly ScimmyUser[] {
    this.order ??= this.all();
    return this.order;
  }

  get(id: string): ScimmyUser {
    const user = this.users.get(id);
    if (user) return user;
    throw new Types.Error(404, null as never, `Resource ${id} not found`);
  }

  save(id: string | undefined, written: Record<string, unknown>): ScimmyUser {
    const old = id === undefined ? undefined : this.get(id);
    const userName = String(written['userName'] ?? '');
    const refusal = this.options.rejectUserName?.(userName);
    if (refusal) throw new Types.Error(400, 'invalidValue', refusal);
    const holder = this.byUserName.get(userName.toLowerCase());
    if (holder && holder !== old) throw new Types.Error(409, 'uniqueness', `A user with the userName '${userName}' exists already.`);
    const now = new Date().toISOString();
    const user = {
      ...written,
      id: old?.id ?? randomUUID(),
      userName,
      meta: { resourceType: 'User', created: metaOf(old)['created'] ?? now, lastModified: now },
    };
    if (old) this.unindex(old);
    this.users.set(user.id, user);
    this.index(user);
    this.touch();
    return user;
  }

  remove(id: string): void {
    this.unindex(this.get(id));
    this.users.delete(id);
    this.touch();
  }

  /** Only the asked page, for SCIMMY makes an instance of everything it is given; it learns the total on the side. */
  search({ filter, constraints }: Query): readonly ScimmyUser[] {
    const found = filter ? this.matching(filter) : this.inOrder();
    if (!constraints || constraints.sortBy !== undefined) return [...found];
    const { startIndex = 1, count = 20 } = constraints;
    constraints.totalResults = found.length;
    const page = found.slice(startIndex - 1, startIndex - 1 + count);
    if (startIndex === 1 || page.length < startIndex) return page;
    // From here on SCIMMY cuts the page out itself, unless the lengths happen to add up to the total.
    const upTo = startIndex - 1 + count;
    return found.slice(0, upTo + (upTo + startIndex - 1 === constraints.totalResults ? 1 : 0));
  }

  private matching(filter: NonNullable<Query['filter']>): ScimmyUser[] {
    const expressions = filter.map(unmask);
    const [only, ...others] = expressions;
    const asked = others.length === 0 && only ? equality(only) : null;
    if (asked?.attribute === 'username') return [this.byUserName.get(asked.value.toLowerCase()) ?? []].flat();
    if (asked?.attribute === 'externalid') return [...(this.byExternalId.get(asked.value) ?? [])];
    if (asked?.attribute === 'id') return [this.users.get(asked.value) ?? []].flat();
    return new Types.Filter(expressions as never).match(this.inOrder() as never) as never;
  }

  private index(user: ScimmyUser): void {
    this.byUserName.set(user.userName.toLowerCase(), user);
    if (user.externalId === undefined) return;
    const others = this.byExternalId.get(user.externalId);
    if (others) others.add(user);
    else this.byExternalId.set(user.externalId, new Set([user]));
  }

  private unindex(user: ScimmyUser): void {
    this.byUserName.delete(user.userName.toLowerCase());
    const others = user.externalId === undefined ? undefined : this.byExternalId.get(user.externalId);
    others?.delete(user);
    if (others?.size === 0) this.byExternalId.delete(user.externalId!);
  }

  // ---------------------------------------------------------------- file

  async load(): Promise<void> {
    if (this.options.file === undefined) return;
    const text = await readFile(this.options.file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '[]';
      throw error;
    });
    for (const user of JSON.parse(text) as ScimmyUser[]) {
      this.users.set(user.id, user);
      this.index(user);
    }
  }

  async flush(): Promise<void> {
    if (this.timer) this.write();
    await this.writing;
    if (this.failure !== undefined) throw this.failure as Error;
  }

  private touch(): void {
    this.order = null;
    if (this.options.file !== undefined) this.timer ??= setTimeout(() => this.write(), 250);
  }

  private write(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const file = this.options.file!;
    this.writing = this.writing
      .then(() => replaceFile(file, JSON.stringify(this.all(), null, 1)))
      .then(
        () => (this.failure = undefined),
        (error: unknown) => (this.failure = error),
      );
  }
}

/** A reader sees the old file or the new one, never half of it. */
async function replaceFile(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

const metaOf = (user: ScimmyUser | undefined): Record<string, unknown> => (user?.['meta'] ?? {}) as Record<string, unknown>;

/** The attribute and the text of a filter that is nothing but `attribute eq "text"`. */
function equality(expression: Expression): { attribute: string; value: string } | null {
  const [[attribute, test] = ['', []], ...others] = Object.entries(expression);
  if (others.length > 0 || !Array.isArray(test) || test.length !== 2 || test[0] !== 'eq' || typeof test[1] !== 'string') return null;
  return { attribute: attribute.toLowerCase(), value: test[1] };
}

// ---------------------------------------------------------------- query

const mask = '\ue000';

/** SCIMMY's filter parser takes no backslash in a text, and loses its way at brackets in one: such texts travel through it in disguise. */
function readQuery(request: Request): Record<string, unknown> {
  const query: Record<string, unknown> = { ...request.query };
  const { filter } = query;
  if (typeof filter === 'string')
    query['filter'] = filter.replace(/"(?:[^"\\]|\\.)*"/gs, (text) => (/[\\()[\]]/.test(text) ? masked(text) : text));
  return query;
}

function masked(literal: string): string {
  try {
    return `"${mask}${Buffer.from(JSON.parse(literal) as string).toString('base64url')}"`;
  } catch {
    return literal;
  }
}

function unmask(expression: Expression): Expression {
  const plain = (value: unknown): unknown => {
    if (typeof value === 'string') return value.startsWith(mask) ? Buffer.from(value.slice(1), 'base64url').toString() : value;
    if (Array.isArray(value)) return value.map(plain);
    return typeof value === 'object' && value !== null ? unmask(value as Expression) : value;
  };
  return Object.fromEntries(Object.entries(expression).map(([key, value]) => [key, plain(value)])) as Expression;
}
