import { CycleClosed, CycleOpened, type DataOf, DriftFound, type LogEvent, is } from '@provident/contracts';
import { linkSubject } from '@provident/importer';
import { ownerSubject } from '@provident/job-scheduler';

import { anchorIn, tiesIn } from '../ties.js';
import { type Differences, differencesIn, sameDifferences } from './differences.js';
import { type Hand, type Scene, type Standing, by } from './hand.js';

type Mode = 'report' | 'repair';
type Step = 'rest' | Mode | 'remedy' | 'again' | 'done';

/** How long an order may be on its way before it counts as lost. */
const patienceMs = 15_000;

/**
 * An administrator of the target, who changes accounts and memberships by hand: in the end the job has to tell every such change and nothing else, and then to
 * change them back. For accounts that were deleted the link is taken away, so that new ones are made, and once those are there it is repaired again.
 */
export class DriftHand implements Hand {
  /** What was there to tell when a cycle looked, by the cycle. */
  private readonly looks = new Map<string, Differences>();
  /** Accounts and groups. */
  private readonly deleted = new Set<string>();
  private step: Step = 'rest';
  private asked: { readonly atMs: number; readonly sequence: number; readonly expected: Differences } | null = null;
  private names = 0;

  constructor(
    private readonly jobId: string,
    private readonly withGroups: boolean,
    private readonly scene: Scene,
  ) {
    scene.target.isDeletedByHand = (objectKey) => this.isDeleted(objectKey);
  }

  act(): void {
    const { dice } = this.scene;
    if (dice.chance(0.25)) return this.run(dice.pick(['report', 'repair']));
    if (dice.chance(0.3) && this.changeMembers()) return;
    if (dice.chance(0.15) && this.changeGroup()) return;
    this.changeAccount();
  }

  /** Whether somebody's account was deleted by hand, and nobody has said yet that it is his no more. */
  isDeleted(objectKey: string): boolean {
    const id = tiesIn(this.scene.broker.events).accountOf.get(objectKey);
    return id !== undefined && this.deleted.has(id);
  }

  tidy(isAtRest: boolean): Standing {
    switch (this.step) {
      case 'rest':
        if (isAtRest) this.step = 'report';
        return 'waits';
      case 'report':
        if (this.look('report')) this.step = 'repair';
        return 'waits';
      case 'repair':
        if (this.look('repair')) this.step = 'remedy';
        return 'waits';
      case 'remedy':
        this.step = this.remedy() ? 'again' : 'done';
        return 'acted';
      case 'again': // groups that waited for one of those accounts were not looked at
        if (isAtRest) this.step = 'repair';
        return 'waits';
      default:
        return 'done';
    }
  }

  check(events: readonly LogEvent[]): readonly string[] {
    return [...this.looks].flatMap(([cycleId, expected]) => compare(expected, cycleId, events));
  }

  /** @returns whether a cycle has looked, from what stood in the target all the time */
  private look(mode: Mode): boolean {
    const { world, broker } = this.scene;
    const events = broker.events;
    const { asked } = this;
    const opened = asked && events.find((event) => event.sequence > asked.sequence && is(event, CycleOpened) && event.data.drift === mode);
    if (!asked || (!opened && world.nowMs > asked.atMs + patienceMs)) {
      this.asked = { atMs: world.nowMs, sequence: events.length, expected: this.differences() };
      this.run(mode);
      return false;
    }
    const cycleId = (opened?.data as DataOf<typeof CycleOpened> | undefined)?.cycleId;
    const closed = events.find((event) => is(event, CycleClosed) && event.data.cycleId === cycleId);
    if (!closed) return false;
    this.asked = null;
    const { result } = closed.data as DataOf<typeof CycleClosed>;
    // Of accounts that are gone a repair tells as of failures.
    if (mode === 'repair') return result !== 'failed';
    if (result !== 'succeeded') return false;
    if (!sameDifferences(asked.expected, this.differences())) return false;
    this.looks.set(cycleId!, asked.expected);
    return true;
  }

  private differences(): Differences {
    const { broker, source, target } = this.scene;
    return differencesIn(broker.events, source, target, this.withGroups);
  }

  /** @returns whether there was something to do */
  private remedy(): boolean {
    const { broker, wire, world } = this.scene;
    const left = [...tiesIn(broker.events).accountOf].filter(([, id]) => this.deleted.has(id));
    for (const [objectKey] of left) {
      world.note(`by hand: the account of ${objectKey} is gone, and its link is taken away`);
      const subject = { objectType: objectKey.startsWith('group:') ? 'group' : 'user', id: anchorIn(objectKey) };
      wire.publish(linkSubject(this.jobId), JSON.stringify({ order: 'remove', subject, jobId: this.jobId, by }), this.noteAnswer);
    }
    return left.length > 0;
  }

  private run(mode: Mode): void {
    const { wire, world } = this.scene;
    world.note(`by hand: look for changes by hand (${mode})`);
    wire.publish(
      ownerSubject(this.jobId),
      JSON.stringify({ name: 'run', payload: { jobId: this.jobId, drift: mode, by } }),
      this.noteAnswer,
    );
  }

  private readonly noteAnswer = (answer: string): void => this.scene.world.note(`  answered: ${answer}`);

  private changeAccount(): void {
    const { dice, broker, source, target, world } = this.scene;
    const linked = [...tiesIn(broker.events).accountOf].filter(([, id]) => target.accounts.has(id));
    if (linked.length === 0) return;
    const [objectKey, id] = dice.pick(linked);
    const account = target.accounts.get(id)!;
    const named = source.groupVersions.length > 0 ? (['manager'] as const) : [];
    const what = dice.pick(['title', 'title', 'userName', 'userName', 'active', 'active', ...named, 'delete'] as const);
    if (what === 'title') account.attributes = { ...account.attributes, title: target.titleByHand };
    if (what === 'userName') account.attributes = { ...account.attributes, userName: `by-hand-${++this.names}` };
    if (what === 'manager') account.attributes = { ...account.attributes, manager: dice.pick([null, dice.pick(linked)[1]]) };
    if (what === 'active') account.isActive = !account.isActive;
    if (what === 'delete') {
      target.accounts.delete(id);
      target.inGroups.forgetMember(id);
      this.deleted.add(id);
    }
    world.note(`target: by hand: ${what} of ${id} (${objectKey})`);
  }

  /** @returns whether anything was changed */
  private changeGroup(): boolean {
    const { dice, broker, target, world } = this.scene;
    const { groups } = target.inGroups;
    const linked = [...tiesIn(broker.events).accountOf].filter(([, id]) => groups.has(id));
    if (linked.length === 0) return false;
    const [objectKey, id] = dice.pick(linked);
    const group = groups.get(id)!;
    const what = dice.pick(['title', 'displayName', 'delete'] as const);
    if (what === 'title') group.attributes = { ...group.attributes, title: target.titleByHand };
    if (what === 'displayName') group.attributes = { ...group.attributes, displayName: `By hand ${++this.names}` };
    if (what === 'delete') {
      groups.delete(id);
      target.inGroups.forgetMember(id);
      this.deleted.add(id);
    }
    world.note(`target: by hand: ${what} of ${id} (${objectKey})`);
    return true;
  }

  /** @returns whether anything was changed */
  private changeMembers(): boolean {
    const { dice, broker, target, world, source } = this.scene;
    const ties = tiesIn(broker.events);
    const groups = [...ties.accountOf].filter(([key, id]) => key.startsWith('group:') && target.inGroups.groups.has(id));
    if (groups.length === 0) return false;
    const [objectKey, id] = dice.pick(groups);
    const { members } = target.inGroups.groups.get(id)!;
    const people = [...ties.accountOf].filter(([key, account]) => target.accounts.has(account) && source.isWanted(anchorIn(key)));
    if (people.length === 0) return false;
    const [memberKey, account] = dice.pick(people);
    const isIn = members.has(account);
    if (isIn) members.delete(account);
    else {
      members.add(account);
      target.putInByHand.add(`${id} ${account}`);
    }
    world.note(`target: by hand: ${memberKey} is ${isIn ? 'taken out of' : 'put into'} ${objectKey}`);
    return true;
  }
}

/** What a look told, beside what it had to tell. */
function compare(
  { accounts, excused, unmanaged, missing, added, putIn, kept }: Differences,
  cycleId: string,
  events: readonly LogEvent[],
): string[] {
  const problems: string[] = [];
  const found = new Map<string, string>();
  const members = { missing: new Set<string>(), added: new Set<string>() };
  for (const event of events) {
    if (!is(event, DriftFound) || event.data.cycleId !== cycleId) continue;
    const { objectKey, account, attributes, members: of } = event.data;
    const names = attributes.map(({ attribute }) => attribute).filter((name) => name !== 'manager' || !unmanaged.has(objectKey));
    if (!of && (account !== 'differs' || names.length > 0)) found.set(objectKey, [account, ...names.sort()].join(' '));
    for (const key of of?.examples.missing ?? []) members.missing.add(`${objectKey} ${key}`);
    for (const key of of?.examples.added ?? []) members.added.add(`${objectKey} ${key}`);
  }
  const tell = (what: string): void => void problems.push(`cycle ${cycleId} looked for changes by hand: ${what}`);
  for (const [key, how] of accounts) if (found.get(key) !== how) tell(`${key} is "${how}", and told was "${found.get(key) ?? 'nothing'}"`);
  for (const [key, how] of found) if (!accounts.has(key) && !excused.has(key)) tell(`${key} is as it has to be, and told was "${how}"`);
  for (const pair of missing) if (!members.missing.has(pair)) tell(`a member is missing and was not told: ${pair}`);
  for (const pair of members.missing) if (!missing.has(pair) && !kept.has(pair)) tell(`nobody is missing, and told was ${pair}`);
  for (const pair of members.added) if (!putIn.has(pair)) tell(`nobody was put in, and told was ${pair}`);
  for (const pair of added) if (!members.added.has(pair)) tell(`a member was put in and was not told: ${pair}`);
  return problems;
}
