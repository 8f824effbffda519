import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { durationMs } from '@provident/domain';
import type { Filter } from 'ldapts';

import type {
  MembershipPage,
  MembershipReading,
  OpenOptions,
  SourceConnector,
  SourceFactory,
  SourceObject,
  SourceRead,
  SourceReading,
  SystemDescription,
} from '../connector.js';
import { ConnectorError } from '../connector-error.js';
import { resolveSecret } from '../shared/secrets.js';
import { type LdapAddress, type LdapSession, openSession, type SearchQuery } from './client.js';
import type { LdapSourceConfig } from './config.js';
import { binaryNames, type EntryPlan, readEntry } from './entries.js';
import { changedSince, parseFilter, readPages, surveyChanges, withAnchors } from './reading.js';
import { askServer, type LdapServer } from './server.js';
import { readAttributes } from './subschema.js';
import { parseWatermark, readFrom, rulesOf, type Watermark } from './watermark.js';

const objectType = 'user';

/** People from an LDAP directory: changes by their time stamps, and everything from time to time. */
export const ldapSource: SourceFactory<LdapSourceConfig> = {
  name: 'ldap',
  open: async (config, options) => new LdapSource(config, await addressOf(config, options), parseFilter(config.filter)),
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
    private readonly address: LdapAddress,
    private readonly people: Filter,
  ) {}

  async describe(signal: AbortSignal): Promise<SystemDescription> {
    const { session, server } = await this.connection(signal);
    const attributes = await readAttributes(session, this.query([]), server.subschema, signal);
    const trust = this.config.tls.rejectUnauthorized ? '' : ', certificate not checked';
    return {
      name: `LDAP directory (${new URL(this.config.url).host}${trust})`,
      objectTypes: [{ name: objectType, attributes, complete: false }],
    };
  }

  async read(request: SourceRead, signal: AbortSignal): Promise<SourceReading> {
    requireUser(request.objectType);
    const { config, people } = this;
    const { session, server } = await this.connection(signal);
    const now = new Date();
    const plan = this.plan(request.attributes, server);
    const rules = rulesOf([
      config.url,
      config.baseDn,
      config.scope,
      config.filter,
      plan.anchor,
      config.binary,
      [...request.attributes].sort(),
    ]);
    const before = parseWatermark(request.watermark);
    const since = readFrom(before, rules, now, durationMs(config.fullReadEvery));

    const all = this.query([...request.attributes, plan.anchor]);
    const query = since === null ? all : { ...all, filter: changedSince(people, since, server) };
    const pageSize = Math.min(request.pageSize, config.pageSize);
    const survey =
      server.now === null ? await surveyChanges(session, query, pageSize, server, signal) : { total: null, latest: server.now };
    const watermark: Watermark = {
      changedUpTo: survey.latest ?? since,
      fullReadAt: since === null || !before ? now.toISOString() : before.fullReadAt,
      rules,
    };
    const hasUniqueAnchors = plan.anchor.toLowerCase() === server.anchor.toLowerCase();
    const pages = readPages({ session, query, people, plan, hasUniqueAnchors, pageSize, watermark }, signal);
    return { kind: since === null ? 'snapshot' : 'delta', total: survey.total, pages };
  }

  async find(type: string, anchor: string, attributes: readonly string[], signal: AbortSignal): Promise<SourceObject | null> {
    requireUser(type);
    const { session, server } = await this.connection(signal);
    const plan = this.plan(attributes, server);
    const query = { ...this.query([...attributes, plan.anchor]), filter: withAnchors(this.people, plan.anchor, [anchor]) };
    const [entry, another] = await session.search(query, signal);
    if (!entry) return null;
    if (another) throw rejected('repeated-anchor', `more than one entry has this value of "${plan.anchor}": ${entry.dn}, ${another.dn}`);
    const row = readEntry(entry, plan);
    if ('object' in row) return row.object;
    throw rejected(row.failure.code, `${row.failure.message} (${row.failure.place})`);
  }

  async readMembers(): Promise<MembershipReading> {
    return { kind: 'none', watermark: {}, pages: noPages() };
  }

  async close(): Promise<void> {
    await this.opened?.session.close();
    this.opened = null;
  }

  /** The connection at hand, or a new one when there is none or it broke between two requests. */
  private async connection(signal: AbortSignal): Promise<Connection> {
    if (this.opened?.session.isAlive()) return this.opened;
    this.opening ??= connectTo(this.address, signal).finally(() => {
      this.opening = null;
    });
    this.opened = await this.opening;
    return this.opened;
  }

  private query(attributes: readonly string[]): SearchQuery {
    return { base: this.config.baseDn, scope: this.config.scope, filter: this.people, attributes };
  }

  private plan(attributes: readonly string[], server: LdapServer): EntryPlan {
    return { anchor: this.config.anchor ?? server.anchor, attributes, binary: binaryNames(this.config.binary) };
  }
}

async function connectTo(address: LdapAddress, signal: AbortSignal): Promise<Connection> {
  const session = await openSession(address, signal);
  try {
    return { session, server: await askServer(session, signal) };
  } catch (error) {
    await session.close();
    throw error;
  }
}

async function addressOf(config: LdapSourceConfig, { baseDir, timeoutMs }: OpenOptions): Promise<LdapAddress> {
  const { ca, serverName, rejectUnauthorized } = config.tls;
  const password = config.password ? await resolveSecret(config.password, baseDir) : '';
  return {
    url: config.url,
    startTls: config.startTls,
    tls: { ca: ca === undefined ? null : await readCa(ca, baseDir), serverName: serverName ?? null, rejectUnauthorized },
    login: config.bindDn === undefined ? null : { dn: config.bindDn, password },
    connectTimeoutMs: durationMs(config.connectTimeout),
    operationTimeoutMs: config.operationTimeout === undefined ? timeoutMs : durationMs(config.operationTimeout),
  };
}

async function readCa(path: string, baseDir: string): Promise<string> {
  return readFile(resolve(baseDir, path), 'utf8').catch((cause: unknown) => {
    throw new ConnectorError(
      { kind: 'misconfigured', code: 'ldap-ca-unreadable', message: `the certificate file ${path} cannot be read` },
      { cause },
    );
  });
}

function requireUser(type: string): void {
  if (type === objectType) return;
  throw new ConnectorError({
    kind: 'misconfigured',
    code: 'unknown-object-type',
    message: `an LDAP source holds "${objectType}" objects, not "${type}"`,
  });
}

function rejected(code: string, message: string): ConnectorError {
  return new ConnectorError({ kind: 'rejected', code, message });
}

async function* noPages(): AsyncGenerator<MembershipPage> {}
