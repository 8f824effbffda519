import { type IncomingMessage, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { type ServiceLimit, ServiceMeter } from './limited-service.js';

export interface LimitedScimTarget {
  /** Base address of the SCIM service. */
  readonly url: string;
  readonly meter: ServiceMeter;
  /** Users by the bearer token that made them. */
  readonly made: ReadonlyMap<string, number>;
  /** Most requests that were under way at once. */
  readonly mostAtOnce: number;
  close(): Promise<void>;
}

export interface LimitedScimOptions extends ServiceLimit {
  readonly port?: number;
  readonly latencyMs?: number;
  /** Fixed windows begin at multiples of their length after this. */
  readonly offsetMs?: number;
}

/**
 * A SCIM service that takes so many requests in a time, and answers 429 with `Retry-After` to all others. It keeps users in memory, by their names, and
 * answers as quickly as it can otherwise.
 */
export async function startLimitedScimTarget(options: LimitedScimOptions): Promise<LimitedScimTarget> {
  const meter = new ServiceMeter(options, options.offsetMs ?? 0);
  const users = new Map<string, { id: string; userName: string }>();
  const made = new Map<string, number>();
  let [atOnce, mostAtOnce] = [0, 0];
  const answer = async (request: IncomingMessage): Promise<{ status: number; body: object; headers?: Record<string, string> }> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const waitMs = meter.ask(performance.now());
    if (waitMs !== null) return { status: 429, body: scimError(429), headers: { 'retry-after': String(Math.ceil(waitMs / 1_000)) } };
    const url = new URL(request.url!, 'http://localhost');
    if (request.method === 'POST') {
      const { userName } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { userName: string };
      if (users.has(userName)) return { status: 409, body: scimError(409) };
      const user = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], id: `u-${users.size + 1}`, userName, active: true };
      users.set(userName, user);
      const who = request.headers.authorization ?? '';
      made.set(who, (made.get(who) ?? 0) + 1);
      return { status: 201, body: user };
    }
    if (!url.pathname.endsWith('/Users')) return { status: 404, body: scimError(404) };
    const name = /eq "([^"]*)"/.exec(url.searchParams.get('filter') ?? '')?.[1];
    const found = name === undefined ? [...users.values()] : [users.get(name)].filter((user) => user !== undefined);
    const startIndex = Number(url.searchParams.get('startIndex') ?? 1);
    const count = Number(url.searchParams.get('count') ?? 100);
    const page = found.slice(startIndex - 1, startIndex - 1 + count);
    return {
      status: 200,
      body: { schemas: [listUrn], totalResults: found.length, startIndex, itemsPerPage: page.length, Resources: page },
    };
  };
  const server = createServer((request, response) => {
    mostAtOnce = Math.max(mostAtOnce, ++atOnce);
    void answer(request).then(({ status, body, headers }) => {
      const end = (): void => {
        atOnce -= 1;
        response.writeHead(status, { 'content-type': 'application/scim+json', ...headers }).end(JSON.stringify(body));
      };
      if (options.latencyMs) setTimeout(end, options.latencyMs);
      else end();
    });
  });
  await listen(server, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/scim`,
    meter,
    made,
    get mostAtOnce() {
      return mostAtOnce;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const listUrn = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
const scimError = (status: number) => ({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: String(status) });

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
