import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type JournalEntry, type QuirkScimServer, startQuirkScimServer } from '@provident/connectors/testing';
import { ImportCompleted, MembershipsImported } from '@provident/contracts';
import { eventuallyHolds } from '@provident/testing';

import { Installation, type JobInput, checkLog, openEscrows, scimTarget } from './harness/index.js';

interface Employee {
  readonly id: string;
  readonly status: 'active' | 'left';
  readonly department: string;
  readonly manager: string;
}
interface Team {
  readonly id: string;
  readonly name: string;
}
interface Belonging {
  readonly team: string;
  readonly member: string;
  readonly kind: 'user' | 'group';
}
/** Everything that the source says. */
interface World {
  readonly employees: readonly Employee[];
  readonly teams: readonly Team[];
  readonly belongings: readonly Belonging[];
}

const job = 'teams';
const manager = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager';
const large = 'T-everybody';

const employee = (number: number, more: Partial<Employee> = {}): Employee => ({
  id: `E${number}`,
  status: 'active',
  department: 'Works',
  manager: '',
  ...more,
});
const user = (team: string, ...numbers: readonly number[]): Belonging[] =>
  numbers.map((number) => ({ team, member: `E${number}`, kind: 'user' }));
const nested = (team: string, member: string): Belonging => ({ team, member, kind: 'group' });
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at);

// ---------------------------------------------------------------- the rules once more, written apart from the product

interface Expected {
  /** Managers by user name; who has none is absent. */
  readonly managers: Record<string, string>;
  /** User names of members by the group's name. */
  readonly members: Record<string, string[]>;
}

const mailOf = (id: string): string => `${id.toLowerCase()}@example.org`;

/** Who is employed and no contractor has an account that is used; a group holds those of them who are in it or in a group within it. */
function expectedOf({ employees, teams, belongings }: World): Expected {
  const used = new Set(
    employees.filter(({ status, department }) => status === 'active' && department !== 'Contractors').map(({ id }) => id),
  );
  const isCircular = (team: string): boolean => teamsWithin(team, belongings).has(team);
  const peopleIn = (team: string, seen: readonly string[] = []): string[] =>
    belongings
      .filter((each) => each.team === team)
      .flatMap(({ member, kind }) => {
        if (kind === 'user') return [member];
        const isInCircle = isCircular(team) && teamsWithin(member, belongings).has(team);
        return isInCircle || seen.includes(member) ? [] : peopleIn(member, [...seen, team]);
      });
  const bosses = new Map(employees.map(({ id, manager: boss }) => [id, boss]));
  const isBelowThemselves = (id: string): boolean => {
    let above = bosses.get(id);
    for (let steps = 0; above !== undefined && above !== id && steps < 10; steps++) above = bosses.get(above);
    return above === id;
  };
  const reported = employees.filter(({ id, manager: boss }) => used.has(id) && used.has(boss) && !isBelowThemselves(id));
  return {
    managers: Object.fromEntries(reported.map(({ id, manager: boss }) => [mailOf(id), mailOf(boss)]).sort(byFirst)),
    members: Object.fromEntries(
      teams
        .map(({ id, name }): [string, string[]] => [
          name,
          [...new Set(peopleIn(id))]
            .filter((each) => used.has(each))
            .map(mailOf)
            .sort(),
        ])
        .sort(byFirst),
    ),
  };
}

/** Groups that a group holds, directly or by way of others. */
function teamsWithin(team: string, belongings: readonly Belonging[]): Set<string> {
  const within = new Set<string>();
  for (let reached = [team]; reached.length > 0; ) {
    reached = belongings
      .filter((each) => each.kind === 'group' && reached.includes(each.team) && !within.has(each.member))
      .map(({ member }) => member);
    for (const each of reached) within.add(each);
  }
  return within;
}

const byFirst = ([one]: readonly unknown[], [other]: readonly unknown[]): number => (String(one) < String(other) ? -1 : 1);

// ---------------------------------------------------------------- the target, in the same form

function heldIn(target: QuirkScimServer): Expected {
  const nameOf = new Map(target.users().map(({ id, userName }) => [id, String(userName)]));
  const extension = manager.slice(0, manager.lastIndexOf(':'));
  const bossOf = (each: Record<string, unknown>): string | undefined =>
    ((each[extension] ?? {}) as { manager?: { value?: string } }).manager?.value;
  const managed = target.users().filter((each) => each['active'] !== false && bossOf(each) !== undefined);
  const membersOf = (group: Record<string, unknown>): string[] =>
    ((group['members'] ?? []) as { value: string }[]).map(({ value }) => nameOf.get(value) ?? value).sort();
  return {
    managers: Object.fromEntries(managed.map((each) => [String(each['userName']), nameOf.get(bossOf(each)!) ?? '?']).sort(byFirst)),
    members: Object.fromEntries(
      target
        .groups()
        .map((group): [string, string[]] => [String(group['displayName']), membersOf(group)])
        .sort(byFirst),
    ),
  };
}

// ---------------------------------------------------------------- the installation

let installation: Installation;
let target: QuirkScimServer;
beforeAll(async () => {
  target = await startQuirkScimServer();
  installation = await Installation.start();
}, 60_000);
afterAll(async () => {
  await installation?.stop();
  await target?.close();
});

function write(name: string, lines: readonly string[]): void {
  const file = join(installation.folder, name);
  writeFileSync(`${file}.new`, `${lines.join('\n')}\n`);
  renameSync(`${file}.new`, file);
}

/** The source is like this from now on. */
function source({ employees, teams, belongings }: World): void {
  const rows = employees.map(({ id, status, department, manager: boss }) => [id, mailOf(id), status, department, boss].join(','));
  write('staff.csv', ['id,mail,status,department,boss', ...rows]);
  write('teams.csv', ['id,name', ...teams.map(({ id, name }) => `${id},${name}`)]);
  write('belongings.csv', ['team,member,kind', ...belongings.map(({ team, member, kind }) => `${team},${member},${kind}`)]);
}

const definition = (): JobInput => ({
  job,
  source: {
    connector: 'csv',
    config: {
      file: 'staff.csv',
      anchor: 'id',
      groups: { file: 'teams.csv', anchor: 'id' },
      memberships: { file: 'belongings.csv', group: 'team', member: 'member', memberType: 'kind' },
    },
  },
  target: scimTarget(target.url, { membersPerRequest: 500 }),
  objects: [
    {
      type: 'group',
      displayName: 'name',
      nested: 'flatten',
      attributes: [
        { target: 'displayName', source: 'name', matching: 2 },
        { target: 'externalId', source: 'id', matching: 1 },
      ],
    },
    {
      type: 'user',
      displayName: 'mail',
      scope: [{ name: 'no contractors', all: [{ attribute: 'department', operator: 'NOT EQUALS', value: 'Contractors' }] }],
      active: { attribute: 'status', operator: 'EQUALS', value: 'active' },
      attributes: [
        { target: 'userName', source: 'mail', matching: 1 },
        { target: manager, reference: 'boss' },
      ],
    },
  ],
  schedule: { every: '1d' },
  lanes: 4,
});

const inStep = (world: World): Promise<void> =>
  eventuallyHolds(() => expect(heldIn(target)).toEqual(expectedOf(world)), { timeoutMs: 45_000, intervalMs: 200 });

/** Requests about groups that were made while something was done. */
async function requestsAbout(what: () => Promise<unknown>): Promise<JournalEntry[]> {
  const from = target.journal.length;
  await what();
  return target.journal.slice(from).filter(({ url }) => url.includes('/Groups'));
}

/** Ids of members that a request names. */
function namedIn({ body }: JournalEntry): string[] {
  const operations = (body?.['Operations'] ?? []) as { op: string; path?: string; value?: { value: string }[] }[];
  return operations.flatMap(({ path = '', value = [] }) =>
    path === 'members' ? value.map((each) => each.value) : (/^members\[value eq "(.+)"\]$/.exec(path) ?? []).slice(1),
  );
}

test('people, groups, managers and members are kept in step, and what is missing is made up for by itself', async () => {
  let world: World = {
    employees: [
      employee(1, { manager: 'E2' }),
      employee(2, { manager: 'E1' }),
      employee(3, { manager: 'E3' }),
      employee(4, { manager: 'E1' }),
      employee(5, { manager: 'E9001' }),
      employee(6, { department: 'Contractors' }),
      ...range(7, 3_020).map((number) => employee(number)),
    ],
    teams: [
      { id: 'T-1', name: 'Welding' },
      { id: 'T-2', name: 'Paint' },
      { id: 'T-3', name: 'Ouroboros' },
      { id: 'T-4', name: 'Hen' },
      { id: 'T-5', name: 'Egg' },
      { id: large, name: 'Everybody' },
    ],
    belongings: [
      ...user('T-1', 1, 2, 6, 9001),
      nested('T-1', 'T-2'),
      ...user('T-2', 2, 3),
      ...user('T-3', 4),
      nested('T-3', 'T-3'),
      nested('T-4', 'T-5'),
      nested('T-5', 'T-4'),
      ...user('T-5', 5),
      ...user(large, ...range(10, 3_010)),
    ],
  };
  const change = (next: Partial<World>): void => {
    world = { ...world, ...next };
    source(world);
  };

  // The first cycle. Managers who have no account yet and the members follow by themselves; two who manage each other have no manager.
  source(world);
  await installation.apply(definition());
  const first = await installation.cycleClosed(job, 1, 90_000);
  expect(first).toMatchObject({ result: 'succeeded', tally: { skipped: 1, escrowed: 0 } });
  await inStep(world);
  const refused = (await installation.list(job, MembershipsImported)).flatMap((event) =>
    event.refused.map(({ key, code }) => `${event.objectKey} ${key} ${code}`),
  );
  expect(refused).toEqual([
    'group:T-3 group:T-3 contains-itself',
    'group:T-4 group:T-5 nesting-cycle',
    'group:T-5 group:T-4 nesting-cycle',
  ]);

  // Somebody arrives who was a member and a manager already; of the two who managed each other one does no more.
  change({ employees: [...world.employees.map((each) => (each.id === 'E2' ? { ...each, manager: '' } : each)), employee(9_001)] });
  expect(await installation.run(job)).toMatchObject({ result: 'succeeded', tally: { created: 1, escrowed: 0 } });
  await inStep(world);
  expect(heldIn(target).managers).toMatchObject({ 'e5@example.org': 'e9001@example.org', 'e1@example.org': 'e2@example.org' });

  // A member leaves a group, another the scope; a group gets another name, and somebody no manager any more.
  change({
    employees: world.employees.map((each) => {
      if (each.id === 'E2') return { ...each, department: 'Contractors' };
      return each.id === 'E4' ? { ...each, manager: '' } : each;
    }),
    teams: world.teams.map((each) => (each.id === 'T-2' ? { ...each, name: 'Lacquer' } : each)),
    belongings: world.belongings.filter(({ team, member }) => team !== 'T-2' || member !== 'E3'),
  });
  await installation.run(job);
  // The one whose manager left the scope has the account of that manager still: it is disabled, not gone.
  await eventuallyHolds(() => expect(heldIn(target).members).toEqual(expectedOf(world).members), { timeoutMs: 30_000, intervalMs: 200 });
  expect(heldIn(target).managers).toEqual({ ...expectedOf(world).managers, 'e1@example.org': 'e2@example.org' });

  // Of three thousand, five leave and five come: two requests, which name those ten. Who leaves is weighed first.
  const leaving = range(10, 15);
  const coming = range(3_010, 3_015);
  change({
    belongings: [
      ...world.belongings.filter(({ team, member }) => team !== large || !leaving.includes(Number(member.slice(1)))),
      ...user(large, ...coming),
    ],
  });
  const requests = await requestsAbout(() => installation.run(job));
  const changes = requests.filter(({ method }) => method !== 'GET');
  expect(changes.map(({ method, url }) => `${method} ${url.slice(0, 18)}`)).toEqual([
    'PATCH /scim/v2/Groups/g-',
    'PATCH /scim/v2/Groups/g-',
  ]);
  expect(changes.map((each) => namedIn(each).length)).toEqual([5, 5]);
  await eventuallyHolds(() => expect(heldIn(target).members).toEqual(expectedOf(world).members));
  expect((await installation.list(job, ImportCompleted)).at(-1)).toMatchObject({ imported: 2, memberships: { added: 5, removed: 5 } });

  // Never a whole list, never more than the target takes at once, no large event, and everything accounted for.
  const written = target.journal.filter(({ method, url }) => method !== 'GET' && url.includes('/Groups'));
  expect(written.filter(({ method }) => method === 'PUT')).toEqual([]);
  expect(Math.max(...written.map((each) => namedIn(each).length))).toBeLessThanOrEqual(500);
  const events = await installation.eventsAtRest(job);
  expect(Math.max(...events.map(({ data }) => JSON.stringify(data).length))).toBeLessThan(256 * 1_024);
  expect(checkLog(events)).toEqual([]);
  expect(openEscrows(events)).toEqual([]);
  expect(installation.troubles()).toEqual([]);
}, 240_000);
