import type { Random } from '../harness/index.js';

export interface Employee {
  readonly id: string;
  readonly mail: string;
  readonly family: string;
  readonly title: string;
  readonly status: 'active' | 'left';
  readonly department: 'Works' | 'Contractors';
  /** Id of another employee, who need not be there (yet); empty for nobody. */
  readonly boss: string;
}

export interface Team {
  readonly id: string;
  readonly name: string;
}

export interface Belonging {
  readonly team: string;
  /** Id of an employee or of a team. Neither has to be there. */
  readonly member: string;
  readonly kind: 'user' | 'group';
}

/** Everything that the source says. */
export interface World {
  readonly employees: readonly Employee[];
  readonly teams: readonly Team[];
  readonly belongings: readonly Belonging[];
}

/** Names that a careless program would stumble over. */
const families = ['Mahoney', "O'Neill", 'Müller', 'Ng', 'van der Berg, jr.', 'Nguyễn', 'Quote "Q" Quinn', 'ÅNGSTRÖM', 'null', '山田'];
const titles = ['', 'Welder', 'Painter', 'Head of "Paint & Co."', 'Líder', 'true', '0012'];

/** People who come, move, leave and return, and the groups they make up; the same for the same random numbers. */
export class Company {
  private hired = 0;
  private founded = 0;
  private named = 0;
  /** Who has left and may return. */
  private readonly former: Employee[] = [];
  private readonly formerTeams: Team[] = [];
  /** Addresses that somebody had once. */
  private readonly formerAddresses: string[] = [];
  /** Whose account has which address, in small letters. */
  private taken: ReadonlyMap<string, string> = new Map();
  private employees: Employee[] = [];
  private teams: Team[] = [];
  private belongings: Belonging[] = [];

  constructor(
    private readonly random: Random,
    size: { readonly people: number; readonly teams: number },
  ) {
    for (let count = size.people; count > 0; count--) this.hire();
    for (let count = size.teams; count > 0; count--) this.found();
    for (const { id } of this.employees) if (random.between(1, 4) > 1) this.setBoss(id);
  }

  get world(): World {
    const { employees, teams, belongings } = this;
    return { employees: [...employees], teams: [...teams], belongings: [...belongings] };
  }

  /** An ordinary day: some of everything. @param taken ids of people by the addresses of their accounts, in small letters: nobody else is given these */
  day(taken: ReadonlyMap<string, string>): void {
    const { random } = this;
    this.taken = taken;
    const some = (most: number, happens: () => void): void => {
      for (let count = random.between(0, most); count > 0; count--) happens();
    };
    some(3, () => this.hire());
    some(2, () => this.with(this.employees, (each) => this.leave(each)));
    some(1, () => this.returns());
    some(3, () => this.with(this.employees, ({ id }) => this.change(id, this.movement())));
    some(1, () => this.with(this.employees, (each) => this.rename(each)));
    some(2, () => this.with(this.employees, ({ id }) => this.setBoss(id)));
    some(1, () => this.found());
    some(1, () => this.with(this.teams, (each) => this.dissolve(each)));
    some(1, () => this.refound());
    some(1, () => this.with(this.teams, ({ id }) => this.renameTeam(id)));
    some(5, () => this.with(this.teams, ({ id }) => this.join(id)));
    some(1, () => this.with(this.teams, ({ id }) => this.nest(id)));
    some(4, () => this.with(this.belongings, (each) => (this.belongings = this.belongings.filter((other) => other !== each))));
  }

  /** A day on which half of the people are missing, and are in their groups all the same. */
  massLeave(): void {
    for (const each of this.employees.filter((_, index) => index % 2 === 0)) this.leave(each);
  }

  /** One who left last is there again, as if nothing had happened. */
  returns(): void {
    const back = this.former.splice(this.random.between(0, this.former.length - 1), 1)[0];
    if (back) this.employees.push({ ...back, status: 'active', mail: this.isFree(back.mail, back.id) ? back.mail : this.newAddress() });
  }

  private hire(): void {
    const { random } = this;
    const id = `E${++this.hired}`;
    this.employees.push({
      id,
      mail: this.address(),
      family: random.pick(families),
      title: random.pick(titles),
      status: random.between(1, 12) === 1 ? 'left' : 'active',
      department: random.between(1, 8) === 1 ? 'Contractors' : 'Works',
      boss: random.between(1, 3) === 1 ? this.somebody() : '',
    });
    if (this.teams.length > 0 && random.between(1, 2) === 1)
      this.belongings.push({ team: random.pick(this.teams).id, member: id, kind: 'user' });
  }

  /** A new address, or one that somebody had once. */
  private address(): string {
    const free = this.random.between(1, 3) === 1 ? this.formerAddresses.find((each) => this.isFree(each, '')) : undefined;
    return free ?? this.newAddress();
  }

  private newAddress(): string {
    return `Person.${++this.named}@example.org`;
  }

  private isFree(address: string, id: string): boolean {
    const text = address.toLowerCase();
    const owner = this.taken.get(text);
    return (owner === undefined || owner === id) && !this.employees.some(({ mail }) => mail.toLowerCase() === text);
  }

  /** Somebody who is there, or who will be hired next and is not there yet. */
  private somebody(): string {
    return this.employees.length > 0 && this.random.between(1, 8) > 1 ? this.random.pick(this.employees).id : `E${this.hired + 3}`;
  }

  private leave(each: Employee): void {
    this.employees = this.employees.filter(({ id }) => id !== each.id);
    this.former.push(each);
  }

  private movement(): Partial<Employee> {
    const { random } = this;
    return random.pick<Partial<Employee>>([
      { department: 'Works' },
      { department: 'Contractors' },
      { status: 'active' },
      { status: 'left' },
      { title: random.pick(titles) },
      { family: random.pick(families) },
    ]);
  }

  private rename({ id, mail }: Employee): void {
    const isCaseOnly = this.random.between(1, 4) === 1;
    if (!isCaseOnly) this.formerAddresses.push(mail);
    this.change(id, { mail: isCaseOnly ? swapCase(mail) : this.address() });
  }

  private setBoss(id: string): void {
    this.change(id, { boss: this.random.between(1, 5) === 1 ? '' : this.somebody() });
  }

  private change(id: string, changes: Partial<Employee>): void {
    this.employees = this.employees.map((each) => (each.id === id ? { ...each, ...changes } : each));
  }

  private found(): void {
    const id = `T${++this.founded}`;
    this.teams.push({ id, name: `Team ${id}, "${this.random.pick(families)}"` });
    for (let count = this.random.between(0, 8); count > 0; count--) this.join(id);
  }

  private refound(): void {
    const team = this.formerTeams.pop();
    if (!team) return;
    this.teams.push(team);
    for (let count = this.random.between(0, 4); count > 0; count--) this.join(team.id);
  }

  private dissolve(team: Team): void {
    this.teams = this.teams.filter(({ id }) => id !== team.id);
    this.belongings = this.belongings.filter((each) => each.team !== team.id && each.member !== team.id);
    this.formerTeams.push(team);
  }

  private renameTeam(id: string): void {
    this.teams = this.teams.map((each) => (each.id === id ? { id, name: `${id} ${this.random.pick(families)} ${++this.named}` } : each));
  }

  private join(team: string): void {
    this.belong({ team, member: this.somebody(), kind: 'user' });
  }

  /** Any group may be put into any, also where that makes no sense. */
  private nest(team: string): void {
    this.belong({ team, member: this.random.pick(this.teams).id, kind: 'group' });
  }

  private belong(belonging: Belonging): void {
    const isThere = this.belongings.some(({ team, member }) => team === belonging.team && member === belonging.member);
    if (!isThere) this.belongings.push(belonging);
  }

  private with<Item>(items: readonly Item[], happens: (item: Item) => void): void {
    if (items.length > 0) happens(this.random.pick(items));
  }
}

const swapCase = (text: string): string => (text === text.toLowerCase() ? text.toUpperCase() : text.toLowerCase());
