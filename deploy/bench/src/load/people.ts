import { rename, writeFile } from 'node:fs/promises';

/** A row of the source. */
export interface Person {
  readonly employeeId: string;
  readonly userName: string;
  readonly displayName: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly title: string;
  readonly mail: string;
  readonly department: string;
  readonly employment: 'employee' | 'contractor';
  readonly status: 'active' | 'inactive';
}

const columns = [
  'employeeId',
  'userName',
  'displayName',
  'givenName',
  'familyName',
  'title',
  'mail',
  'department',
  'employment',
  'status',
] as const;

const given = ['Ada', 'Björn', 'Chloé', 'Dmitri', 'Edith', 'Farid', 'Grace', 'Hiro'];
const family = ['Lovelace', 'Öberg', 'Martin', 'Ivanov', 'Clarke', 'Haddad', 'Hopper', 'Tanaka', 'Nguyen', 'Silva'];
const titles = ['Engineer', 'Analyst', 'Manager', 'Designer'];
const departments = ['Finance', 'Research', 'Sales', 'Operations', 'People'];
const pick = (list: readonly string[], at: number): string => list[at % list.length]!;

/**
 * So many people who are to get an account, and among them, one more in a hundred each, people out of scope and people who are not active:
 * they are imported and decided upon, and counted as nothing.
 */
export function makePeople(users: number): Person[] {
  const aside = Math.ceil(users / 100);
  const all = users + 2 * aside;
  const every = Math.floor(all / aside);
  return Array.from({ length: all }, (_, at) => {
    const turn = at < aside * every ? at % every : 1;
    return person(at, turn === 0 ? 'out-of-scope' : turn === every - 1 && every > 1 ? 'not-active' : 'wanted');
  });
}

function person(at: number, kind: 'wanted' | 'out-of-scope' | 'not-active'): Person {
  const givenName = pick(given, at);
  const familyName = pick(family, at >> 3);
  return {
    employeeId: `E-${100_000 + at}`,
    userName: `user${at}@example.org`,
    displayName: `${givenName} ${familyName}`,
    givenName,
    familyName,
    title: pick(titles, at >> 1),
    mail: `user${at}@example.org`,
    department: pick(departments, at),
    employment: kind === 'out-of-scope' ? 'contractor' : 'employee',
    status: kind === 'not-active' ? 'inactive' : 'active',
  };
}

export const isWanted = ({ employment, status }: Person): boolean => employment === 'employee' && status === 'active';

/** So many of those with an account get another title, spread over the whole file. */
export function changeTitles(people: readonly Person[], count: number): Person[] {
  const wanted = people.filter(isWanted);
  const step = Math.floor(wanted.length / count);
  const changed = new Set(Array.from({ length: count }, (_, at) => wanted[at * step]!.employeeId));
  return people.map((each) => (changed.has(each.employeeId) ? { ...each, title: `Senior ${each.title}` } : each));
}

/** Replaces the file in one step, as a careful exporter would. */
export async function writeCsv(file: string, people: readonly Person[]): Promise<void> {
  const lines = people.map((each) => columns.map((column) => each[column]).join(','));
  await writeFile(`${file}.new`, `${[columns.join(','), ...lines].join('\n')}\n`);
  await rename(`${file}.new`, file);
}
