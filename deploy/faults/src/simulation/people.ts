import type { Random } from './random.js';

/** A person as the source of the simulated world knows them. */
export interface Person {
  readonly anchor: string;
  readonly userName: string;
  readonly department: 'Finance' | 'Contractors';
  readonly status: 'active' | 'inactive';
  /** Number of the version of the source in which anything about the person changed last: travels into the account, and must never go back there. */
  readonly changedIn: number;
  /** Anchor of the manager, if somebody was named; may be nobody the source knows. */
  readonly boss?: string;
}

export type People = ReadonlyMap<string, Person>;

/** Whether the filters of the rules want an account for this person: written apart from the product. */
export const isWanted = (person: Person | undefined): boolean => person?.department === 'Finance' && person.status === 'active';

/** Makes people and what becomes of them from one day to the next. */
export class Village {
  private born = 0;
  private names = 0;

  constructor(private readonly random: Random) {}

  first(version = 0): People {
    const count = this.random.between(3, 12);
    return new Map(Array.from({ length: count }, () => this.join(version)).map((each) => [each.anchor, each]));
  }

  /** Joiners, movers, leavers; now and then far more leavers than anybody means, or nobody at all. */
  next(before: People, version: number): People {
    const { random } = this;
    if (random.chance(0.03)) return new Map();
    const leaving = random.chance(0.1) ? 0.7 : 0.12;
    const after = new Map<string, Person>();
    const leavers: Person[] = [];
    for (const person of before.values()) {
      if (random.chance(leaving)) leavers.push(person);
      else after.set(person.anchor, random.chance(0.4) ? this.change(person, version) : person);
    }
    for (let count = random.between(0, 3); count > 0; count--) {
      const joiner = this.join(version);
      const takesName = leavers.length > 0 && random.chance(0.2);
      after.set(joiner.anchor, takesName ? { ...joiner, userName: leavers.pop()!.userName } : joiner);
    }
    return after;
  }

  private join(version: number): Person {
    const isOut = this.random.chance(0.15);
    return {
      anchor: `E${++this.born}`,
      userName: this.name(),
      department: isOut ? 'Contractors' : 'Finance',
      status: this.random.chance(0.1) ? 'inactive' : 'active',
      changedIn: version,
    };
  }

  private change(person: Person, version: number): Person {
    const changed = { ...person, changedIn: version };
    switch (this.random.between(0, 5)) {
      case 0:
        return { ...changed, department: person.department === 'Finance' ? 'Contractors' : 'Finance' };
      case 1:
        return { ...changed, status: person.status === 'active' ? 'inactive' : 'active' };
      case 2:
        return { ...changed, userName: this.name() };
      default:
        return changed;
    }
  }

  private name(): string {
    return `user${++this.names}@example.org`;
  }
}
