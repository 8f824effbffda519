import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

type Json = Record<string, unknown>;
export type PlainUser = { id: string } & Json;

export interface PlainTarget {
  readonly url: string;
  users(): PlainUser[];
  close(): Promise<void>;
}

export interface PlainTargetOptions {
  /** Time that passes before a request takes effect, and again before its answer leaves. */
  readonly latencyMs?: number;
  /** Whether a user name may be taken by one account only. */
  readonly unique: boolean;
  /** Why a request is refused before it takes effect; null when it is not. */
  readonly refuse?: (request: PlainRequest) => PlainRefusal | null;
}

export interface PlainRequest {
  readonly method: string;
  readonly authorization: string | undefined;
  readonly traceparent: string | undefined;
  readonly body: Json;
}

export interface PlainRefusal {
  readonly status: number;
  readonly detail: string;
}

/** A small SCIM server, slow as real ones are, that does not mind the same user twice unless told so: what is created twice is seen. */
export async function startPlainTarget({ latencyMs = 0, unique, refuse = () => null }: PlainTargetOptions): Promise<PlainTarget> {
  const users = new Map<string, PlainUser>();
  let count = 0;

  const save = (id: string, body: Json): [number, Json] => {
    const isTaken = unique && [...users.values()].some((user) => user.id !== id && user['userName'] === body['userName']);
    if (isTaken) return [409, error(409, 'uniqueness', 'The userName is taken.')];
    const isNew = !users.has(id);
    users.set(id, { ...body, id });
    return [isNew ? 201 : 200, users.get(id)!];
  };

  const answer = (method: string, url: URL, body: Json): [number, Json | null] => {
    const [, , , endpoint, id] = url.pathname.split('/');
    if (endpoint !== 'Users') return [404, error(404, undefined, 'There is nothing here.')];
    if (id === undefined) return method === 'POST' ? save(`u${++count}`, body) : [200, list([...users.values()], url.searchParams)];
    if (!users.has(id)) return [404, error(404, undefined, `There is no user ${id}.`)];
    if (method === 'GET') return [200, users.get(id)!];
    if (method === 'PUT') return save(id, body);
    if (method !== 'DELETE') return [405, error(405, undefined, `${method} is not known here.`)];
    users.delete(id);
    return [204, null];
  };

  const server = createServer({ keepAliveTimeout: 30_000 }, (request, response) => {
    void serve(request, response).catch(() => response.destroy());
  });
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readJson(request);
    await pause(latencyMs);
    const method = request.method!;
    const refusal = refuse({
      method,
      authorization: request.headers.authorization,
      traceparent: request.headers['traceparent'] as string | undefined,
      body,
    });
    const [status, json] = refusal
      ? [refusal.status, error(refusal.status, undefined, refusal.detail)]
      : answer(method, new URL(request.url!, 'http://target'), body);
    await pause(latencyMs);
    response.writeHead(status, { 'content-type': 'application/scim+json' });
    response.end(json === null ? undefined : JSON.stringify(json));
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/scim/v2`,
    users: () => [...users.values()],
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function list(users: readonly PlainUser[], query: URLSearchParams): Json {
  const wanted = /^userName eq (".*")$/s.exec(query.get('filter') ?? '')?.[1];
  const value = wanted === undefined ? null : (JSON.parse(wanted) as string);
  const found = value === null ? users : users.filter((user) => user['userName'] === value);
  const from = Number(query.get('startIndex') ?? 1) - 1;
  const resources = found.slice(from, from + Number(query.get('count') ?? 100));
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: found.length,
    startIndex: from + 1,
    itemsPerPage: resources.length,
    Resources: resources,
  };
}

const error = (status: number, scimType: string | undefined, detail: string): Json => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
  status: String(status),
  ...(scimType === undefined ? {} : { scimType }),
  detail,
});

async function readJson(request: IncomingMessage): Promise<Json> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString('utf8')) as Json);
}
