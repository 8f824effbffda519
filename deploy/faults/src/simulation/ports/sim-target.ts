import { ConnectorError, type ConnectorErrorKind, type TargetConnector, type TargetObject } from '@provident/connectors';
import type { AttributeBag, AttributeChange } from '@provident/domain';

import type { Chaos, Trouble } from '../chaos.js';
import { running } from '../virtual-time.js';
import type { Fault, SimProcess, World } from '../world.js';
import { type Ties, anchorIn } from '../ties.js';
import { TargetGroups } from './sim-groups.js';
import type { Source, Watch } from './sim-source.js';

interface Account {
  attributes: Record<string, AttributeBag[string]>;
  isActive: boolean;
  namedAtMs: number;
}

/** How long ago another one may have been given a name, by a creation or anew, without whoever creates an account having to know of it where the target does not refuse it. */
const unseenForMs = 1_000;

export const versionIn = (attributes: AttributeBag): number => Number(String(attributes['title'] ?? 'v-1').slice(1));

/** The target of the world, which sees every write and says at once when one breaks a promise. */
export class Target {
  readonly accounts = new Map<string, Account>();
  readonly inGroups: TargetGroups;
  /** Told before each write that is asked for. */
  readonly watchers: Watch[] = [];
  /** What somebody writes into titles by hand. */
  readonly titleByHand = 'changed by hand';
  /** Whom somebody put into a group by hand, as group and account. */
  readonly putInByHand = new Set<string>();
  /** Whether somebody's account, or a group, was deleted by hand, and nobody has said that it is his no more. */
  isDeletedByHand: (objectKey: string) => boolean = () => false;
  /** The newest version that was ever written into an account: stays so, whatever somebody does by hand. */
  private readonly written = new Map<string, number>();
  private count = 0;

  constructor(
    private readonly world: World,
    private readonly source: Source,
    /** Whether it refuses a user name that is taken. */
    readonly isStrict: boolean,
    /** Who is linked to what by now. */
    private readonly ties: () => Ties,
  ) {
    this.inGroups = new TargetGroups(world, source, this, ties);
  }

  /** Whose account or group an id is: whoever it was chosen for, or who stands in it. */
  anchorOf(id: string): string | undefined {
    const held = this.accounts.get(id) ?? this.inGroups.groups.get(id);
    return held && (this.ties().chosenHolder(id) ?? String(held.attributes['externalId']));
  }

  /** Everybody whose an account or a group is by what it says or by what the log says: for a moment, until whoever has it now is written into it, these differ. */
  anchorsOf(id: string): ReadonlySet<string> {
    const linked = [...this.ties().accountOf].filter(([, held]) => held === id).map(([key]) => anchorIn(key));
    return new Set([this.anchorOf(id) ?? [], linked].flat());
  }

  /** Whether a person took its link away, and nobody was found to have it since. */
  isLetGo(id: string): boolean {
    return this.ties().letGo.has(id);
  }

  /** Whether somebody was put into a group by hand of whom no version of the source ever said so. @param pair group and account */
  isStranger(pair: string): boolean {
    const [group, member] = pair.split(' ') as [string, string];
    const isAnybodys = this.ties().chosenFor.has(group) || this.ties().chosenFor.has(member);
    const [to, anchor] = [this.anchorOf(group), this.anchorOf(member)];
    if (isAnybodys || to === undefined || anchor === undefined || !this.putInByHand.has(pair)) return false;
    return this.source.groupVersions.every((groups) => !groups.get(to)?.members.has(anchor));
  }

  create(attributes: AttributeBag): { id: string } {
    const named = [...this.accounts].filter(([, each]) => each.attributes['userName'] === attributes['userName']);
    if (named.length > 0 && this.isStrict) throw failure('conflict', `the user name ${attributes['userName'] as string} is taken`);
    const ties = this.ties();
    const anchor = String(attributes['externalId']);
    const owned = [...this.accounts].filter(
      ([id]) => this.anchorOf(id) === anchor && !ties.letGo.has(id) && !ties.isLeftBehind(id, anchor),
    );
    const seen = named.filter(([, { namedAtMs }]) => this.world.nowMs - namedAtMs > unseenForMs);
    for (const [id] of new Map([...owned, ...seen]))
      this.world.violated(`an account is created for ${text(attributes)}, who has ${id} already`);
    if (this.isDeletedByHand(`user:${anchor}`))
      this.world.violated(`an account that somebody deleted is made again without a word: ${text(attributes)}`);
    const id = `t-${++this.count}`;
    this.accounts.set(id, { attributes: { ...attributes }, isActive: true, namedAtMs: this.world.nowMs });
    this.written.set(id, versionIn(attributes));
    this.world.note(`target: ${id} is created for ${text(attributes)}`);
    return { id };
  }

  update(id: string, changes: readonly AttributeChange[]): void {
    const account = this.present(id);
    const after = { ...account.attributes, ...Object.fromEntries(changes.map((change) => [change.attribute, change.new])) };
    const named = [...this.accounts].some(([other, each]) => other !== id && each.attributes['userName'] === after['userName']);
    if (named && this.isStrict) throw failure('conflict', `the user name ${after['userName'] as string} is taken`);
    const isSame = after['externalId'] === account.attributes['externalId'];
    if (isSame && versionIn(after) < this.written.get(id)!)
      this.world.violated(`an older value overwrites a newer one: ${text(account.attributes)} becomes ${text(after)}`);
    if (!isSame || versionIn(after) > this.written.get(id)!) this.written.set(id, versionIn(after));
    if (after['userName'] !== account.attributes['userName']) account.namedAtMs = this.world.nowMs;
    account.attributes = after;
    this.world.note(`target: ${id} is now ${text(after)}`);
  }

  setActive(id: string, isActive: boolean): void {
    const account = this.present(id);
    if (!isActive) this.checkUnwanted(id, account, 'disabled');
    account.isActive = isActive;
    this.world.note(`target: ${id} is ${isActive ? 'enabled' : 'disabled'}`);
  }

  remove(id: string): void {
    const account = this.accounts.get(id);
    if (!account) return;
    this.checkUnwanted(id, account, 'removed');
    this.accounts.delete(id);
    this.inGroups.forgetMember(id);
    this.world.note(`target: ${id} is removed`);
  }

  group(id: string, asked: readonly string[]): TargetObject | null {
    const group = this.inGroups.groups.get(id);
    if (!group) return null;
    return {
      id,
      attributes: Object.fromEntries(Object.entries(group.attributes).filter(([name]) => asked.includes(name))),
      state: 'active',
    };
  }

  object(id: string, asked: readonly string[]): TargetObject | null {
    const account = this.accounts.get(id);
    if (!account) return null;
    const attributes = Object.fromEntries(Object.entries(account.attributes).filter(([name]) => asked.includes(name)));
    return { id, attributes, state: account.isActive ? 'active' : 'disabled' };
  }

  /** An account goes only when some version of the source did not want its person, or somebody for whom it was chosen by hand. */
  private checkUnwanted(id: string, { attributes }: Account, what: string): void {
    const chosenFor = this.ties().chosenFor.get(id) ?? [];
    if ([String(attributes['externalId']), ...chosenFor].every((anchor) => this.source.wasAlwaysWanted(anchor)))
      this.world.violated(`${text(attributes)} is ${what}, although every version of the source wants it`);
  }

  private present(id: string): Account {
    const account = this.accounts.get(id);
    if (!account) throw failure('gone', `there is no account ${id}`);
    return account;
  }
}

const text = ({ externalId, userName, title }: AttributeBag): string => `${String(externalId)} (${String(userName)}, ${String(title)})`;

export const failure = (kind: ConnectorErrorKind, message = `the target says ${kind}`, retryAfterMs?: number): ConnectorError =>
  new ConnectorError({ kind, code: `simulated-${kind}`, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });

const listPageSize = 3;

/** The target as a process reaches it: any request may be refused, lost, held up, or carried out without anybody hearing of it. */
export function targetConnector(world: World, target: Target, chaos: Chaos): TargetConnector {
  const { random } = world;

  const faultFor = (isWrite: boolean): Fault | undefined => {
    const strikes = (trouble: Trouble): boolean => chaos.strikes(trouble);
    if (strikes('throttled')) return { takesEffect: false, error: failure('throttled', 'slow down', random.between(100, 3_000)) };
    if (strikes('unavailable')) return { takesEffect: false, error: failure('unavailable') };
    if (strikes('unauthorized')) return { takesEffect: false, error: failure('unauthorized') };
    if (strikes('lost-answer') && isWrite) return { takesEffect: random.chance(0.6), error: failure('unknown-outcome') };
    if (strikes('hang'))
      return { takesEffect: isWrite && random.chance(0.6), error: failure(isWrite ? 'unknown-outcome' : 'unavailable'), afterMs: 3_000 };
    if (strikes('rejected') && isWrite) return { takesEffect: false, error: failure('rejected') };
    if (strikes('gone') && isWrite) return { takesEffect: false, error: failure('gone') };
    return undefined;
  };
  const request = <Result>(isWrite: boolean, effect: () => Result): Promise<Result> => {
    const fault = faultFor(isWrite);
    return world.call(effect, fault && { fault });
  };
  const reads = <Result>(effect: () => Result): Promise<Result> => request(false, effect);
  const writes = <Result>(id: string | undefined, effect: () => Result): Promise<Result> => {
    for (const watch of target.watchers) watch('writes', running() as SimProcess, id);
    return request(true, effect);
  };

  const isGroup = (type: string): boolean => type === 'Group';
  const heldOf = (type: string): ReadonlyMap<string, { readonly attributes: AttributeBag }> =>
    isGroup(type) ? target.inGroups.groups : target.accounts;
  const objectOf = (type: string, id: string, asked: readonly string[]): TargetObject | null =>
    isGroup(type) ? target.group(id, asked) : target.object(id, asked);

  return {
    describe: async () => ({ name: 'app', objectTypes: [] }),
    abilities: async () => ({
      list: true,
      listPageSize,
      disable: true,
      delete: true,
      concurrency: 4,
      membersPerChange: 3,
      nestedGroups: true,
    }),
    close: async () => undefined,
    changeMembers: (_type, id, changes) => writes(id, () => target.inGroups.changeMembers(id, changes)),
    members: (_type, id) => reads(() => (target.inGroups.groups.has(id) ? [...target.inGroups.groups.get(id)!.members] : null)),
    count: (type) => reads(() => heldOf(type).size),
    list: (type, attributes, from) =>
      reads(() => {
        const at = Number(from ?? 0);
        const ids = [...heldOf(type).keys()];
        const next = at + listPageSize < ids.length ? String(at + listPageSize) : null;
        return { objects: ids.slice(at, at + listPageSize).map((id) => objectOf(type, id, attributes)!), next };
      }),
    find: ({ objectType: type, attribute, value }, attributes) =>
      reads(() =>
        [...heldOf(type)].filter(([, held]) => held.attributes[attribute] === value).map(([id]) => objectOf(type, id, attributes)!),
      ),
    read: (type, id, attributes) => reads(() => objectOf(type, id, attributes)),
    create: (type, attributes) => writes(undefined, () => (isGroup(type) ? target.inGroups.create(attributes) : target.create(attributes))),
    update: (type, id, changes) => writes(id, () => (isGroup(type) ? target.inGroups.update(id, changes) : target.update(id, changes))),
    setActive: (_type, id, isActive) => writes(id, () => target.setActive(id, isActive)),
    remove: (type, id) => writes(id, () => (isGroup(type) ? target.inGroups.remove(id) : target.remove(id))),
  };
}
