import type { AttributeBag, AttributeChange, MemberChanges } from '@provident/domain';

import type { Ties } from '../ties.js';
import type { World } from '../world.js';
import type { Source } from './sim-source.js';
import { type Target, failure, versionIn } from './sim-target.js';

interface HeldGroup {
  attributes: Record<string, AttributeBag[string]>;
  readonly members: Set<string>;
}

/** Whom somebody else put into a group: stays, whatever the job does. */
export const somebodyElse = 'somebody-else';

/** The groups of the target, which sees every write and says at once when one breaks a promise. */
export class TargetGroups {
  readonly groups = new Map<string, HeldGroup>();
  /** The newest version that was ever written into a group: stays so, whatever somebody does by hand. */
  private readonly written = new Map<string, number>();
  private count = 0;

  constructor(
    private readonly world: World,
    private readonly source: Source,
    private readonly target: Pick<Target, 'anchorOf' | 'anchorsOf' | 'isDeletedByHand' | 'isStranger'>,
    private readonly ties: () => Ties,
  ) {}

  create(attributes: AttributeBag): { id: string } {
    for (const [id, held] of this.groups) {
      if (held.attributes['displayName'] === attributes['displayName']) throw failure('conflict', 'the name is taken');
      if (held.attributes['externalId'] === attributes['externalId'] && !this.ties().letGo.has(id))
        this.world.violated(`a group is created for ${text(attributes)}, which has ${id} already`);
    }
    if (this.target.isDeletedByHand(`group:${String(attributes['externalId'])}`))
      this.world.violated(`a group that somebody deleted is made again without a word: ${text(attributes)}`);
    const id = `g-${++this.count}`;
    this.written.set(id, versionIn(attributes));
    this.groups.set(id, { attributes: { ...attributes }, members: new Set([somebodyElse]) });
    this.world.note(`target: group ${id} is created for ${text(attributes)}`);
    return { id };
  }

  update(id: string, changes: readonly AttributeChange[]): void {
    const group = this.present(id);
    const after = { ...group.attributes, ...Object.fromEntries(changes.map((change) => [change.attribute, change.new])) };
    if (versionIn(after) < this.written.get(id)!)
      this.world.violated(`an older value overwrites a newer one: ${text(group.attributes)} becomes ${text(after)}`);
    if (versionIn(after) > this.written.get(id)!) this.written.set(id, versionIn(after));
    group.attributes = after;
    this.world.note(`target: group ${id} is now ${text(after)}`);
  }

  changeMembers(id: string, { add, remove }: MemberChanges): void {
    const { attributes, members } = this.present(id);
    const group = String(attributes['externalId']);
    const unknown = add.find((member) => this.target.anchorOf(member.id) === undefined);
    if (unknown) throw failure('rejected', `there is no ${unknown.id} that could be a member`);
    for (const member of add) {
      const anchors = [...this.target.anchorsOf(member.id)];
      if (!this.source.groupVersions.some((groups) => anchors.some((anchor) => groups.get(group)?.members.has(anchor))))
        this.world.violated(`${anchors.join(' or ')} is put into ${group}, although no version of the source says so`);
      members.add(member.id);
    }
    for (const member of remove) {
      const anchor = this.target.anchorOf(member.id);
      if (anchor !== undefined && members.has(member.id) && this.isAlwaysMember(anchor, group))
        this.world.violated(`${anchor} is taken out of ${group}, although every version of the source wants it there`);
      if (members.has(member.id) && this.target.isStranger(`${id} ${member.id}`))
        this.world.violated(`${anchor} is taken out of ${group}, although somebody put it in by hand, and the job never did`);
      members.delete(member.id);
    }
    const told = (some: MemberChanges['add']) => some.map((member) => this.target.anchorOf(member.id) ?? member.id).join(' ');
    this.world.note(`target: group ${id} (${group}) +[${told(add)}] -[${told(remove)}]`);
  }

  remove(id: string): void {
    const group = this.groups.get(id);
    if (!group) return;
    const anchor = String(group.attributes['externalId']);
    if (this.source.groupVersions.every((groups) => groups.has(anchor)))
      this.world.violated(`group ${text(group.attributes)} is removed, although every version of the source has it`);
    this.groups.delete(id);
    this.forgetMember(id);
    this.world.note(`target: group ${id} is removed`);
  }

  /** Who is no more is in no group. */
  forgetMember(id: string): void {
    for (const { members } of this.groups.values()) members.delete(id);
  }

  private isAlwaysMember(anchor: string, group: string): boolean {
    const { groupVersions } = this.source;
    const isThere = anchor.startsWith('G') ? groupVersions.every((groups) => groups.has(anchor)) : this.source.wasAlwaysWanted(anchor);
    return isThere && groupVersions.every((groups) => groups.get(group)?.members.has(anchor));
  }

  private present(id: string): HeldGroup {
    const group = this.groups.get(id);
    if (!group) throw failure('gone', `there is no group ${id}`);
    return group;
  }
}

const text = ({ externalId, displayName, title }: AttributeBag): string =>
  `${String(externalId)} (${String(displayName)}, ${String(title)})`;
