import { MemoryLog } from '@provident/bus/testing/memory-log';
import {
  CycleClosed,
  CycleOpened,
  JobConfigured,
  type LogEvent,
  RemovalsHeld,
  RemovalsRejected,
  RemovalsReleased,
  configLane,
  is,
} from '@provident/contracts';
import { JobDefinition, asJobId } from '@provident/domain';
import { ownerSubject } from '@provident/job-scheduler';

import { Chaos } from './chaos.js';
import type { Stores } from './databases.js';
import { checkEscrows, judge } from './judge.js';
import { Guild } from './groups.js';
import { type People, Village } from './people.js';
import { Source } from './ports/sim-source.js';
import { Target } from './ports/sim-target.js';
import { Random } from './random.js';
import type { Sabotage } from './sabotage.js';
import { Installation } from './stages.js';
import { World } from './world.js';

export interface SeedResult {
  readonly seed: number;
  readonly problems: readonly string[];
  readonly journal: readonly string[];
  readonly events: readonly LogEvent[];
  readonly counts: World['counts'] & { readonly logged: number; readonly cycles: number; readonly virtualMs: number };
}

const job = asJobId('people-to-app');
const by = { kind: 'user', name: 'operator' } as const;

const people = {
  type: 'user',
  displayName: 'userName',
  scope: [{ name: 'staff', all: [{ attribute: 'department', operator: 'NOT EQUALS', value: 'Contractors' }] }],
  active: { attribute: 'status', operator: 'EQUALS', value: 'active' },
  attributes: [
    { target: 'userName', source: 'userName', matching: 1 },
    { target: 'externalId', source: 'anchor' },
    { target: 'title', source: 'changedIn' },
  ],
};

const common = {
  job,
  source: { connector: 'csv', config: { file: 'people.csv' } },
  target: { connector: 'scim', config: { url: 'http://app.test/scim', auth: { none: true } } },
  schedule: { every: '20s' },
  retry: { after: ['15s', '30s'], thenEvery: '20s', giveUpAfter: '28d' },
  lanes: 2,
};

const peopleAlone = JobDefinition.parse({ ...common, objects: [people] });

/** With groups and managers; and with limits that are often met. */
const peopleAndGroups = JobDefinition.parse({
  ...common,
  objects: [
    { ...people, attributes: [...people.attributes, { target: 'manager', reference: 'boss' }] },
    {
      type: 'group',
      displayName: 'name',
      attributes: [
        { target: 'displayName', source: 'name', matching: 1 },
        { target: 'externalId', source: 'anchor' },
        { target: 'title', source: 'changedIn' },
      ],
    },
  ],
  thresholds: { removals: { memberships: { percent: 25, atLeast: 2 } } },
});

const calmLimitMs = 40 * 60_000;
const lookEveryMs = 5_000;

/**
 * One story: a job runs in a world that is as rough as the seed says, while its source changes; then everything works again, and an operator
 * releases what is held. Once nothing moves any more, everything has to be right.
 */
export async function playSeed(seed: number, stores: Stores, sabotage?: Sabotage): Promise<SeedResult> {
  const world = new World(seed);
  const { random } = world;
  const chaos = new Chaos(world);
  const source = new Source(random.chance(0.5));
  const target = new Target(world, source, random.chance(0.6));
  const broker = new MemoryLog(`log-${seed}`);
  const village = new Village(random);
  // Dice of their own: stories of people alone are what they are without groups.
  const dice = new Random(seed ^ 0x6_7a_31);
  const guild = dice.chance(0.6) ? new Guild(dice) : null;
  const operator = new Operator(dice);
  const turn = (next: People, version: number): void => {
    source.versions.push(guild ? guild.employ(next, version) : next);
    if (guild) source.groupVersions.push(version === 0 ? guild.first(next) : guild.next(source.groupVersions.at(-1)!, next, version));
  };
  const installation = new Installation({ world, broker, stores, source, target, chaos, sabotage });
  turn(village.first(), 0);
  await configure(broker, world, guild ? peopleAndGroups : peopleAlone);
  installation.start(random.pick([1, 1, 2]));

  for (let version = 1, days = random.between(1, 4); version <= days; version++) {
    await world.runUntil(world.nowMs + random.between(500, 30_000));
    const next = village.next(source.people, version);
    turn(version === days && next.size === 0 ? village.first(version) : next, version);
    world.note(`the source is at version ${version}: ${[...source.people.keys()].join(' ')}`);
    for (const { anchor, members } of source.groups.values()) world.note(`  ${anchor}: ${[...members].join(' ')}`);
    operator.decide(broker.events, installation);
  }
  await world.runUntil(world.nowMs + random.between(1_000, 30_000));
  chaos.end();
  const calmAtMs = world.nowMs;
  world.note('everything works from here on');
  const isQuiet = (): boolean => isAtRest(broker.events, source, target, calmAtMs, world);
  while (world.violations.length === 0 && world.nowMs < calmAtMs + calmLimitMs && !isQuiet()) {
    await world.runUntil(world.nowMs + lookEveryMs);
    operator.decide(broker.events, installation);
  }
  const events = broker.events;
  const unrest = isQuiet() || world.violations.length > 0 ? [] : [`it does not come to rest within ${calmLimitMs / 60_000} minutes`];
  const problems = [...world.violations, ...unrest, ...(world.violations.length > 0 ? [] : judge(events, source, target))];
  const cycles = events.filter((event) => is(event, CycleClosed)).length;
  return {
    seed,
    problems,
    journal: world.journal,
    events,
    counts: { ...world.counts, logged: events.length, cycles, virtualMs: world.nowMs },
  };
}

async function configure(broker: MemoryLog, world: World, definition: JobDefinition): Promise<void> {
  const data = { jobId: job, revision: 1, definition, baseDir: '/', by, systems: { source: 'Village', target: 'App' } };
  const event = {
    jobId: job,
    lane: configLane,
    stage: 'job-scheduler',
    id: `${job}.configured.1`,
    at: world.date().toISOString(),
  } as const;
  await broker.append(
    [{ ...event, definition: JobConfigured as never, cause: 0, position: 0, about: job, data }],
    new Map([[`provisioning.${job}.${configLane}.job-scheduler`, 0]]),
  );
}

/** Two cycles in a row, opened after the troubles, found nothing to do, and nothing waits. */
function isAtRest(events: readonly LogEvent[], source: Source, target: Target, calmAtMs: number, world: World): boolean {
  const from = world.date().getTime() - (world.nowMs - calmAtMs);
  const calm = new Set<string>();
  for (const event of events) if (is(event, CycleOpened) && Date.parse(event.at) > from) calm.add(event.data.cycleId);
  const closed = events.filter((event) => is(event, CycleClosed)).filter(({ data }) => calm.has(data.cycleId));
  const [last, previous] = closed.slice(-2).toReversed();
  const isIdle = [last, previous].every(
    (cycle) => cycle !== undefined && cycle.data.result === 'succeeded' && changedIn(cycle.data.tally) === 0,
  );
  return isIdle && heldCycles(events).length === 0 && checkEscrows(events, source, target).length === 0;
}

const changedIn = ({ created, updated, disabled, deleted, escrowed, held }: Record<string, number>): number =>
  created! + updated! + disabled! + deleted! + escrowed! + held!;

/** Cycles whose removals wait for a person. */
function heldCycles(events: readonly LogEvent[]): string[] {
  const held = new Set<string>();
  for (const event of events) {
    if (is(event, RemovalsHeld) && event.data.until === 'person') held.add(event.data.cycleId);
    if (is(event, RemovalsReleased) || is(event, RemovalsRejected)) held.delete(event.data.cycleId);
  }
  return [...held];
}

/** The person who decides about held removals: releases most, and rejects some. Orders may get lost: what waits is decided about again, and alike. */
class Operator {
  private readonly decisions = new Map<string, 'release' | 'reject'>();

  constructor(private readonly dice: Random) {}

  decide(events: readonly LogEvent[], { wire }: Installation): void {
    for (const cycleId of heldCycles(events)) {
      const name = this.decisions.get(cycleId) ?? (this.dice.chance(0.3) ? 'reject' : 'release');
      this.decisions.set(cycleId, name);
      wire.publish(ownerSubject(job), JSON.stringify({ name, payload: { jobId: job, cycleId, by } }));
    }
  }
}
