import type { ScimmyTarget } from '@provident/connectors/testing';

import { heldIn } from './held-in.js';
import type { Holding } from './rules.js';

const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/**
 * Somebody has a hand in the target: renames the first who has an account in use before and after the day, disables the last of them, and takes a member out of a
 * group that is the same before and after. @returns what was done, to be told when it is not undone
 */
export async function meddle(target: ScimmyTarget, token: string, after: Holding): Promise<string[]> {
  const before = heldIn(target);
  const staying = Object.keys(before.people).filter((mail) => before.people[mail]!.active && after.people[mail]?.active);
  const [first, last] = [staying[0], staying.at(-1)];
  const idOf = (mail: string | undefined) => target.users().find(({ userName }) => userName === mail)?.id;
  const done: string[] = [];
  const patch = async (what: string, place: string, operation: object): Promise<void> => {
    const answer = await fetch(`${target.url}/${place}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
      body: JSON.stringify({ schemas: [patchUrn], Operations: [operation] }),
    });
    if (!answer.ok) throw new Error(`${what}: ${answer.status} ${await answer.text()}`);
    done.push(what);
  };
  if (first) await patch(`renamed ${first}`, `Users/${idOf(first)}`, { op: 'replace', path: 'name.familyName', value: 'By hand' });
  if (last && last !== first) await patch(`disabled ${last}`, `Users/${idOf(last)}`, { op: 'replace', path: 'active', value: false });
  for (const [team, members] of Object.entries(before.members)) {
    const member = members.find((mail) => staying.includes(mail) && mail !== last && after.members[team]?.includes(mail));
    if (!member) continue;
    const group = target.groups().find(({ displayName }) => displayName === team)!;
    await patch(`took ${member} out of ${team}`, `Groups/${group.id}`, { op: 'remove', path: `members[value eq "${idOf(member)}"]` });
    break;
  }
  return done;
}
