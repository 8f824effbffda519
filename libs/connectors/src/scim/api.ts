import { ConnectorError } from '../connector-error.js';
import { readList, readResource, type ScimList, type ScimResource } from './answers.js';
import { AnswerError, type ScimAnswer, type ScimClient, type ScimRequest } from './client.js';
import { type ScimObject, isList, valueOf } from './paths.js';

const endpoints: Readonly<Record<string, string>> = { user: '/Users', group: '/Groups' };

/** @throws ConnectorError `misconfigured` for an object type that the connector does not know */
export function endpointOf(objectType: string): string {
  const endpoint = endpoints[objectType.toLowerCase()];
  if (endpoint !== undefined) return endpoint;
  throw new ConnectorError({
    kind: 'misconfigured',
    code: 'unknown-object-type',
    message: `The SCIM connector knows no object type "${objectType}"; it knows User and Group.`,
  });
}

/** Percent-encoded; a broken surrogate pair, which has no encoding, becomes the replacement character. */
export const encoded = (text: string): string => encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'));

/** The address of one resource. Ids may hold anything: slashes, spaces, at signs. */
export function placeOf(endpoint: string, id: string): string {
  return `${endpoint}/${encoded(id)}`;
}

export function isKind(error: unknown, ...kinds: ConnectorError['kind'][]): error is ConnectorError {
  return error instanceof ConnectorError && kinds.includes(error.kind);
}

/** Groups are read without their members, of which there may be any number. */
const withoutMembers = (endpoint: string): string[] => (endpoint === endpoints['group'] ? ['excludedAttributes=members'] : []);

const partOf = { whole: (): string[] => [], 'without-members': withoutMembers, members: (): string[] => ['attributes=members'] };

/** SCIM's requests, one method each, with answers read. */
export class ScimApi {
  constructor(readonly client: ScimClient) {}

  async list(endpoint: string, query: string, signal: AbortSignal): Promise<ScimList> {
    const answer = await this.client.send({ method: 'GET', path: `${endpoint}?${[query, ...withoutMembers(endpoint)].join('&')}` }, signal);
    const list = answer.json ? readList(answer.json) : 'it is empty';
    if (typeof list === 'string') throw this.wrongShape('The target did not answer with a SCIM list', list, answer);
    return list;
  }

  /** null: the target answers that it is gone. */
  async read(
    endpoint: string,
    id: string,
    signal: AbortSignal,
    part: keyof typeof partOf = 'without-members',
  ): Promise<ScimResource | null> {
    const query = partOf[part](endpoint);
    const answer = await this.unlessGone(endpoint, { method: 'GET', path: [placeOf(endpoint, id), ...query].join('?') }, signal);
    if (!answer) return null;
    const resource = answer.json ? readResource(answer.json) : 'the answer is empty';
    if (typeof resource === 'string') throw this.wrongShape('The target did not answer with the object', resource, answer);
    if (resource.id === id) return resource;
    throw this.wrongShape('The target answered with another object', `it has the id ${resource.id}`, answer);
  }

  /** Whether any of the first groups has members that the target tells. */
  async tellsMembers(endpoint: string, signal: AbortSignal): Promise<boolean> {
    const answer = await this.client.send({ method: 'GET', path: `${endpoint}?startIndex=1&count=20&attributes=members` }, signal);
    const list = answer.json ? readList(answer.json) : 'it is empty';
    return typeof list !== 'string' && list.resources.some(({ content }) => isList(valueOf(content, 'members')));
  }

  async write(request: ScimRequest, signal: AbortSignal): Promise<ScimAnswer> {
    return this.client.send(request, signal);
  }

  /**
   * The answer, or null when the target itself says that there is no such object.
   * A 404 that is not in SCIM's form may come from something before the service, such as a proxy with a wrong address: it counts only if the service answers otherwise.
   */
  async unlessGone(endpoint: string, request: ScimRequest, signal: AbortSignal): Promise<ScimAnswer | null> {
    try {
      return await this.client.send(request, signal);
    } catch (error) {
      if (!isKind(error, 'gone')) throw error;
      if (error instanceof AnswerError && error.isScim) return null;
      await this.requireAlive(endpoint, error, signal);
      return null;
    }
  }

  /** @throws ConnectorError `protocol` when the endpoint is not there at all; otherwise what the probe met */
  async requireAlive(endpoint: string, because: ConnectorError, signal: AbortSignal): Promise<void> {
    try {
      await this.list(endpoint, 'startIndex=1&count=1', signal);
    } catch (error) {
      throw isKind(error, 'gone', 'protocol') ? this.wrongAddress(endpoint, because) : error;
    }
  }

  /** A 404 of the endpoint itself is no missing object. */
  async atEndpoint<Result>(endpoint: string, work: Promise<Result>): Promise<Result> {
    return work.catch((error: unknown) => {
      throw isKind(error, 'gone') ? this.wrongAddress(endpoint, error) : error;
    });
  }

  private wrongAddress(endpoint: string, because: ConnectorError): ConnectorError {
    const message = `There is no SCIM service at ${this.client.address}${endpoint}: ${because.message}`;
    return new ConnectorError({ ...because.facts, kind: 'protocol', code: 'wrong-address', message }, { cause: because });
  }

  wrongShape(what: string, why: string, { status, json }: { status: number; json: ScimObject | null }): ConnectorError {
    const said = JSON.stringify(json ?? '').slice(0, 120);
    return new ConnectorError({ kind: 'protocol', code: 'wrong-shape', message: this.client.redact(`${what} (${why}): ${said}`), status });
  }
}
