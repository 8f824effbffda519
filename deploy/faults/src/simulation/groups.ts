import type { Assigned } from '@provident/domain';

import type { People, Person } from './people.js';
import type { Random } from './random.js';

/** A group as the source of the simulated world knows it. */
export interface Group {
  readonly anchor: string;
  readonly name: string;
  /** Number of the version of the source in which anything about the group changed last, its members too. */
  readonly changedIn: number;
  /** Anchors of people and of groups; also of people whom the source does not know yet, or not any more. */
  readonly members: ReadonlySet<string>;
}

export type Groups = ReadonlyMap<string, Group>;

/** Whether a job that is for some only is for this person: named, or in one of the named groups, or in a group within one of those. Written apart from the product. */
export function isAssigned(person: string, groups: Groups, { ids = [], groups: named = [], nested }: Assigned): boolean {
  const isWithin = (group: Group | undefined, above: readonly string[]): boolean => {
    if (!group || above.includes(group.anchor)) return false;
    const parts = nested ? [...group.members].filter((member) => member.startsWith('G')) : [];
    return group.members.has(person) || parts.some((part) => isWithin(groups.get(part), [...above, group.anchor]));
  };
  return ids.includes(person) || named.some((group) => isWithin(groups.get(group), []));
}

/** Makes groups, who is in them and who manages whom, from one day to the next. Has dice of its own: the people's story is the same without groups. */
export class Guild {
  private born = 0;

  constructor(private readonly random: Random) {}

  first(people: People): Groups {
    return new Map(Array.from({ length: this.random.between(1, 3) }, () => this.found(people, 0)).map((each) => [each.anchor, each]));
  }

  /** Groups come and go, members join and leave; now and then nearly all of them at once. One group always stays, with somebody in it. */
  next(before: Groups, people: People, version: number): Groups {
    const { random } = this;
    const after = new Map<string, Group>();
    for (const group of before.values()) {
      if (after.size > 0 && random.chance(0.12)) continue;
      after.set(group.anchor, random.chance(0.6) ? this.change(group, people, version) : group);
    }
    if (random.chance(0.3)) {
      const group = this.found(people, version);
      after.set(group.anchor, group);
    }
    return after;
  }

  /** Who is new or has changed gets a manager, who may be nobody yet, or the person itself. */
  employ(people: People, version: number): People {
    const { random } = this;
    const bossOf = (person: Person): Person => (random.chance(0.7) ? { ...person, boss: this.somebody(people) } : person);
    return new Map([...people].map(([anchor, person]) => [anchor, person.changedIn === version ? bossOf(person) : person]));
  }

  private found(people: People, version: number): Group {
    const members = new Set(Array.from({ length: this.random.between(1, 7) }, () => this.somebody(people)));
    const anchor = `G${++this.born}`;
    // Groups are in younger groups only: none is in itself, however far round.
    if (this.born > 1 && this.random.chance(0.3)) members.add(`G${this.random.between(1, this.born - 1)}`);
    return { anchor, name: `Group ${anchor}`, changedIn: version, members };
  }

  private change(group: Group, people: People, version: number): Group {
    const { random } = this;
    const changed = { ...group, changedIn: version };
    if (random.chance(0.15)) return { ...changed, name: `${group.name}'` };
    const leaving = random.chance(0.2) ? 0.8 : 0.2;
    const members = new Set([...group.members].filter(() => !random.chance(leaving)));
    for (let count = random.between(members.size === 0 ? 1 : 0, 3); count > 0; count--) members.add(this.somebody(people));
    return { ...changed, members };
  }

  /** Mostly somebody who is there; sometimes the next who will be. */
  private somebody(people: People): string {
    const anchors = [...people.keys()];
    const newest = Math.max(0, ...anchors.map((anchor) => Number(anchor.slice(1))));
    return anchors.length === 0 || this.random.chance(0.1) ? `E${newest + this.random.between(1, 2)}` : this.random.pick(anchors);
  }
}
