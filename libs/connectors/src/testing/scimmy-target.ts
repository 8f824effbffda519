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
  /** JSON file that keeps the users and groups over restarts. */
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
  /** The groups as they are now, in the order of their creation. */
  groups(): ScimmyGroup[];
  close(): Promise<void>;
}

/** A user as SCIM writes it. */
export type ScimmyUser = { id: string; userName: string; externalId?: string } & Record<string, unknown>;

/** A group as SCIM writes it. */
export type ScimmyGroup = { id: string; displayName: string; externalId?: string; members?: { value: string }[] } & Record<string, unknown>;

/**
 * A strict SCIM 2.0 service of its own: SCIMMY with its Express routers over a store in memory.
 * Knows users with the enterprise extension, and groups; the names of both are unique, whatever their letter case.
 */
export async function startScimmyTarget(options: ScimmyTargetOptions): Promise<ScimmyTarget> {
  const stores = new Stores(options);
  await stores.load();
  declareTypes();
  let requests = 0;
  const app = express().disable('x-powered-by');
  app.use(async (request, _response, next) => {
    requests += 1;
    // Express 5 parses the query anew at every access; SCIMMY's routers want to write numbers into it.
    Object.defineProperty(request, 'query', { value: readQuery(request), writable: true });
    if (options.latencyMs) await pause(options.latencyMs);
    next();
  });
  app.use('/scim', routers(stores, options.token));
  const server = await listen(app, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/scim`,
    get requests() {
      return requests;
    },
    users: () => stores.users.all() as ScimmyUser[],
    groups: () => stores.groups.all() as ScimmyGroup[],
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await stores.flush();
    },
  };
}

const routers = (stores: Stores, token: string) =>
  new SCIMMYRouters({
    type: 'bearer',
    handler(request) {
      if (request.header('authorization') !== `Bearer ${token}`) throw new Error('The bearer token is missing or wrong.');
      return 'provident';
    },
    context: () => stores,
  });

function listen(app: express.Express, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = app.listen(port, '127.0.0.1', (error?: Error) => (error ? reject(error) : resolve(server)));
  });
}

// SCIMMY holds its declarations per process: they are made once, and the store comes along with each request.
let isDeclared = false;

function declareTypes(): void {
  if (isDeclared) return;
  isDeclared = true;
  Schemas.User.extend(Schemas.EnterpriseUser as never, false);
  Resources.declare(Resources.User)
    .ingress((resource, instance, { users }: Stores) => users.save(resource.id, plain(instance)) as never)
    .egress((resource, { users }: Stores) => users.find(resource) as never)
    .degress((resource, stores: Stores) => stores.removeUser(resource.id!));
  Resources.declare(Resources.Group)
    .ingress((resource, instance, { groups }: Stores) => groups.save(resource.id, withEachOnce(plain(instance))) as never)
    .egress((resource, { groups }: Stores) => groups.find(resource) as never)
    .degress((resource, stores: Stores) => stores.removeGroup(resource.id!));
}

/** SCIMMY appends members that are added; a group is a set of them. */
function withEachOnce(group: Record<string, unknown>): Record<string, unknown> {
  const members = group['members'] as { value: string }[] | undefined;
  return members ? { ...group, members: [...new Map(members.map((member) => [member.value, member])).values()] } : group;
}

const plain = (instance: unknown): Record<string, unknown> => JSON.parse(JSON.stringify(instance)) as Record<string, unknown>;

// ---------------------------------------------------------------- store

interface Query {
  readonly filter?: readonly Expression[] & { match(values: Resource[]): Resource[] };
  readonly constraints?: { startIndex?: number; count?: number; totalResults?: number; sortBy?: string };
}
type Expression = { readonly [attribute: string]: Expression | readonly unknown[] };

type Resource = { id: string; externalId?: string } & Record<string, unknown>;

interface StoreOptions {
  readonly type: 'User' | 'Group';
  /** Attribute that is unique among them. */
  readonly key: 'userName' | 'displayName';
  /** Why one of that name is refused, if it is. */
  readonly refuse: (name: string) => string | null;
  readonly changed: () => void;
}

/** Resources of one type. */
class ResourceStore {
  private readonly resources = new Map<string, Resource>();
  private readonly byName = new Map<string, Resource>();
  private readonly byExternalId = new Map<string, Set<Resource>>();
  private order: Resource[] | null = null;

  constructor(private readonly options: StoreOptions) {}

  all(): Resource[] {
    return [...this.resources.values()];
  }

  find(asked: { readonly id?: string | undefined }): Resource | readonly Resource[] {
    return asked.id ? this.get(asked.id) : this.search(asked as unknown as Query);
  }

  put(resource: Resource): void {
    this.resources.set(resource.id, resource);
    this.index(resource);
    this.order = null;
  }

  private inOrder(): readonly Resource[] {
    this.order ??= this.all();
    return this.order;
  }

  get(id: string): Resource {
    const resource = this.resources.get(id);
    if (resource) return resource;
    throw new Types.Error(404, null as never, `Resource ${id} not found`);
  }

  save(id: string | undefined, written: Record<string, unknown>): Resource {
    const { key, type, refuse } = this.options;
    const old = id === undefined ? undefined : this.get(id);
    const name = String(written[key] ?? '');
    const refusal = refuse(name);
    if (refusal) throw new Types.Error(400, 'invalidValue', refusal);
    const holder = this.byName.get(name.toLowerCase());
    if (holder && holder !== old)
      throw new Types.Error(409, 'uniqueness', `A ${type.toLowerCase()} with the ${key} '${name}' exists already.`);
    const now = new Date().toISOString();
    const resource = {
      ...written,
      id: old?.id ?? randomUUID(),
      [key]: name,
      meta: { resourceType: type, created: metaOf(old)['created'] ?? now, lastModified: now },
    };
    if (old) this.unindex(old);
    this.put(resource);
    this.options.changed();
    return resource;
  }

  remove(id: string): void {
    this.unindex(this.get(id));
    this.resources.delete(id);
    this.order = null;
    this.options.changed();
  }

  /** Takes somebody who is no more out of every group. */
  forgetMember(id: string): void {
    for (const group of this.resources.values()) {
      const members = group['members'] as { value: string }[] | undefined;
      if (members?.some(({ value }) => value === id)) group['members'] = members.filter(({ value }) => value !== id);
    }
  }

  /** Only the asked page, for SCIMMY makes an instance of everything it is given; it learns the total on the side. */
  search({ filter, constraints }: Query): readonly Resource[] {
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

  private matching(filter: NonNullable<Query['filter']>): Resource[] {
    const expressions = filter.map(unmask);
    const [only, ...others] = expressions;
    const asked = others.length === 0 && only ? equality(only) : null;
    if (asked?.attribute === this.options.key.toLowerCase()) return [this.byName.get(asked.value.toLowerCase()) ?? []].flat();
    if (asked?.attribute === 'externalid') return [...(this.byExternalId.get(asked.value) ?? [])];
    if (asked?.attribute === 'id') return [this.resources.get(asked.value) ?? []].flat();
    return new Types.Filter(expressions as never).match(this.inOrder() as never) as never;
  }

  private index(resource: Resource): void {
    this.byName.set(this.nameOf(resource), resource);
    if (resource.externalId === undefined) return;
    const others = this.byExternalId.get(resource.externalId);
    if (others) others.add(resource);
    else this.byExternalId.set(resource.externalId, new Set([resource]));
  }

  private unindex(resource: Resource): void {
    this.byName.delete(this.nameOf(resource));
    const others = resource.externalId === undefined ? undefined : this.byExternalId.get(resource.externalId);
    others?.delete(resource);
    if (others?.size === 0) this.byExternalId.delete(resource.externalId!);
  }

  private nameOf(resource: Resource): string {
    return String(resource[this.options.key]).toLowerCase();
  }
}

/** Users and groups, kept in one file. */
class Stores {
  readonly users: ResourceStore;
  readonly groups: ResourceStore;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<unknown> = Promise.resolve();
  /** Why the last writing failed; the next one tries again, and closing tells. */
  private failure: unknown;

  constructor(private readonly options: ScimmyTargetOptions) {
    const changed = () => this.touch();
    this.users = new ResourceStore({ type: 'User', key: 'userName', refuse: (name) => options.rejectUserName?.(name) ?? null, changed });
    this.groups = new ResourceStore({ type: 'Group', key: 'displayName', refuse: () => null, changed });
  }

  removeUser(id: string): void {
    this.users.remove(id);
    this.groups.forgetMember(id);
  }

  removeGroup(id: string): void {
    this.groups.remove(id);
    this.groups.forgetMember(id);
  }

  async load(): Promise<void> {
    if (this.options.file === undefined) return;
    const text = await readFile(this.options.file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '[]';
      throw error;
    });
    for (const resource of JSON.parse(text) as Resource[]) {
      const store = metaOf(resource)['resourceType'] === 'Group' ? this.groups : this.users;
      store.put(resource);
    }
  }

  async flush(): Promise<void> {
    if (this.timer) this.write();
    await this.writing;
    if (this.failure !== undefined) throw this.failure as Error;
  }

  private touch(): void {
    if (this.options.file !== undefined) this.timer ??= setTimeout(() => this.write(), 250);
  }

  private write(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const file = this.options.file!;
    this.writing = this.writing
      .then(() => replaceFile(file, JSON.stringify([...this.users.all(), ...this.groups.all()], null, 1)))
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

const metaOf = (resource: Resource | undefined): Record<string, unknown> => (resource?.['meta'] ?? {}) as Record<string, unknown>;

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
