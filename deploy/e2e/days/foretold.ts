import { type LogEvent, ObjectExported, type SimulatedRow, is } from '@provident/contracts';

/** What becomes of whom, as a simulation foretells it or as it was then done; accounts are named by whom they belong to. */
export interface Fates {
  /** By object: what was or would be written first. Who is left as they are is not among them. */
  readonly actions: Readonly<Record<string, string>>;
  /** By group: who joins (+) and who leaves (-). */
  readonly members: Readonly<Record<string, readonly string[]>>;
  /** By person: the manager that is written in the end; null for nobody. */
  readonly managers: Readonly<Record<string, string | null>>;
}

type Naming = (id: unknown) => string | null;

const idle = new Set(['unchanged', 'skip', 'fail']);

export function fatesForetold(rows: readonly SimulatedRow[], before: readonly LogEvent[], manager: string): Fates {
  const nameOf = namingIn(before);
  const itself = rows.filter(({ part }) => part === null);
  return fates(
    itself.filter(({ action }) => !idle.has(action)).map(({ objectKey, action }) => [objectKey, action]),
    rows.flatMap(({ objectKey, members, held }) => (members && !held ? [{ group: objectKey, ...members }] : [])),
    // What follows comes after the object itself, and stands.
    [...itself, ...rows.filter(({ part }) => part === 'references')].flatMap(({ objectKey, changes }) =>
      changes.filter(({ attribute }) => attribute === manager).map((change) => [objectKey, nameOf(change.new)]),
    ),
  );
}

/** @param position of the log from which on it was done */
export function fatesDone(events: readonly LogEvent[], position: number, manager: string): Fates {
  const nameOf = namingIn(events);
  const exported = events.filter((event) => is(event, ObjectExported)).filter(({ sequence }) => sequence > position);
  const told = exported.map(({ data }) => data);
  return fates(
    told.filter(({ part, attempt }) => part === undefined && attempt === 0).map(({ objectKey, action }) => [objectKey, action]),
    told.flatMap(({ objectKey, members }) => (members ? [{ group: objectKey, ...members }] : [])),
    told.flatMap(({ objectKey, changes }) =>
      changes.filter(({ attribute }) => attribute === manager).map((change) => [objectKey, nameOf(change.new)]),
    ),
  );
}

function fates(
  actions: readonly (readonly [string, string])[],
  memberships: readonly { group: string; add: readonly { key: string }[]; remove: readonly { key: string }[] }[],
  managers: readonly (readonly [string, string | null])[],
): Fates {
  const comings = new Map<string, Map<string, number>>();
  for (const { group, add, remove } of memberships) {
    const of = comings.get(group) ?? new Map<string, number>();
    comings.set(group, of);
    for (const { key } of add) of.set(key, (of.get(key) ?? 0) + 1);
    for (const { key } of remove) of.set(key, (of.get(key) ?? 0) - 1);
  }
  // Who joins a group while the removal of the account is still being weighed is out again at once: the sum counts.
  const members = [...comings].map(([group, of]): [string, string[]] => [
    group,
    [...of].flatMap(([key, sum]) => (sum === 0 ? [] : [`${sum > 0 ? '+' : '-'}${key}`])).sort(),
  ]);
  return {
    actions: Object.fromEntries(actions),
    members: Object.fromEntries(members.filter(([, changes]) => changes.length > 0)),
    managers: Object.fromEntries(managers),
  };
}

/** Whose account an id is of, as the log tells. */
function namingIn(events: readonly LogEvent[]): Naming {
  const owners = new Map<string, string>();
  for (const event of events)
    if (is(event, ObjectExported) && event.data.action === 'create') owners.set(event.data.targetId, event.data.objectKey);
  return (id) => {
    if (id === null || id === undefined) return null;
    if (typeof id === 'object') return (id as { accountOf: string }).accountOf;
    return owners.get(id as string) ?? `unknown ${String(id)}`;
  };
}
