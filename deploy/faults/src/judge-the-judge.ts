import { checkLog } from '@provident/bus/testing/check-log';
import { CycleOpened, DriftFound, JobStateChanged, LinkRemoved, LinkRepaired, type LogEvent, is } from '@provident/contracts';

import type { SeedResult } from './simulation/play-seed.js';
import { SeedPlayer } from './simulation/play-seeds.js';
import { wrongByHand } from './simulation/sabotage/by-hand.js';
import type { SabotageKind } from './simulation/sabotage/sabotage.js';
import { wrongWrites } from './simulation/sabotage/writes.js';
import { storyOf } from './simulation/story.js';

const mostStories = 40;
const told: readonly string[] = [
  'source-object-imported',
  'target-object-imported',
  'rule-evaluated',
  'object-exported',
  'escrow-recorded',
];

/** Whether what is done wrong on purpose is found, and how soon. @returns the process' exit status */
export async function judgeTheJudge(from: number): Promise<number> {
  const player = await SeedPlayer.open({ kind: 'memory' });
  let missed = 0;
  const tell = (what: string, found: string | null): void => {
    if (found === null) missed++;
    process.stdout.write(`${found === null ? 'NOT FOUND' : 'found    '} ${what}${found === null ? '' : `: ${found}`}\n`);
  };
  for (const [what, kind] of Object.entries({ ...wrongWrites, ...wrongByHand })) tell(what, await findIn(player, from, kind));
  const events = await storyWithAll(player, from);
  for (const type of told) tell(`the log lacks one ${type}`, lacking(events, type));
  for (const type of told) tell(`the log has one ${type} twice`, repeated(events, type));
  for (const [what, forge] of Object.entries(forgeries)) tell(what, await findForged(player, from, forge));
  await player.close();
  process.stdout.write(missed === 0 ? 'Whatever was done wrong was found.\n' : `${missed} were not found.\n`);
  return missed === 0 ? 0 : 1;
}

/** Stories in which it cannot be done are not counted. */
async function findIn(player: SeedPlayer, from: number, { where, make }: SabotageKind): Promise<string | null> {
  for (let seed = from, played = 0; played < mostStories; seed++) {
    if (where && !where(storyOf(seed))) continue;
    played++;
    const [problem] = (await player.play(seed, make())).problems;
    if (problem !== undefined) return `story ${played}: ${problem}`;
  }
  return null;
}

type Events = readonly LogEvent[];

/** What the log says wrong in stories in which people do something by hand; null where there is nothing to say it of. */
const forgeries: Readonly<Record<string, (events: Events) => Events | null>> = {
  'the log lacks that a link was set': (events) => withoutLast(events, (event) => is(event, LinkRepaired)),
  'the log lacks that a link was taken away': (events) => withoutLast(events, (event) => is(event, LinkRemoved)),
  'the log lacks that the job goes on': (events) =>
    withoutLast(events, (event) => is(event, JobStateChanged) && event.data.state === 'active'),
  'the log lacks that something was changed by hand': (events) => withoutLast(events, isInLastLook(events)),
  'the log tells of a change by hand that was none': (events) => {
    const told = events.find(isInLastLook(events));
    const about = { objectKey: 'user:E999', sourceId: 'E999' };
    return told
      ? [
          ...events,
          { ...told, id: `${told.id}.invented`, sequence: events.at(-1)!.sequence + 1, data: { ...(told.data as object), ...about } },
        ]
      : null;
  },
};

function withoutLast(events: Events, isIt: (event: LogEvent) => boolean): Events | null {
  const last = events.findLast(isIt);
  return last ? events.filter((event) => event !== last) : null;
}

/** Whether an event tells of an account in the last cycle that looked for changes by hand and left them. */
function isInLastLook(events: Events): (event: LogEvent) => boolean {
  const look = events.findLast((event) => is(event, CycleOpened) && event.data.drift === 'report');
  const cycleId = look && is(look, CycleOpened) ? look.data.cycleId : null;
  return (event) => is(event, DriftFound) && event.data.cycleId === cycleId && !event.data.members;
}

/** As with writes: a story may hide one, as the world goes on; several do not. */
async function findForged(player: SeedPlayer, from: number, forge: (events: Events) => Events | null): Promise<string | null> {
  for (let seed = from; seed < from + mostStories; seed++) {
    const { events, problems, judged } = await tellOnce(player, seed);
    const forged = problems.length === 0 ? forge(events) : null;
    const problem = forged && judged(forged)[0];
    if (problem !== null && problem !== undefined) return `story ${seed - from + 1}: ${problem}`;
  }
  return null;
}

const stories = new Map<number, SeedResult>();

/** A story in which nothing is done wrong: it is the same for all who want it. */
async function tellOnce(player: SeedPlayer, seed: number): Promise<SeedResult> {
  const story = stories.get(seed) ?? (await player.play(seed));
  stories.set(seed, story);
  return story;
}

/** The first story in which everything happens that the log is looked at for. */
async function storyWithAll(player: SeedPlayer, from: number): Promise<readonly LogEvent[]> {
  for (let seed = from; seed < from + mostStories; seed++) {
    const { events, problems } = await tellOnce(player, seed);
    if (problems.length === 0 && told.every((type) => events.some((event) => event.type === type))) return events;
  }
  throw new Error(`none of ${mostStories} stories has all of: ${told.join(', ')}`);
}

/** What is said of the log without each of its events of that type, in turn; null when one of them is not missed, or there is none. */
function lacking(events: readonly LogEvent[], type: string): string | null {
  const problems = events
    .filter((event) => event.type === type && !isPartOfFailure(event, events))
    .map((event) => checkLog(events.filter((each) => each !== event))[0]);
  return problems.length > 0 && problems.every((problem) => problem !== undefined) ? problems[0]! : null;
}

/** A failed import may stand for itself: nobody misses the half that came before it. */
function isPartOfFailure({ type, data }: LogEvent, events: readonly LogEvent[]): boolean {
  const round = (of: unknown): string => {
    const { changeId, attempt, round: number } = of as Record<string, unknown>;
    return `${String(changeId)} ${String(attempt)} ${String(number)}`;
  };
  const isFailed = (): boolean => events.some((each) => each.type === 'object-import-failed' && round(each.data) === round(data));
  return type === 'source-object-imported' && isFailed();
}

function repeated(events: readonly LogEvent[], type: string): string | null {
  const event = events.find((each) => each.type === type);
  return (event && checkLog([...events, { ...event, sequence: events.at(-1)!.sequence + 1 }])[0]) ?? null;
}
