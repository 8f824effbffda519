/**
 * A SCIM target for large groups, in a process of its own: members are a set, so that a change costs what it names. It counts what it is asked. Questions:
 * `counts` (requests and bytes of their bodies by kind since the last time, and how many members there are), `members` (their user names), `users` (names and
 * titles), `groups` (names, and the user names in each).
 */
import { type IncomingMessage, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Resource {
  readonly id: string;
  readonly [attribute: string]: unknown;
}
interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}
type Answer = readonly [status: number, body?: object];

const users = new Map<string, Resource>();
const groups = new Map<string, Resource>();
const ids = { Users: new Map<unknown, string>(), Groups: new Map<unknown, string>() };
const nameOf = { Users: 'userName', Groups: 'displayName' } as const;
const members = new Map<string, Set<string>>();
let counts: Record<string, { requests: number; bytes: number; most: number }> = {};

const listUrn = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
const refusal = (status: number, detail: string): Answer => [
  status,
  { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: String(status), detail },
];
const idsIn = (value: unknown): string[] => [value].flat().map((item) => (item as { value: string }).value);

function answer(method: string, kind: 'Users' | 'Groups', id: string, query: URLSearchParams, body: Record<string, unknown>): Answer {
  const all = kind === 'Users' ? users : groups;
  if (id === '' && method === 'POST') return create(kind, all, body);
  if (id === '') return list(kind, all, query);
  const known = all.get(id);
  if (!known) return refusal(404, `There is no ${id}.`);
  if (method === 'GET') return [200, query.get('attributes') === 'members' ? withMembers(known) : known];
  if (method === 'PATCH') return patch(kind, known, body['Operations'] as Operation[]);
  return refusal(405, `${method} is not for this target`);
}

const withMembers = (group: Resource): Resource => ({ ...group, members: [...(members.get(group.id) ?? [])].map((value) => ({ value })) });

function create(kind: 'Users' | 'Groups', all: Map<string, Resource>, body: Record<string, unknown>): Answer {
  const name = body[nameOf[kind]];
  if (ids[kind].has(name)) return refusal(409, `${String(name)} is taken`);
  const id = `${kind[0]!.toLowerCase()}-${all.size + 1}`;
  const { members: given, ...resource } = body;
  all.set(id, { ...resource, id });
  ids[kind].set(name, id);
  if (kind === 'Groups') members.set(id, new Set(given === undefined ? [] : idsIn(given)));
  return [201, all.get(id)!];
}

function list(kind: 'Users' | 'Groups', all: Map<string, Resource>, query: URLSearchParams): Answer {
  const wanted = /^(\w+) eq (".*")$/.exec(query.get('filter') ?? '');
  const startIndex = Number(query.get('startIndex') ?? 1);
  const count = Number(query.get('count') ?? 100);
  let found: readonly Resource[];
  if (!wanted) found = [...all.values()];
  else if (wanted[1] === nameOf[kind]) found = [all.get(ids[kind].get(JSON.parse(wanted[2]!)) ?? '')].filter((each) => each !== undefined);
  else return refusal(400, `cannot filter by ${wanted[1]!}`);
  const page = found.slice(startIndex - 1, startIndex - 1 + count);
  return [200, { schemas: [listUrn], totalResults: found.length, startIndex, itemsPerPage: page.length, Resources: page }];
}

function patch(kind: 'Users' | 'Groups', known: Resource, operations: readonly Operation[]): Answer {
  const held = members.get(known.id);
  if (kind === 'Users' || !held) return patchUser(known, operations);
  for (const { op, path, value } of operations) {
    const one = /^members\[value eq "(.+)"\]$/.exec(path)?.[1];
    if (op === 'add' && path === 'members') for (const id of idsIn(value)) held.add(id);
    else if (op === 'remove' && one !== undefined) held.delete(one);
    else if (op === 'remove' && path === 'members' && value !== undefined) for (const id of idsIn(value)) held.delete(id);
    else return refusal(400, `${op} ${path} is not for this target`);
  }
  return [204];
}

function patchUser(known: Resource, operations: readonly Operation[]): Answer {
  const odd = operations.find(({ op, path }) => !['add', 'replace'].includes(op) || !/^[a-z]\w*$/i.test(path));
  if (odd) return refusal(400, `${odd.op} ${odd.path} is not for this target`);
  users.set(known.id, { ...known, ...Object.fromEntries(operations.map(({ path, value }) => [path, value])) });
  return [204];
}

function note(what: string, bytes: number): void {
  const count = (counts[what] ??= { requests: 0, bytes: 0, most: 0 });
  count.requests += 1;
  count.bytes += bytes;
  count.most = Math.max(count.most, bytes);
}

async function serve(request: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const url = new URL(request.url!, 'http://localhost');
  const [kind, id = ''] = url.pathname.split('/').slice(3);
  if (kind === 'ServiceProviderConfig') return [200, { patch: { supported: true }, filter: { supported: true, maxResults: 200 } }];
  if (kind !== 'Users' && kind !== 'Groups') return refusal(404, 'There is nothing here.');
  note(`${request.method} ${kind}`, body.length);
  return answer(request.method!, kind, decodeURIComponent(id), url.searchParams, body.length > 0 ? JSON.parse(body.toString()) : {});
}

const server = createServer((request, response) => {
  void serve(request).then(([status, body]) => {
    const text = body === undefined ? '' : JSON.stringify(body);
    response.writeHead(
      status,
      status === 204 ? {} : { 'content-type': 'application/scim+json', 'content-length': Buffer.byteLength(text) },
    );
    response.end(text);
  });
});
const namesIn = (held: ReadonlySet<string>) => [...held].map((id) => users.get(id)?.['userName'] ?? id);
const membersNow = () => [...members.values()].flatMap((held) => [...held]);
process.on('message', (question) => {
  if (question === 'members') process.send?.(namesIn(new Set(membersNow())));
  else if (question === 'users') process.send?.([...users.values()].map(({ userName, title }) => [userName, title]));
  else if (question === 'groups') process.send?.([...members].map(([id, held]) => [groups.get(id)!['displayName'], namesIn(held)]));
  else {
    process.send?.({ counts, members: membersNow().length });
    counts = {};
  }
});
process.once('disconnect', () => process.exit(0));
server.listen(0, '127.0.0.1', () => process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/scim/v2` }));
