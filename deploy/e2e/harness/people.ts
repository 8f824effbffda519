import { renameSync, writeFileSync } from 'node:fs';

/** A person as the source knows them. */
export interface Person {
  readonly employeeId: string;
  readonly userName: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly email: string;
  readonly department: string;
  readonly status: 'active' | 'inactive';
}

/** An account, as far as the rules determine it. */
export interface Account {
  readonly userName: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly email: string;
  readonly active: boolean;
}

const columns = ['employeeId', 'userName', 'givenName', 'familyName', 'email', 'department', 'status'] as const;

/** Every tenth works elsewhere and is out of scope. */
export function person(index: number, changes: Partial<Person> = {}): Person {
  return {
    employeeId: `E${index}`,
    userName: `user${index}@example.org`,
    givenName: `Given${index}`,
    familyName: `Family ${index}`,
    email: `mail${index}@example.org`,
    department: index % 10 === 9 ? 'Contractors' : 'Finance',
    status: 'active',
    ...changes,
  };
}

export const people = (count: number, from = 0): Person[] => Array.from({ length: count }, (_, index) => person(from + index));

export const rowOf = (each: Person): string => columns.map((column) => each[column]).join(',');
export const csvOf = (everybody: readonly Person[]): string => `${[columns.join(','), ...everybody.map(rowOf)].join('\n')}\n`;

/** Replaces the file by renaming a finished one over it, as the CSV source asks for. */
export function writeCsv(file: string, content: readonly Person[] | string | Buffer): void {
  const finished = `${file}.new`;
  writeFileSync(finished, typeof content === 'string' || Buffer.isBuffer(content) ? content : csvOf(content));
  renameSync(finished, file);
}

/**
 * The rules once more, written apart from the product: which accounts there must be after the source has looked like each version in turn.
 * Who is wanted has an active account with the newest values; who is not wanted any more has a disabled one with the values it had; who is gone has none.
 */
export function expectedAccounts(...versions: readonly (readonly Person[])[]): Account[] {
  const accounts = new Map<string, Account>();
  for (const version of versions) {
    const present = new Set(version.map(({ employeeId }) => employeeId));
    for (const employeeId of accounts.keys()) if (!present.has(employeeId)) accounts.delete(employeeId);
    for (const { employeeId, department, status, userName, givenName, familyName, email } of version) {
      const held = accounts.get(employeeId);
      if (department !== 'Contractors' && status === 'active')
        accounts.set(employeeId, { userName, givenName, familyName, email, active: true });
      else if (held) accounts.set(employeeId, { ...held, active: false });
    }
  }
  return byUserName([...accounts.values()]);
}

/** What a SCIM target holds, in the same form. */
export function accountsIn(users: readonly Record<string, unknown>[]): Account[] {
  return byUserName(users.map(accountOf));
}

function accountOf(user: Record<string, unknown>): Account {
  const name = (user['name'] ?? {}) as Record<string, string>;
  const emails = (user['emails'] ?? []) as readonly Record<string, string>[];
  return {
    userName: String(user['userName']),
    givenName: name['givenName'] ?? '',
    familyName: name['familyName'] ?? '',
    email: emails.find(({ type }) => type === 'work')?.['value'] ?? '',
    active: user['active'] !== false,
  };
}

const byUserName = (accounts: Account[]): Account[] =>
  accounts.sort((one, other) => (one.userName < other.userName ? -1 : one.userName > other.userName ? 1 : 0));
