import { applyPatch, type QuirkUser, Refusal } from './quirk-patch.js';

type Json = Record<string, unknown>;

const filterShape =
  /^([A-Za-z][\w:.$-]*)(?:\[([A-Za-z]\w*) eq ("(?:[^"\\]|\\.)*")\])?(?:\.([A-Za-z$]\w*))? eq ("(?:[^"\\]|\\.)*"|true|false|-?\d+)$/s;

/** Users or groups in memory, fast to find by their name and `externalId`. */
export class QuirkStore {
  readonly users = new Map<string, QuirkUser>();
  private readonly byName = new Map<string, QuirkUser>();
  private readonly byExternalId = new Map<unknown, Set<QuirkUser>>();
  private order: QuirkUser[] | null = null;
  private count = 0;

  constructor(
    private readonly idOf: (count: number) => string,
    /** Attribute that names them, each differently. */
    private readonly key: 'userName' | 'displayName' = 'userName',
  ) {}

  /** Users in the order of their creation. */
  all(): readonly QuirkUser[] {
    this.order ??= [...this.users.values()];
    return this.order;
  }

  create(body: Json): QuirkUser {
    const name = body[this.key];
    if (typeof name !== 'string' || name === '') throw new Refusal(400, 'invalidValue', `Attribute '${this.key}' is required.`);
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
    throw new Refusal(404, null, `There is no ${this.key === 'userName' ? 'user' : 'group'} ${id}.`);
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

  /** Takes somebody who is no more out of every group. */
  forgetMember(id: string): void {
    for (const group of this.users.values()) {
      const members = group['members'] as { value: string }[] | undefined;
      if (members?.some(({ value }) => value === id)) group['members'] = members.filter(({ value }) => value !== id);
    }
  }

  /** @throws Refusal when the filter is not one `attribute eq value` */
  search(filter: string): QuirkUser[] {
    const [, base, label, wanted, sub, literal] = filterShape.exec(filter) ?? [];
    if (base === undefined) throw new Refusal(400, 'invalidFilter', `cannot read the filter ${filter}`);
    const value = JSON.parse(literal!) as unknown;
    if (base.toLowerCase() === this.key.toLowerCase()) return [this.byName.get(String(value).toLowerCase()) ?? []].flat();
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
    const holder = this.byName.get(this.nameOf(user));
    if (holder && holder.id !== user.id) throw new Refusal(409, 'uniqueness', `The ${this.key} ${String(user[this.key])} is taken.`);
  }

  private nameOf(user: QuirkUser): string {
    return String(user[this.key]).toLowerCase();
  }

  private put(user: QuirkUser): void {
    this.users.set(user.id, user);
    this.byName.set(this.nameOf(user), user);
    const externalId = user['externalId'];
    if (externalId === undefined) return;
    const others = this.byExternalId.get(externalId);
    if (others) others.add(user);
    else this.byExternalId.set(externalId, new Set([user]));
  }

  private unindex(user: QuirkUser): void {
    this.byName.delete(this.nameOf(user));
    const others = this.byExternalId.get(user['externalId']);
    others?.delete(user);
    if (others?.size === 0) this.byExternalId.delete(user['externalId']);
  }
}

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
