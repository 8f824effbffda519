import { applyPatch, type QuirkUser, Refusal } from './quirk-patch.js';

type Json = Record<string, unknown>;

const filterShape =
  /^([A-Za-z][\w:.$-]*)(?:\[([A-Za-z]\w*) eq ("(?:[^"\\]|\\.)*")\])?(?:\.([A-Za-z$]\w*))? eq ("(?:[^"\\]|\\.)*"|true|false|-?\d+)$/s;

/** Users in memory, fast to find by `userName` and `externalId`. */
export class QuirkStore {
  readonly users = new Map<string, QuirkUser>();
  private readonly byUserName = new Map<string, QuirkUser>();
  private readonly byExternalId = new Map<unknown, Set<QuirkUser>>();
  private order: QuirkUser[] | null = null;
  private count = 0;

  constructor(private readonly idOf: (count: number) => string) {}

  /** Users in the order of their creation. */
  all(): readonly QuirkUser[] {
    this.order ??= [...this.users.values()];
    return this.order;
  }

  create(body: Json): QuirkUser {
    const userName = body['userName'];
    if (typeof userName !== 'string' || userName === '') throw new Refusal(400, 'invalidValue', "Attribute 'userName' is required.");
    this.count += 1;
    const user: QuirkUser = { ...body, id: this.idOf(this.count) };
    this.requireUnique(user);
    this.put(user);
    this.order?.push(user);
    return user;
  }

  get(id: string): QuirkUser {
    const user = this.users.get(id);
    if (user) return user;
    throw new Refusal(404, null, `There is no user ${id}.`);
  }

  replace(id: string, body: Json): QuirkUser {
    const old = this.get(id);
    for (const [key, value] of Object.entries(body))
      if (value === null) throw new Refusal(400, 'invalidValue', `null is no value for ${key}`);
    return this.change(old, { ...body, id });
  }

  patch(id: string, body: Json): QuirkUser {
    const old = this.get(id);
    return this.change(old, applyPatch(old, body));
  }

  remove(id: string): void {
    const user = this.get(id);
    this.users.delete(id);
    this.unindex(user);
    this.order = null;
  }

  /** @throws Refusal when the filter is not one `attribute eq value` */
  search(filter: string): QuirkUser[] {
    const [, base, label, wanted, sub, literal] = filterShape.exec(filter) ?? [];
    if (base === undefined) throw new Refusal(400, 'invalidFilter', `cannot read the filter ${filter}`);
    const value = JSON.parse(literal!) as unknown;
    if (/^username$/i.test(base)) return [this.byUserName.get(String(value).toLowerCase()) ?? []].flat();
    if (base === 'externalId') return [...(this.byExternalId.get(value) ?? [])];
    const test = { label, wanted: wanted === undefined ? undefined : (JSON.parse(wanted) as unknown), sub };
    return this.all().filter((user) => valuesAt(user, base, test).some((held) => isSame(held, value)));
  }

  private change(old: QuirkUser, next: QuirkUser): QuirkUser {
    this.requireUnique(next);
    this.unindex(old);
    this.put(next);
    this.order = null;
    return next;
  }

  private requireUnique(user: QuirkUser): void {
    const holder = this.byUserName.get(nameOf(user));
    if (holder && holder.id !== user.id) throw new Refusal(409, 'uniqueness', `The userName ${String(user['userName'])} is taken.`);
  }

  private put(user: QuirkUser): void {
    this.users.set(user.id, user);
    this.byUserName.set(nameOf(user), user);
    const externalId = user['externalId'];
    if (externalId === undefined) return;
    const others = this.byExternalId.get(externalId);
    if (others) others.add(user);
    else this.byExternalId.set(externalId, new Set([user]));
  }

  private unindex(user: QuirkUser): void {
    this.byUserName.delete(nameOf(user));
    const others = this.byExternalId.get(user['externalId']);
    others?.delete(user);
    if (others?.size === 0) this.byExternalId.delete(user['externalId']);
  }
}

const nameOf = (user: QuirkUser): string => String(user['userName']).toLowerCase();

const isSame = (held: unknown, wanted: unknown): boolean =>
  typeof held === 'string' && typeof wanted === 'string' ? held.toLowerCase() === wanted.toLowerCase() : held === wanted;

function valuesAt(
  user: QuirkUser,
  base: string,
  { label, wanted, sub }: { label: string | undefined; wanted: unknown; sub: string | undefined },
): unknown[] {
  const urnEnd = base.startsWith('urn:') ? base.lastIndexOf(':') : -1;
  const holder = (urnEnd < 0 ? user : (user[base.slice(0, urnEnd)] ?? {})) as Json;
  const steps = base.slice(urnEnd + 1).split('.');
  const first = [holder[steps[0]!]].flat();
  const chosen = label === undefined ? first : first.filter((item) => isSame((item as Json | undefined)?.[label], wanted));
  const last = sub ?? steps[1];
  return last === undefined
    ? chosen.map((item) => (typeof item === 'object' && item !== null ? (item as Json)['value'] : item))
    : chosen.map((item) => (item as Json | undefined)?.[last]);
}
