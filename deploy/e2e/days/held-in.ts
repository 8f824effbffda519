import type { ScimmyTarget } from '@provident/connectors/testing';

import { type HeldPerson, type Holding, nobody, sorted } from './rules.js';

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** What a target holds, in the form of the rules. */
export function heldIn(target: ScimmyTarget): Holding {
  const [users, groups] = [target.users(), target.groups()];
  const nameOf = new Map([
    ...users.map(({ id, userName }) => [id, userName] as const),
    ...groups.map(({ id, displayName }) => [id, displayName] as const),
  ]);
  const named = (id: string): string => nameOf.get(id) ?? nobody;
  const people = users.map((user): [string, HeldPerson] => {
    const active = user['active'] !== false;
    const manager = (user[enterprise] as { manager?: { value?: string } } | undefined)?.manager?.value;
    const name = user['name'] as { familyName?: string } | undefined;
    return [
      user.userName,
      {
        id: user.externalId ?? '',
        family: name?.familyName ?? '',
        title: (user['title'] as string | undefined) ?? '',
        active,
        manager: active && manager !== undefined ? named(manager) : null,
      },
    ];
  });
  const members = groups.map((group): [string, string[]] => [
    group.displayName,
    (group.members ?? []).map(({ value }) => named(value)).sort(),
  ]);
  return { people: sorted(people), members: sorted(members) };
}
