import { checkLog } from '@provident/bus/testing/check-log';
import type { LogEvent } from '@provident/contracts';

import { SeedPlayer } from './simulation/play-seeds.js';
import { sabotages } from './simulation/sabotage.js';

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
  for (const [what, make] of Object.entries(sabotages)) tell(what, await findIn(player, from, make));
  const events = await storyWithAll(player, from);
  for (const type of told) tell(`the log lacks one ${type}`, lacking(events, type));
  for (const type of told) tell(`the log has one ${type} twice`, repeated(events, type));
  await player.close();
  process.stdout.write(missed === 0 ? 'Whatever was done wrong was found.\n' : `${missed} were not found.\n`);
  return missed === 0 ? 0 : 1;
}

async function findIn(player: SeedPlayer, from: number, make: (typeof sabotages)[string]): Promise<string | null> {
  for (let seed = from; seed < from + mostStories; seed++) {
    const [problem] = (await player.play(seed, make())).problems;
    if (problem !== undefined) return `story ${seed - from + 1}: ${problem}`;
  }
  return null;
}

/** The first story in which everything happens that the log is looked at for. */
async function storyWithAll(player: SeedPlayer, from: number): Promise<readonly LogEvent[]> {
  for (let seed = from; seed < from + mostStories; seed++) {
    const { events, problems } = await player.play(seed);
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
