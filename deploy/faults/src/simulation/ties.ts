import {
  type DataOf,
  ExportDeferred,
  ExportFailed,
  LinkRemoved,
  LinkRepaired,
  type LogEvent,
  ObjectExported,
  TargetObjectImported,
  is,
} from '@provident/contracts';

/** Who is linked to what, as far as the log tells; in words of its own. */
export interface Ties {
  /** Account of an object, by the object's key. */
  readonly accountOf: ReadonlyMap<string, string>;
  /** Accounts and groups whose link a person took away, or set to another one, also while they were being made, and which nobody was found to have since. */
  readonly letGo: ReadonlySet<string>;
  /** Whose objects had another one afterwards, or which somebody else had before. What was written of memberships until then is nobody's concern any more. */
  readonly abandoned: ReadonlySet<string>;
  /** Anchors of those for whom a person chose the account. */
  readonly chosenFor: ReadonlyMap<string, ReadonlySet<string>>;
  /**
   * Whether an account may have been made for somebody without an answer (a creation failed or was sent back), and the log does not know that it is his. When he
   * leaves before it could be matched, or when a person chooses another one for him, it stays: it cannot be told from one that somebody else made under that
   * name, and nobody else's account is ever touched.
   */
  isUnheardOf(id: string, anchor: string): boolean;
  /** Whether an account is one of those, and a person chose another one. */
  isLeftBehind(id: string, anchor: string): boolean;
  /** Anchor of whoever has an account, if a person chose it for him: whatever the account itself says. */
  chosenHolder(id: string): string | undefined;
}

/** Of a person or a group of the simulated source. */
export const keyOf = (anchor: string): string => `${anchor.startsWith('G') ? 'group' : 'user'}:${anchor}`;
export const anchorIn = (objectKey: string): string => objectKey.slice(objectKey.indexOf(':') + 1);

export function tiesIn(events: readonly LogEvent[]): Ties {
  const ties = new Knots();
  for (const event of events) ties.take(event);
  return ties;
}

/**
 * Objects that were imported with a link that they had at no time from the basis of the import on, in sentences: something that was done about links is
 * not in the log, or was not heeded.
 */
export function checkLinks(events: readonly LogEvent[]): string[] {
  const ties = new Knots();
  const histories = new Map<string, { readonly from: number; readonly id: string | null }[]>();
  const problems: string[] = [];
  for (const event of events) {
    if (is(event, TargetObjectImported) && !event.data.part) {
      const { objectKey, linkedId, basis } = event.data;
      const history = histories.get(objectKey) ?? [];
      const atBasis = history.findLast(({ from }) => from <= basis)?.id ?? null;
      const held = [atBasis, ...history.filter(({ from }) => from > basis).map(({ id }) => id)];
      if (!held.includes(linkedId))
        problems.push(`${objectKey} was imported at ${event.sequence} as linked to ${linkedId}, and was linked to ${held.join(', then ')}`);
    }
    for (const key of ties.take(event)) {
      const [history, id] = [histories.get(key) ?? [], ties.accountOf.get(key) ?? null];
      histories.set(key, [...history, { from: event.sequence, id }]);
    }
  }
  return problems;
}

class Knots implements Ties {
  readonly accountOf = new Map<string, string>();
  readonly letGo = new Set<string>();
  readonly abandoned = new Set<string>();
  readonly chosenFor = new Map<string, Set<string>>();
  /** Accounts and groups that are somebody's: not such as were only found beside others of the same name. */
  private readonly heard = new Set<string>();
  /** Anchors of those a creation for whom failed or was sent back. */
  private readonly unanswered = new Set<string>();
  /** Where in the log a person last said something of an object's link. */
  private readonly saidAt = new Map<string, number>();
  private readonly last = new Map<string, string>();
  private touched: string[] = [];

  isUnheardOf(id: string, anchor: string): boolean {
    return this.unanswered.has(anchor) && !this.heard.has(id);
  }

  isLeftBehind(id: string, anchor: string): boolean {
    return this.isUnheardOf(id, anchor) && [...this.chosenFor.values()].some((anchors) => anchors.has(anchor));
  }

  chosenHolder(id: string): string | undefined {
    const holder = this.chosenFor.has(id) ? [...this.accountOf].find(([, held]) => held === id) : undefined;
    return holder && anchorIn(holder[0]);
  }

  /** @returns keys of the objects whose account may be another one now */
  take(event: LogEvent): readonly string[] {
    this.touched = [];
    this.hear(event);
    return this.touched;
  }

  private hear(event: LogEvent): void {
    if (is(event, LinkRemoved)) this.removed(event);
    else if (is(event, LinkRepaired)) this.repaired(event);
    if ((is(event, ExportDeferred) || is(event, ExportFailed)) && event.data.action === 'create')
      this.unanswered.add(anchorIn(event.data.objectKey));
    if (is(event, ObjectExported)) this.heard.add(event.data.targetId);
    if (is(event, TargetObjectImported) && event.data.matches.length === 1) this.heard.add(event.data.matches[0]!.id);
    if (is(event, TargetObjectImported) && !event.data.part) {
      const { objectKey, by, matches, basis, already } = event.data;
      if (by === 'matching' && matches.length === 1) this.tie(objectKey, matches[0]!.id, basis);
      if (already === 'gone') this.untie(objectKey, basis);
    } else if (is(event, ObjectExported) && !event.data.part) {
      const { objectKey, action, targetId } = event.data;
      if (action === 'create' && !this.tie(objectKey, targetId, event.cause)) this.letGo.add(targetId);
      if (action === 'delete') this.untie(objectKey, event.cause);
    }
  }

  private removed({ sequence, data: { objectKey, targetId } }: LogEvent<DataOf<typeof LinkRemoved>>): void {
    this.letGo.add(targetId);
    this.part(objectKey);
    this.saidAt.set(objectKey, sequence);
  }

  private repaired({ sequence, data: { objectKey, targetId, formerId } }: LogEvent<DataOf<typeof LinkRepaired>>): void {
    const former = this.accountOf.get(objectKey) ?? formerId; // one that was made a moment ago was not known to whoever said so
    if (former !== null) this.letGo.add(former);
    for (const [key, id] of this.accountOf) if (id === targetId) this.part(key);
    this.chosenFor.set(targetId, (this.chosenFor.get(targetId) ?? new Set()).add(anchorIn(objectKey)));
    this.saidAt.set(objectKey, sequence);
    this.hold(objectKey, targetId);
  }

  /**
   * @param basis how much of the log was known to whoever says so.
   * @returns whether that counts: not where a person has said something else since, and not with an account that somebody else has
   */
  private tie(objectKey: string, id: string, basis: number): boolean {
    if (basis < (this.saidAt.get(objectKey) ?? 0)) return false;
    if ([...this.accountOf].some(([key, held]) => held === id && key !== objectKey)) return false;
    this.hold(objectKey, id);
    return true;
  }

  private untie(objectKey: string, basis: number): void {
    if (basis >= (this.saidAt.get(objectKey) ?? 0)) this.part(objectKey);
  }

  private part(objectKey: string): void {
    this.accountOf.delete(objectKey);
    this.touched.push(objectKey);
  }

  private hold(objectKey: string, id: string): void {
    const before = this.last.get(objectKey);
    if (before !== undefined && before !== id && this.letGo.has(before)) this.abandoned.add(before);
    if ([...this.last].some(([key, held]) => held === id && key !== objectKey)) this.abandoned.add(id);
    this.letGo.delete(id);
    this.accountOf.set(objectKey, id);
    this.touched.push(objectKey);
    this.last.set(objectKey, id);
  }
}
