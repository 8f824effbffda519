/** A user or a group as the quirk server keeps it. */
export type QuirkUser = { id: string } & Record<string, unknown>;
type Json = Record<string, unknown>;

/** A refusal in SCIM's words. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly scimType: string | null,
    detail: string,
  ) {
    super(detail);
  }
}

interface Operation {
  readonly op?: string;
  readonly path?: string;
  readonly value?: unknown;
}

const place = /^(urn:[^[]*:)?([A-Za-z$][\w$-]*)(?:\[([A-Za-z]\w*) eq (.+)\])?(?:\.([A-Za-z$][\w$-]*))?$/;

/**
 * Carries out PATCH operations as strictly as RFC 7644 allows. Written apart from the connector's own code, so that the two judge each other.
 * @throws Refusal
 */
export function applyPatch(user: QuirkUser, body: Json): QuirkUser {
  const schemas = body['schemas'];
  if (!Array.isArray(schemas) || !schemas.includes('urn:ietf:params:scim:api:messages:2.0:PatchOp'))
    throw new Refusal(400, 'invalidSyntax', 'not a PatchOp message');
  const operations = body['Operations'];
  if (!Array.isArray(operations) || operations.length === 0) throw new Refusal(400, 'invalidSyntax', 'no operations');
  const next = structuredClone(user);
  for (const operation of operations as Operation[]) applyOperation(next, operation);
  return next;
}

function applyOperation(user: Json, { op, path, value }: Operation): void {
  if (op !== 'add' && op !== 'replace' && op !== 'remove') throw new Refusal(400, 'invalidSyntax', `unknown operation ${String(op)}`);
  if (value === null) throw new Refusal(400, 'invalidValue', 'null is no value');
  if (path === undefined) {
    if (op === 'remove' || typeof value !== 'object') throw new Refusal(400, 'noTarget', 'a path is needed');
    for (const [key, item] of Object.entries(value as Json)) applyOperation(user, { op, path: key, value: item });
    return;
  }
  const [, urn, attribute, label, wanted, sub] = place.exec(path) ?? [];
  if (attribute === undefined || (op !== 'remove' && value === undefined)) throw new Refusal(400, 'invalidPath', `cannot follow ${path}`);
  if (attribute === 'active' && op !== 'remove' && typeof value !== 'boolean')
    throw new Refusal(400, 'invalidValue', 'active is a boolean');
  const holder = urn === undefined ? user : ((user[urn.slice(0, -1)] ??= {}) as Json);
  if (label !== undefined) changeElements(holder, { attribute, label, wanted: JSON.parse(wanted!) as unknown, sub }, op, value);
  else if (sub === undefined) changeValue(holder, attribute, op, value);
  else if (Array.isArray(holder[attribute])) throw new Refusal(400, 'noTarget', `${path} names no element`);
  else if (op === 'remove' && holder[attribute] === undefined) throw new Refusal(400, 'noTarget', `${path} is not there`);
  else changeValue((holder[attribute] ??= {}) as Json, sub, op, value);
  prune(user);
}

interface Element {
  readonly attribute: string;
  readonly label: string;
  readonly wanted: unknown;
  readonly sub: string | undefined;
}

function changeElements(holder: Json, { attribute, label, wanted, sub }: Element, op: string, value: unknown): void {
  const items = (holder[attribute] ?? []) as Json[];
  const chosen = items.filter((item) => item[label] === wanted);
  if (chosen.length === 0) throw new Refusal(400, 'noTarget', `no ${attribute} whose ${label} is ${String(wanted)}`);
  if (sub !== undefined) for (const item of chosen) changeValue(item, sub, op, value);
  else if (op === 'remove') holder[attribute] = items.filter((item) => !chosen.includes(item));
  else for (const item of chosen) Object.assign(item, value);
}

function changeValue(holder: Json, key: string, op: string, value: unknown): void {
  if (op === 'remove') {
    if (holder[key] === undefined) throw new Refusal(400, 'noTarget', `${key} is not there`);
    delete holder[key];
  } else if (op === 'add' && Array.isArray(holder[key])) holder[key] = joined(holder[key] as unknown[], [value].flat());
  else holder[key] = value;
}

/** What is there already is not added again. */
function joined(held: readonly unknown[], more: readonly unknown[]): unknown[] {
  const valueOf = (item: unknown): unknown => (item as Json | null)?.['value'] ?? item;
  const known = new Set(held.map(valueOf));
  return [...held, ...more.filter((item) => !known.has(valueOf(item)))];
}

/** Empty lists and empty objects are no value. */
function prune(user: Json): void {
  for (const [key, value] of Object.entries(user)) {
    if (typeof value === 'object' && value !== null && Object.keys(value).length === 0) delete user[key];
  }
}
