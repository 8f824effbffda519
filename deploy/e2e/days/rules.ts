import type { Belonging, Employee, World } from './company.js';

/** The rules once more, written apart from the product: what the target must hold after a number of days, from nothing but what the source said. */

/** What the target holds, people by their address and groups by their name. */
export interface Holding {
  readonly people: Readonly<Record<string, HeldPerson>>;
  readonly members: Readonly<Record<string, readonly string[]>>;
}

export interface HeldPerson {
  readonly id: string;
  readonly family: string;
  readonly title: string;
  readonly active: boolean;
  /** Address of the manager; null for nobody. Not looked at in an account that is not used. */
  readonly manager: string | null;
}

/** One day's source, as far as it could be read. */
export interface Day {
  readonly world: World;
  /** Why nobody loses anything on such a day: what has to go waits for a person, or it is not known who belongs to which group. */
  readonly keepsAll: 'held' | 'belongings unread' | false;
}

/** What one job makes of the source. */
export interface Rules {
  /** Whether a group holds the people of groups within it, or these groups. */
  readonly flatten: boolean;
  /** Only who belongs to one of these teams, directly or by way of teams in them, or is one of these people; there are no groups then, and nothing waits for a person. */
  readonly assigned?: { readonly teams: readonly string[]; readonly people: readonly string[] };
}

interface Account {
  /** Tells it from another account of the same person, before or after. */
  readonly number: number;
  readonly employee: Employee;
  readonly active: boolean;
  /** Number of the manager's account. */
  readonly boss: number | null;
}

/** The manager's account is gone, and another manager is waited for. */
export const nobody = 'nobody';

const isMeant = ({ status, department }: Employee): boolean => status === 'active' && department === 'Works';

/**
 * Who is active and no contractor has an account in use, with the newest values; an empty one says nothing. Who is not any more has one that is not used, with the values it had;
 * who is gone has none. A group is there while the source has it, and holds those of its people whose account is in use. Where people have to be assigned, who is not
 * any more is like one who is not active; while it is not known who belongs to which team, nothing happens.
 */
export function holdingAfter(days: readonly Day[], rules: Rules): Holding {
  const { flatten, assigned } = rules;
  const state: State = { accounts: new Map(), teams: new Map(), everLost: new Set(), made: 0 };
  for (const day of days) {
    if (!assigned) liveThrough(day, state, isMeant);
    else if (day.keepsAll !== 'belongings unread') liveThrough({ ...day, keepsAll: false }, state, meantAndAssigned(day.world, assigned));
  }
  if (assigned) state.teams.clear();
  const { accounts, teams } = state;
  const addressOf = (id: string): string => accounts.get(id)!.employee.mail;
  const addresses = new Map([...accounts.values()].map(({ number, employee }) => [number, employee.mail]));
  const people = [...accounts.values()].map(({ employee: { id, mail, family, title }, active, boss }): [string, HeldPerson] => [
    mail,
    { id, family, title, active, manager: active && boss !== null ? (addresses.get(boss) ?? nobody) : null },
  ]);
  const belongings = days.at(-1)!.world.belongings.filter((each) => !isCircular(each, days.at(-1)!.world.belongings));
  const inUse = new Set([...accounts].filter(([, { active }]) => active).map(([id]) => id));
  const members = [...teams].map(([team, name]): [string, string[]] => {
    const persons = peopleOf(team, belongings, flatten).filter((id) => inUse.has(id));
    const groups = flatten ? [] : belongings.filter((each) => each.team === team && each.kind === 'group').map(({ member }) => member);
    return [name, [...persons.map(addressOf), ...groups.flatMap((id) => teams.get(id) ?? [])].sort()];
  });
  return { people: sorted(people), members: sorted(members) };
}

interface State {
  readonly accounts: Map<string, Account>;
  readonly teams: Map<string, string>;
  /** Whose account went away once. */
  readonly everLost: Set<string>;
  /** Accounts that were made. */
  made: number;
}

function meantAndAssigned({ belongings }: World, { teams, people }: NonNullable<Rules['assigned']>): (employee: Employee) => boolean {
  const assigned = new Set([...people, ...teams.flatMap((team) => peopleOf(team, belongings, true))]);
  return (employee) => isMeant(employee) && assigned.has(employee.id);
}

function liveThrough({ world, keepsAll }: Day, state: State, isWanted: (employee: Employee) => boolean): void {
  const { accounts, teams, everLost } = state;
  const there = new Set(world.employees.map(({ id }) => id));
  if (!keepsAll) {
    for (const id of accounts.keys()) {
      if (there.has(id)) continue;
      accounts.delete(id);
      everLost.add(id);
    }
    const left = new Set(world.teams.map(({ id }) => id));
    for (const id of teams.keys()) if (!left.has(id)) teams.delete(id);
  }
  for (const { id, name } of world.teams) teams.set(id, name);
  for (const employee of world.employees) {
    const held = accounts.get(employee.id);
    const number = held?.number ?? ++state.made;
    const title = employee.title || (held?.employee.title ?? '');
    if (isWanted(employee)) accounts.set(employee.id, { number, employee: { ...employee, title }, active: true, boss: held?.boss ?? null });
    else if (held && !keepsAll) accounts.set(employee.id, { ...held, active: false });
  }
  for (const [id, account] of accounts) {
    const employee = world.employees.find((each) => each.id === id);
    if (employee && isWanted(employee)) accounts.set(id, { ...account, boss: managerOf(employee, account, { accounts, everLost, world }) });
  }
}

/**
 * A manager without an account is waited for, and nothing is changed until then; of one whose account went away nothing is kept. Where people with accounts
 * manage each other in a circle nothing is changed, either.
 */
function managerOf(
  { id, boss }: Employee,
  held: Account,
  { accounts, everLost, world }: Pick<State, 'accounts' | 'everLost'> & Pick<Day, 'world'>,
): number | null {
  if (boss === '') return null;
  if (boss === id) return held.boss;
  const account = accounts.get(boss);
  if (!account) return everLost.has(boss) ? null : held.boss;
  return isAbove(id, boss, accounts, world) ? held.boss : account.number;
}

/** Whether somebody is among those who manage another, as far as there are accounts. */
function isAbove(id: string, other: string, accounts: State['accounts'], { employees }: World): boolean {
  const above = new Set<string>();
  for (let at = other; at !== '' && !above.has(at); ) {
    above.add(at);
    at = (accounts.has(at) && employees.find((each) => each.id === at)?.boss) || '';
  }
  return above.has(id);
}

function peopleOf(team: string, belongings: readonly Belonging[], flatten: boolean): string[] {
  const teams = new Set([team]);
  for (const each of flatten ? teams : [])
    for (const { team: outer, member, kind } of belongings) if (outer === each && kind === 'group') teams.add(member);
  return [...new Set(belongings.filter((each) => teams.has(each.team) && each.kind === 'user').map(({ member }) => member))];
}

/** Whether a group within a group leads back to it. */
function isCircular({ team, member, kind }: Belonging, belongings: readonly Belonging[]): boolean {
  if (kind === 'user') return false;
  const reached = new Set([member]);
  for (const each of reached) for (const other of belongings) if (other.team === each && other.kind === 'group') reached.add(other.member);
  return reached.has(team);
}

export const sorted = <Value>(entries: readonly (readonly [string, Value])[]): Record<string, Value> =>
  Object.fromEntries([...entries].sort(([one], [other]) => (one < other ? -1 : 1)));
