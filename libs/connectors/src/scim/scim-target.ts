import type { AttributeBag, AttributeChange, MemberChanges } from '@provident/domain';

import type { MatchQuery, SystemDescription, TargetAbilities, TargetConnector, TargetObject, TargetPage } from '../connector.js';
import { ConnectorError } from '../connector-error.js';
import { readResource, type ScimResource, type ServiceProviderConfig } from './answers.js';
import { endpointOf, placeOf, ScimApi } from './api.js';
import type { ScimAnswer, ScimClient } from './client.js';
import type { ScimTargetConfig } from './config.js';
import { describeTypes, readProviderConfig } from './discovery.js';
import { Lookup } from './find.js';
import { countObjects, listPage } from './list.js';
import { MembersWriter, idOfMember } from './members.js';
import { coreGroupUrn, coreUserUrn, readPath, valueOf, isList } from './paths.js';
import { buildResource } from './resource.js';
import { Updater } from './update.js';

/** A SCIM 2.0 service as the target. */
export class ScimTarget implements TargetConnector {
  private readonly api: ScimApi;
  private readonly lookup: Lookup;
  private readonly updater: Updater;
  private readonly membersWriter: MembersWriter;
  /** Seen on the way: the target tells who is in its groups. */
  private tellsMembers = false;
  private provider: Promise<ServiceProviderConfig> | null = null;

  constructor(
    private readonly client: ScimClient,
    private readonly config: ScimTargetConfig,
  ) {
    this.api = new ScimApi(client);
    this.lookup = new Lookup(this.api);
    const lacksPatch = async (signal: AbortSignal): Promise<boolean> => (await this.providerConfig(signal)).patch?.supported === false;
    this.updater = new Updater(this.api, config.patch, lacksPatch);
    this.membersWriter = new MembersWriter(this.api, config, lacksPatch);
  }

  async describe(signal: AbortSignal): Promise<SystemDescription> {
    return { name: `SCIM service at ${this.client.address}`, objectTypes: await describeTypes(this.api, signal) };
  }

  async abilities(signal: AbortSignal): Promise<TargetAbilities> {
    const { filter } = await this.providerConfig(signal);
    return {
      list: true,
      listPageSize: this.pageSize(filter?.maxResults),
      disable: true,
      delete: true,
      concurrency: this.config.concurrency,
      membersPerChange: this.config.membersPerRequest,
      nestedGroups: true,
    };
  }

  async count(objectType: string, signal: AbortSignal): Promise<number | null> {
    const endpoint = endpointOf(objectType);
    return this.api.atEndpoint(endpoint, countObjects(this.api, endpoint, signal));
  }

  async list(objectType: string, attributes: readonly string[], from: string | null, signal: AbortSignal): Promise<TargetPage> {
    const endpoint = endpointOf(objectType);
    const { resources, next } = await this.api.atEndpoint(endpoint, listPage(this.api, endpoint, this.config.pageSize, from, signal));
    return { objects: resources.map((resource) => toObject(resource, endpoint, attributes)), next };
  }

  async find(query: MatchQuery, attributes: readonly string[], signal: AbortSignal): Promise<readonly TargetObject[]> {
    const endpoint = endpointOf(query.objectType);
    return (await this.lookup.find(query, signal)).map((resource) => toObject(resource, endpoint, attributes));
  }

  async read(objectType: string, id: string, attributes: readonly string[], signal: AbortSignal): Promise<TargetObject | null> {
    const endpoint = endpointOf(objectType);
    const resource = await this.api.read(endpoint, id, signal);
    return resource && toObject(resource, endpoint, attributes);
  }

  async create(objectType: string, attributes: AttributeBag, signal: AbortSignal): Promise<{ readonly id: string }> {
    const endpoint = endpointOf(objectType);
    const isUser = endpoint === '/Users';
    const body = isUser ? buildResource({ active: true, ...attributes }, coreUserUrn) : buildResource(attributes, coreGroupUrn);
    const answer = await this.api.atEndpoint(endpoint, this.api.write({ method: 'POST', path: endpoint, body }, signal));
    return { id: this.idOf(answer, endpoint) };
  }

  async update(objectType: string, id: string, changes: readonly AttributeChange[], signal: AbortSignal): Promise<void> {
    await this.updater.update(endpointOf(objectType), id, changes, signal);
  }

  async changeMembers(objectType: string, id: string, changes: MemberChanges, signal: AbortSignal): Promise<void> {
    await this.membersWriter.change(endpointOf(objectType), id, changes, signal);
  }

  /** A group without the attribute has no members, but at a target that tells of the members of no group at all: there nothing is concluded from that. */
  async members(objectType: string, id: string, signal: AbortSignal): Promise<readonly string[] | null> {
    const resource = await this.api.read(endpointOf(objectType), id, signal, 'members');
    const held = resource && valueOf(resource.content, 'members');
    if (isList(held)) {
      this.tellsMembers = true;
      return held.map(idOfMember);
    }
    if (resource && !this.tellsMembers) this.tellsMembers = await this.api.tellsMembers(endpointOf(objectType), signal);
    return resource && this.tellsMembers ? [] : null;
  }

  async setActive(objectType: string, id: string, active: boolean, signal: AbortSignal): Promise<void> {
    await this.updater.setActive(endpointOf(objectType), id, active, signal);
  }

  async remove(objectType: string, id: string, signal: AbortSignal): Promise<void> {
    const endpoint = endpointOf(objectType);
    await this.api.unlessGone(endpoint, { method: 'DELETE', path: placeOf(endpoint, id) }, signal);
  }

  async close(): Promise<void> {
    await this.client.close();
  }

  private idOf(answer: ScimAnswer, endpoint: string): string {
    const resource = answer.json ? readResource(answer.json) : null;
    if (resource !== null && typeof resource !== 'string') return resource.id;
    const id = idInLocation(answer.headers['location'], endpoint);
    if (id !== null) return id;
    const message = `The target answered ${answer.status} to a creation without the new account's id.`;
    throw new ConnectorError({ kind: 'unknown-outcome', code: 'no-id', message, status: answer.status });
  }

  private pageSize(maxResults: number | undefined): number {
    return maxResults !== undefined && maxResults >= 1 ? Math.min(this.config.pageSize, Math.floor(maxResults)) : this.config.pageSize;
  }

  /** Read once. Until that works nothing is known, and nothing is lowered: what fails here shows at the requests that matter. */
  private providerConfig(signal: AbortSignal): Promise<ServiceProviderConfig> {
    this.provider ??= readProviderConfig(this.api, signal).catch((): ServiceProviderConfig => {
      this.provider = null;
      return {};
    });
    return this.provider;
  }
}

function toObject({ id, content }: ScimResource, endpoint: string, paths: readonly string[]): TargetObject {
  const attributes: Record<string, AttributeBag[string]> = {};
  for (const path of paths) {
    const value = readPath(content, path);
    if (value !== undefined) attributes[path] = value;
  }
  return { id, attributes, state: endpoint === endpointOf('User') ? stateOf(valueOf(content, 'active')) : 'unknown' };
}

/** SCIM lets a server leave `active` out; an account is usable unless it says otherwise. */
const stateOf = (active: unknown): TargetObject['state'] => (String(active).toLowerCase() === 'false' ? 'disabled' : 'active');

function idInLocation(location: unknown, endpoint: string): string | null {
  const encoded = typeof location === 'string' ? new RegExp(`${endpoint}/([^/?#]+)/?(?:[?#].*)?$`, 'i').exec(location)?.[1] : undefined;
  if (encoded === undefined) return null;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
