import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ScimmyTarget, startScimmyTarget } from '@provident/connectors/testing';
import { CycleClosed, type DataOf } from '@provident/contracts';
import { eventuallyHolds } from '@provident/testing';

import { Company } from './days/company.js';
import { fatesDone, fatesForetold } from './days/foretold.js';
import { heldIn } from './days/held-in.js';
import { meddle } from './days/hands.js';
import { type Day, type Holding, type Rules, holdingAfter } from './days/rules.js';
import {
  Installation,
  type JobInput,
  type Random,
  type TcpProxy,
  checkLog,
  openEscrows,
  seededRandom,
  startTcpProxy,
} from './harness/index.js';

/*
 * A month in a company, day by day, in three jobs over the same files: one writes groups as they are, one only the people in them, one no groups but the people who
 * are assigned. On some days somebody changes accounts and groups by hand, and the cycle changes them back. Longer and larger by
 * E2E_DAYS (30), E2E_PEOPLE (60), and E2E_COMPANIES (1): so many months, of seed E2E_SEED and those behind it.
 */
const dayCount = Number(process.env['E2E_DAYS'] ?? 30);
const size = { people: Number(process.env['E2E_PEOPLE'] ?? 60), teams: 8 };
const firstSeed = Number(process.env['E2E_SEED'] ?? 1);
const seeds = Array.from({ length: Number(process.env['E2E_COMPANIES'] ?? 1) }, (_, at) => firstSeed + at);

const manager = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager';
const token = 'thirty-days';
const closeOnes: (() => Promise<unknown>)[] = [];
let installation: Installation;
beforeAll(async () => {
  installation = await Installation.start({ env: { THIRTY_DAYS_TOKEN: token } });
});
afterAll(async () => {
  await installation?.stop();
  await Promise.all(closeOnes.map((close) => close()));
});

const rows = (lines: readonly (readonly string[])[]): string =>
  `${lines.map((fields) => fields.map((field) => (/[",]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',')).join('\n')}\n`;

const kinds = ['keep', 'flatten', 'assigned'] as const;
type Kind = (typeof kinds)[number];
/** Teams and people that are assigned; one of them is hired later. */
const assigned = { teams: ['T1', 'T2', 'T3', 'T4'], people: ['E1', 'E2', 'E3', 'E63'] };
const rulesOf = (kind: Kind): Rules => ({ flatten: kind === 'flatten', ...(kind === 'assigned' && { assigned }) });

function definition(job: string, source: string, port: number, kind: Kind): JobInput {
  const groups = {
    type: 'group' as const,
    displayName: 'name',
    ...(kind !== 'assigned' && { nested: kind }),
    attributes: [
      { target: 'displayName', source: 'name', matching: 2 },
      { target: 'externalId', source: 'id', matching: 1 },
    ],
  };
  return {
    job,
    source: {
      connector: 'csv',
      config: {
        file: `${source}-staff.csv`,
        anchor: 'id',
        groups: { file: `${source}-teams.csv`, anchor: 'id' },
        memberships: { file: `${source}-belongings.csv`, group: 'team', member: 'member', memberType: 'kind' },
      },
    },
    target: { connector: 'scim', config: { url: `http://127.0.0.1:${port}/scim`, auth: { bearer: { env: 'THIRTY_DAYS_TOKEN' } } } },
    objects: [
      ...(kind === 'assigned' ? [] : [groups]),
      {
        type: 'user',
        displayName: 'mail',
        ...(kind === 'assigned' && { assigned: { groups: assigned.teams, nested: true, ids: assigned.people } }),
        scope: [{ name: 'no contractors', all: [{ attribute: 'department', operator: 'NOT EQUALS', value: 'Contractors' }] }],
        active: { attribute: 'status', operator: 'EQUALS', value: 'active' },
        attributes: [
          { target: 'externalId', source: 'id', matching: 1 },
          { target: 'userName', source: 'mail', matching: 2 },
          { target: 'name.familyName', source: 'family' },
          { target: 'title', source: 'title' },
          { target: manager, reference: 'boss' },
        ],
      },
    ],
    schedule: { every: '1d' },
    retry: { after: ['1s', '2s', '4s'], thenEvery: '2s', giveUpAfter: '1d' },
    // Whole teams may lose their assignment in a day.
    thresholds: { removals: { percent: kind === 'assigned' ? 100 : 30, atLeast: 15 } },
    lanes: 2,
  };
}

/** One job over the files, and what it keeps in step. */
class Branch {
  private constructor(
    readonly job: string,
    readonly target: ScimmyTarget,
    readonly proxy: TcpProxy,
    private readonly rules: Rules,
  ) {}

  static async open(source: string, kind: Kind): Promise<Branch> {
    const target = await startScimmyTarget({ token });
    const proxy = await startTcpProxy(Number(new URL(target.url).port));
    closeOnes.push(
      () => proxy.close(),
      () => target.close(),
    );
    const job = `${source}-${kind}`;
    await installation.apply(definition(job, source, proxy.port, kind));
    return new Branch(job, target, proxy, rulesOf(kind));
  }

  run(drift?: 'repair'): Promise<DataOf<typeof CycleClosed>> {
    return installation.run(this.job, drift ? { drift } : {});
  }

  get holdsForPersons(): boolean {
    return this.rules.assigned === undefined;
  }

  /** What the target has to hold after these days. */
  after(days: readonly Day[]): Holding {
    return holdingAfter(days, this.rules);
  }

  /** Simulates the day, and lets it happen: foretold was exactly what was then done. @param happens until the target is in step */
  async foretell(happens: () => Promise<void>): Promise<void> {
    // A write is seen in the target a moment before it is told of in the log.
    await eventuallyHolds(async () => expect(checkLog(await installation.eventsAtRest(this.job))).toEqual([]));
    const before = await installation.events(this.job);
    const { rows } = await installation.simulate(this.job);
    await happens();
    await eventuallyHolds(async () => {
      const done = fatesDone(await installation.events(this.job), before.at(-1)!.sequence, manager);
      expect(done).toEqual(fatesForetold(rows, before, manager));
    });
  }

  /** The target is as the rules make it of these days; references and members follow a cycle by themselves. */
  inStep(days: readonly Day[]): Promise<void> {
    return eventuallyHolds(() => expect(heldIn(this.target)).toEqual(this.after(days)), { timeoutMs: 30_000 });
  }

  /** The target goes away after so many pieces of answers, in the middle of a cycle, and is there again once that has ended. */
  async runInterrupted(pieces: number): Promise<void> {
    let left = pieces;
    const isCut = new Promise<void>((resolve) => {
      this.proxy.onAnswer = () => {
        if (left-- > 0) return true;
        resolve();
        return false;
      };
    });
    const running = this.run();
    await Promise.race([running, isCut]);
    await this.proxy.refuse();
    await running;
    this.proxy.onAnswer = () => true;
    await this.proxy.accept();
    // A removal that a retry comes upon is left to the next cycle, which counts it.
    await installation.eventsAtRest(this.job);
  }
}

type Special = 'truncated staff' | 'truncated belongings' | 'target away' | 'target away amid' | 'half are missing';
const specials: readonly Special[] = ['truncated staff', 'truncated belongings', 'target away', 'target away amid', 'half are missing'];

/** On which day what goes wrong; never on the first nor on the last, and each in a stretch of its own. */
function plan(random: Random): ReadonlyMap<number, Special> {
  const left = [...specials];
  const stretch = Math.floor((dayCount - 2) / specials.length);
  return new Map(
    specials.map((_, at): [number, Special] => {
      const special = left.splice(random.between(0, left.length - 1), 1)[0]!;
      return [1 + at * stretch + random.between(0, Math.max(0, stretch - 2)), special];
    }),
  );
}

/** One month, told day by day. */
class Month {
  private readonly days: Day[] = [];
  private readonly company: Company;
  private readonly plan: ReadonlyMap<number, Special>;

  private constructor(
    private readonly source: string,
    private readonly branches: readonly Branch[],
    private readonly random: Random,
  ) {
    this.company = new Company(random, size);
    this.plan = plan(random);
  }

  static async begin(seed: number): Promise<Month> {
    const source = `month-${seed}`;
    const random = seededRandom(seed);
    const month = new Month(source, [], random);
    month.write();
    const branches = await Promise.all(kinds.map((kind) => Branch.open(source, kind)));
    return Object.assign(month, { branches });
  }

  async live(): Promise<void> {
    await Promise.all(this.branches.map(({ job }) => installation.cycleClosed(job)));
    await this.expectInStep({ world: this.company.world, keepsAll: false });
    for (let day = 1; day < dayCount; day++) {
      try {
        // Removals that wait since a cycle that failed are done the day after; a simulation tells only of what is new to it.
        await this.day(this.plan.get(day), day % 4 === 0 && !this.plan.has(day - 1), day % 5 === 1);
      } catch (error) {
        const told = `on day ${day} (${this.plan.get(day) ?? 'an ordinary one'})`;
        throw new Error(`${told}: ${(error as Error).message}`, { cause: error });
      }
    }
    await this.expectNothingLeft();
  }

  private async day(special: Special | undefined, isForetold: boolean, isMeddledWith: boolean): Promise<void> {
    const { company, branches } = this;
    if (special === 'half are missing') return this.massLeave();
    company.day(this.takenAddresses());
    this.write();
    switch (special) {
      case 'truncated staff':
        this.truncate('staff');
        for (const { result } of await this.runAll()) expect(result).toBe('failed');
        return this.expectInStep();
      case 'truncated belongings': {
        this.truncate('belongings');
        for (const { result } of await this.runAll()) expect(result).toBe('failed');
        const { belongings } = this.days.at(-1)!.world;
        return this.expectInStep({ world: { ...company.world, belongings }, keepsAll: 'belongings unread' });
      }
      case 'target away':
        await Promise.all(branches.map(({ proxy }) => proxy.refuse()));
        for (const { result } of await this.runAll()) expect(result).toBe('failed');
        await Promise.all(branches.map(({ proxy }) => proxy.accept()));
        return this.expectInStep();
      case 'target away amid':
        await Promise.all(branches.map((branch) => branch.runInterrupted(this.random.between(5, 30))));
        break;
    }
    this.days.push({ world: company.world, keepsAll: false });
    const isMeddled = isMeddledWith && !special && !isForetold;
    const happens = async (branch: Branch): Promise<void> => {
      const done = isMeddled ? await meddle(branch.target, token, branch.after(this.days)) : [];
      expect((await branch.run(isMeddled ? 'repair' : undefined)).result).not.toBe('failed');
      await branch.inStep(this.days).catch((cause: Error) => {
        throw new Error(`${branch.job}, where somebody ${done.join(', ') || 'did nothing by hand'}: ${cause.message}`, { cause });
      });
    };
    if (!isForetold || special) await Promise.all(branches.map(happens));
    // An importer runs two simulations at once, and no more.
    else for (const branch of branches) await branch.foretell(() => happens(branch));
  }

  /** The guard holds it; the next day it is released, except for somebody who has returned. */
  private async massLeave(): Promise<void> {
    const { company, branches } = this;
    company.massLeave();
    this.write();
    const closed = await this.runAll();
    for (const [at, { tally }] of closed.entries())
      if (branches[at]!.holdsForPersons) expect(tally).toMatchObject({ deleted: 0, disabled: 0, held: expect.any(Number) as unknown });
    await this.expectInStep({ world: company.world, keepsAll: 'held' });
    company.returns();
    company.day(this.takenAddresses());
    this.write();
    await this.runAll();
    const holding = branches.flatMap(({ job, holdsForPersons }, at) => (holdsForPersons ? [[job, closed[at]!.cycleId] as const] : []));
    await Promise.all(holding.map(([job, cycleId]) => installation.release(job, cycleId)));
    await this.expectInStep({ world: company.world, keepsAll: false });
  }

  private runAll(): Promise<DataOf<typeof CycleClosed>[]> {
    return Promise.all(this.branches.map((branch) => branch.run()));
  }

  /** @param day that has been lived through; without one nothing may have changed */
  private async expectInStep(day?: Day): Promise<void> {
    if (day) this.days.push(day);
    await Promise.all(this.branches.map((branch) => branch.inStep(this.days)));
  }

  /** Nothing is left to do, nothing was done that is not in the log, and the log is whole. */
  private async expectNothingLeft(): Promise<void> {
    for (const branch of this.branches) {
      const before = branch.target.requests;
      expect(await branch.run()).toMatchObject({ result: 'succeeded', tally: { imported: 0 } });
      expect(branch.target.requests - before).toBeLessThan(6);
      const events = await installation.eventsAtRest(branch.job);
      expect(checkLog(events)).toEqual([]);
      expect(openEscrows(events)).toEqual([]);
    }
  }

  private takenAddresses(): ReadonlyMap<string, string> {
    const held = this.branches.flatMap((branch) => Object.entries(branch.after(this.days).people));
    return new Map(held.map(([mail, { id }]) => [mail.toLowerCase(), id]));
  }

  private write(): void {
    const { employees, teams, belongings } = this.company.world;
    const staff = employees.map(({ id, mail, family, title, status, department, boss }) => [
      id,
      mail,
      family,
      title,
      status,
      department,
      boss,
    ]);
    this.put('staff', rows([['id', 'mail', 'family', 'title', 'status', 'department', 'boss'], ...staff]));
    this.put('teams', rows([['id', 'name'], ...teams.map(({ id, name }) => [id, name])]));
    this.put('belongings', rows([['team', 'member', 'kind'], ...belongings.map(({ team, member, kind }) => [team, member, kind])]));
  }

  /** Ends in the middle of its last record, as a file does that is still being copied. */
  private truncate(name: 'staff' | 'belongings'): void {
    const whole = readFileSync(this.fileOf(name), 'utf8');
    this.put(name, whole.slice(0, whole.lastIndexOf(',')));
  }

  private fileOf(name: string): string {
    return join(installation.folder, `${this.source}-${name}.csv`);
  }

  private put(name: string, text: string): void {
    const file = this.fileOf(name);
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  }
}

for (const seed of seeds)
  test(
    `after each day of a month the target is what the rules say (E2E_SEED=${seed})`,
    async () => {
      await (await Month.begin(seed)).live();
      expect(installation.troubles()).toEqual([]);
    },
    dayCount * 20_000 + 120_000,
  );
