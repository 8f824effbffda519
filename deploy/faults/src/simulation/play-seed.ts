import { MemoryLog } from '@provident/bus/testing/memory-log';
import { CycleClosed, CycleOpened, JobConfigured, type LogEvent, configLane, is } from '@provident/contracts';
import type { JobDefinition } from '@provident/domain';

import { Chaos } from './chaos.js';
import type { Stores } from './databases.js';
import { Guild } from './groups.js';
import { type Hand, type Scene, by, visit } from './hands/hand.js';
import { DemandHand } from './hands/demand.js';
import { DriftHand } from './hands/drift.js';
import { HoldHand } from './hands/holds.js';
import { LinkHand } from './hands/links.js';
import { checkEscrows, judge } from './judge.js';
import { Operator, heldCycles } from './operator.js';
import { type People, Village } from './people.js';
import { Source } from './ports/sim-source.js';
import { Target } from './ports/sim-target.js';
import { Random } from './random.js';
import type { Sabotage } from './sabotage/sabotage.js';
import { Installation } from './stages.js';
import { type Story, castGroups, job, rulesOf, storyOf } from './story.js';
import { tiesIn } from './ties.js';
import { World } from './world.js';

export interface SeedResult {
  readonly seed: number;
  readonly problems: readonly string[];
  readonly journal: readonly string[];
  readonly events: readonly LogEvent[];
  readonly story: Story;
  /** What would be said of the story's end if these were its events. */
  readonly judged: (events: readonly LogEvent[]) => readonly string[];
  readonly counts: World['counts'] & { readonly logged: number; readonly cycles: number; readonly virtualMs: number };
}

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
  const tellsChanges = random.chance(0.5);
  const isStrict = random.chance(0.6);
  const broker = new MemoryLog(`log-${seed}`);
  const village = new Village(random);
  const { hasGroups, dice } = castGroups(seed);
  const guild = hasGroups ? new Guild(dice) : null;
  const operator = new Operator(job, dice);
  const story = storyOf(seed);
  const source = new Source(tellsChanges, story.assigned);
  const target = new Target(world, source, isStrict, () => tiesIn(broker.events));
  const turn = (next: People, version: number): void => {
    source.versions.push(guild ? guild.employ(next, version) : next);
    if (guild) source.groupVersions.push(version === 0 ? guild.first(next) : guild.next(source.groupVersions.at(-1)!, next, version));
  };
  const installation = new Installation({ world, broker, stores, source, target, chaos, sabotage });
  turn(village.first(), 0);
  await configure(broker, world, rulesOf(story));
  installation.start(random.pick([1, 1, 2]));
  const scene = { world, broker, source, target, wire: installation.wire };
  const all = handsOf(story, scene);
  const hands = all.map(([hand]) => hand);
  const visits = all.map(([hand, own]) => visit(own, hand));
  for (const hand of hands) for (const { watchers } of [source, target]) watchers.push((what, who, id) => hand.watch?.(what, who, id));

  for (let version = 1, days = random.between(1, 4); version <= days; version++) {
    await world.runUntil(world.nowMs + random.between(500, 30_000));
    const next = village.next(source.people, version);
    turn(version === days && next.size === 0 ? village.first(version) : next, version);
    world.note(`the source is at version ${version}: ${[...source.people.keys()].join(' ')}`);
    for (const { anchor, members } of source.groups.values()) world.note(`  ${anchor}: ${[...members].join(' ')}`);
    operator.decide(broker.events, installation.wire);
  }
  await world.runUntil(world.nowMs + random.between(1_000, 30_000));
  for (const end of visits) end();
  chaos.end();
  world.note('everything works from here on');
  const isOver = await comeToRest({ ...scene, hands, operator });
  const events = broker.events;
  const unrest = isOver || world.violations.length > 0 ? [] : [`it does not come to rest within ${calmLimitMs / 60_000} minutes`];
  const judged = (told: readonly LogEvent[]): string[] => [
    ...hands.flatMap((hand) => hand.check(told)),
    ...judge(told, source, target, story),
  ];
  const problems = [...world.violations, ...unrest, ...(world.violations.length > 0 ? [] : judged(events))];
  const cycles = events.filter((event) => is(event, CycleClosed)).length;
  return {
    seed,
    problems,
    journal: world.journal,
    events,
    story,
    judged,
    counts: { ...world.counts, logged: events.length, cycles, virtualMs: world.nowMs },
  };
}

/** Each with dice of his own. */
function handsOf(
  { hasLinksByHand, hasDemands, isHeld, hasDrift, withGroups }: Story,
  scene: Omit<Scene, 'dice'>,
): readonly (readonly [Hand, Scene])[] {
  const all = [
    hasLinksByHand && ((own: Scene) => new LinkHand(job, own)),
    hasDemands && ((own: Scene) => new DemandHand(job, withGroups, own)),
    isHeld && ((own: Scene) => new HoldHand(job, own)),
    hasDrift && ((own: Scene) => new DriftHand(job, withGroups, own)),
  ];
  return all.flatMap((make, at) => {
    if (!make) return [];
    const own = { ...scene, dice: new Random(scene.world.seed ^ (0x5b_d1_e9 * (at + 1))) };
    return [[make(own), own] as const];
  });
}

/** Until nothing moves any more, and nobody has anything left to do. @returns whether that came to be */
async function comeToRest({ world, broker, source, target, wire, hands, operator }: Omit<Scene, 'dice'> & Ending): Promise<boolean> {
  const limitMs = world.nowMs + calmLimitMs;
  let fromMs = world.nowMs;
  while (world.violations.length === 0 && world.nowMs < limitMs) {
    const isQuiet = isAtRest(broker.events, source, target, fromMs, world);
    const standings = hands.map((hand) => hand.tidy(isQuiet));
    if (isQuiet && standings.every((each) => each === 'done')) return true;
    if (standings.includes('acted')) fromMs = world.nowMs;
    await world.runUntil(world.nowMs + lookEveryMs);
    operator.decide(broker.events, wire);
  }
  return false;
}

interface Ending {
  readonly hands: readonly Hand[];
  readonly operator: Operator;
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
