import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { type AttributeValue, durationMs } from '@provident/domain';

import type {
  MembershipPage,
  MembershipReading,
  ObjectTypeDescription,
  OpenOptions,
  SourceConnector,
  SourceCursor,
  SourceFactory,
  SourceObject,
  SourcePage,
  SourceRead,
  SourceReading,
  SystemDescription,
} from '../connector.js';
import { ConnectorError } from '../connector-error.js';
import { assertAllowed, localNetwork } from '../network/guarded-lookup.js';
import { ConnectorSecret } from '../shared/secrets.js';
import { type Branch, branchesOf, planOf, queryOf } from './branch.js';
import { type LdapAddress, type LdapSession, openSession } from './client.js';
import type { LdapSourceConfig } from './config.js';
import { DnResolver } from './dn-resolver.js';
import { readEntry } from './entries.js';
import { readMemberships } from './memberships.js';
import { changedSince, readPages, surveyChanges, withAnchors } from './reading.js';
import { askServer, type LdapServer } from './server.js';
import { readAttributes } from './subschema.js';
import { parseWatermark, readFrom, rulesOf, type Watermark } from './watermark.js';

/** People and groups from an LDAP directory: changes by their time stamps, and everything from time to time. */
export const ldapSource: SourceFactory<LdapSourceConfig> = {
  name: 'ldap',
  async open(config, options) {
    const address = addressesOf(config, options);
    assertAllowed(config.url, options.network ?? localNetwork);
    await address(); // what is missing is found out before anything is begun
    return new LdapSource(config, address, branchesOf(config));
  },
};

interface Connection {
  readonly session: LdapSession;
  readonly server: LdapServer;
}

class LdapSource implements SourceConnector {
  private opened: Connection | null = null;
  private opening: Promise<Connection> | null = null;

  constructor(
    private readonly config: LdapSourceConfig,
    /** Where to connect, with the password as it is now. */
    private readonly address: () => Promise<LdapAddress>,
    private readonly branches: ReadonlyMap<string, Branch>,
  ) {}

  async describe(signal: AbortSignal): Promise<SystemDescription> {
    const { session, server } = await this.connection(signal);
    const trust = this.config.tls.rejectUnauthorized ? '' : ', certificate not checked';
    const objectTypes: ObjectTypeDescription[] = [];
    for (const branch of this.branches.values()) {
      const attributes = await readAttributes(session, queryOf(branch, []), server.subschema, signal);
      objectTypes.push({ name: branch.type, attributes, complete: false });
    }
    return { name: `LDAP directory (${new URL(this.config.url).host}${trust})`, objectTypes };
  }

  async read(request: SourceRead, signal: AbortSignal): Promise<SourceReading> {
    const branch = this.branch(request.objectType);
    const { config } = this;
    const connection = await this.connection(signal);
    const { session, server } = connection;
    const now = new Date();
    const plan = planOf(branch, request.attributes, config.binary, server);
    const rules = rulesOf([
      config.url,
      branch.base,
      branch.scope,
      branch.filterText,
      plan.anchor,
      config.binary,
      [...request.attributes].sort(),
      ...(config.references.length > 0 ? [config.references] : []),
    ]);
    const before = parseWatermark(request.watermark);
    const since = readFrom(before, rules, now, durationMs(config.fullReadEvery));

    const all = queryOf(branch, [...request.attributes, plan.anchor]);
    const query = since === null ? all : { ...all, filter: changedSince(branch.filter, since, server) };
    const pageSize = Math.min(request.pageSize, config.pageSize);
    const survey =
      server.now === null
        ? await surveyChanges(session, { ...query, attributes: [] }, pageSize, server, signal)
        : { total: null, latest: server.now };
    const watermark: Watermark = {
      changedUpTo: survey.latest ?? since,
      fullReadAt: since === null || !before ? now.toISOString() : before.fullReadAt,
      rules,
    };
    const hasUniqueAnchors = plan.anchor.toLowerCase() === server.anchor.toLowerCase();
    const pages = readPages({ session, query, people: branch.filter, plan, hasUniqueAnchors, pageSize, watermark }, signal);
    return {
      kind: since === null ? 'snapshot' : 'delta',
      total: survey.total,
      pages: this.withAnchors(pages, this.resolver(connection), signal),
    };
  }

  async find(type: string, anchor: string, attributes: readonly string[], signal: AbortSignal): Promise<SourceObject | null> {
    const branch = this.branch(type);
    const connection = await this.connection(signal);
    const { session, server } = connection;
    const plan = planOf(branch, attributes, this.config.binary, server);
    const query = { ...queryOf(branch, [...attributes, plan.anchor]), filter: withAnchors(branch.filter, plan.anchor, [anchor]) };
    const [entry, another] = await session.search(query, signal);
    if (!entry) return null;
    if (another) throw rejected('repeated-anchor', `more than one entry has this value of "${plan.anchor}": ${entry.dn}, ${another.dn}`);
    const row = readEntry(entry, plan);
    if ('object' in row) return this.withAnchorsIn(row.object, this.resolver(connection), signal);
    throw rejected(row.failure.code, `${row.failure.message} (${row.failure.place})`);
  }

  async readMembers(watermark: SourceCursor | null, signal: AbortSignal, deltas = false): Promise<MembershipReading> {
    const groups = this.branches.get('group');
    if (!groups) return { kind: 'none', watermark: {}, pages: noPages() };
    const connection = await this.connection(signal);
    const resolver = this.resolver(connection);
    return readMemberships(
      { ...connection, resolver, config: this.config, people: this.branch('user'), groups },
      watermark,
      signal,
      deltas,
    );
  }

  async close(): Promise<void> {
    await this.opened?.session.close();
    this.opened = null;
  }

  private async *withAnchors(pages: AsyncIterable<SourcePage>, resolver: DnResolver, signal: AbortSignal): AsyncGenerator<SourcePage> {
    for await (const page of pages) {
      const objects: SourceObject[] = [];
      for (const object of page.objects) objects.push(await this.withAnchorsIn(object, resolver, signal));
      yield { ...page, objects };
    }
  }

  /** Names of other entries become their anchors; one that leads nowhere stays as it is. */
  private async withAnchorsIn(object: SourceObject, resolver: DnResolver, signal: AbortSignal): Promise<SourceObject> {
    const references = new Set(this.config.references.map((name) => name.toLowerCase()));
    const attributes: Record<string, AttributeValue> = { ...object.attributes };
    for (const [name, value] of Object.entries(object.attributes)) {
      if (!references.has(name.toLowerCase())) continue;
      const names = [value].flat().filter((each) => typeof each === 'string');
      const anchors = await Promise.all(names.map(async (dn) => (await resolver.resolve(dn, signal))?.anchor ?? dn));
      attributes[name] = anchors.length === 1 ? anchors[0]! : anchors;
    }
    return { ...object, attributes };
  }

  /** The connection at hand, or a new one when there is none or it broke between two requests. */
  private async connection(signal: AbortSignal): Promise<Connection> {
    if (this.opened?.session.isAlive()) return this.opened;
    this.opening ??= this.connect(signal).finally(() => {
      this.opening = null;
    });
    this.opened = await this.opening;
    return this.opened;
  }

  /** One for each read: an entry may get another name at any time. */
  private resolver({ session, server }: Connection): DnResolver {
    return new DnResolver(session, server, [...this.branches.values()]);
  }

  private branch(type: string): Branch {
    const branch = this.branches.get(type);
    if (branch) return branch;
    const held = [...this.branches.keys()].map((name) => `"${name}"`).join(' and ');
    const remedy = type === 'group' ? '; say in "groups" where they are' : '';
    throw new ConnectorError({
      kind: 'misconfigured',
      code: 'unknown-object-type',
      message: `this LDAP source holds ${held} objects, not "${type}"${remedy}`,
    });
  }

  private async connect(signal: AbortSignal): Promise<Connection> {
    const session = await openSession(await this.address(), signal);
    try {
      return { session, server: await askServer(session, signal) };
    } catch (error) {
      await session.close();
      throw error;
    }
  }
}

function addressesOf(config: LdapSourceConfig, options: OpenOptions): () => Promise<LdapAddress> {
  const { ca, serverName, rejectUnauthorized } = config.tls;
  const password = config.password && new ConnectorSecret(config.password, options);
  return async () => ({
    url: config.url,
    network: options.network ?? localNetwork,
    startTls: config.startTls,
    tls: {
      ca: ca === undefined ? null : await readCa(ca, options.baseDir),
      serverName: serverName ?? null,
      rejectUnauthorized,
    },
    login: config.bindDn === undefined ? null : { dn: config.bindDn, password: (await password?.value()) ?? '' },
    connectTimeoutMs: durationMs(config.connectTimeout),
    operationTimeoutMs: config.operationTimeout === undefined ? options.timeoutMs : durationMs(config.operationTimeout),
  });
}

async function readCa(path: string, baseDir: string): Promise<string> {
  return readFile(resolve(baseDir, path), 'utf8').catch((cause: unknown) => {
    throw new ConnectorError(
      { kind: 'misconfigured', code: 'ldap-ca-unreadable', message: `the certificate file ${path} cannot be read` },
      { cause },
    );
  });
}

function rejected(code: string, message: string): ConnectorError {
  return new ConnectorError({ kind: 'rejected', code, message });
}

async function* noPages(): AsyncGenerator<MembershipPage> {}
