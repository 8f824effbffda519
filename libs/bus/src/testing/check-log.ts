import {
  CycleClosed,
  type DataOf,
  EscrowCleared,
  EscrowExpired,
  EscrowRecorded,
  EscrowSuperseded,
  ExportDeferred,
  ExportFailed,
  ImportCompleted,
  ImportFailed,
  JobConfigured,
  type LogEvent,
  ObjectExported,
  type ObjectFacts,
  ObjectImportFailed,
  RemovalHeld,
  RemovalRejected,
  RemovalWithdrawn,
  RemovalsReleased,
  RuleEvaluated,
  SourceObjectImported,
  type Tally,
  TargetObjectImported,
  is,
  laneOf,
  objectLaneOf,
} from '@provident/contracts';
import { removalKindOf } from '@provident/domain';

type About = LogEvent<ObjectFacts & { readonly action?: string }>;

/** What does not fit together in the log of one job, in sentences; none when it is complete and in order. Reads nothing but the events. */
export function checkLog(events: readonly LogEvent[]): string[] {
  return [
    ...repeatedIds(events),
    ...wrongLanes(events),
    ...[...groupBy(events.filter(isAboutObject), triple)].flatMap(([key, group]) => checkRound(key, group, events)),
    ...lostRounds(events),
    ...missingEscrows(events),
    ...events.filter((event) => is(event, CycleClosed)).flatMap((closed) => checkTally(closed, events)),
  ];
}

/** Objects whose latest word is a failure. */
export function openEscrows(events: readonly LogEvent[]): string[] {
  const open = new Map<string, Set<string>>();
  for (const event of events) {
    if (is(event, EscrowRecorded)) open.set(event.data.objectKey, (open.get(event.data.objectKey) ?? new Set()).add(event.data.changeId));
    if (is(event, EscrowSuperseded)) open.get(event.data.objectKey)?.delete(event.data.changeId);
    if (is(event, EscrowCleared) || is(event, EscrowExpired)) open.delete(event.data.objectKey);
  }
  return [...open].filter(([, changes]) => changes.size > 0).map(([objectKey]) => objectKey);
}

const isAboutObject = (event: LogEvent): event is About => typeof (event.data as { changeId?: unknown }).changeId === 'string';
const triple = ({ data: { changeId, attempt, round } }: About): string => `${changeId}/${attempt}/${round}`;
const told = ({ sequence, type }: LogEvent): string => `${type} at ${sequence}`;

function repeatedIds(events: readonly LogEvent[]): string[] {
  return [...groupBy(events, ({ id }) => id)]
    .filter(([, same]) => same.length > 1)
    .map(([id, same]) => `the id ${id} stands ${same.length} times: ${same.map(told).join(', ')}`);
}

function wrongLanes(events: readonly LogEvent[]): string[] {
  const lanes = events.find((event) => is(event, JobConfigured))?.data.definition.lanes ?? 4;
  return events
    .filter(isAboutObject)
    .filter(({ lane, data }) => objectLaneOf(lane) !== laneOf(data.objectKey, lanes))
    .map((event) => `${told(event)} is about ${event.data.objectKey} and stands in lane ${event.lane}`);
}

/** One object in one round of one attempt: imported once, decided once, and a decided write has one outcome, in this order. */
function checkRound(key: string, group: readonly About[], all: readonly LogEvent[]): string[] {
  const problems: string[] = [];
  const expectOne = (found: readonly LogEvent[], what: string): void => {
    if (found.length !== 1) problems.push(`${key} has ${found.length} ${what}: ${found.map(told).join(', ') || 'none'}`);
  };
  const imports = group.filter(
    (event) =>
      is(event, SourceObjectImported) || (is(event, ObjectImportFailed) && !group.some((other) => is(other, SourceObjectImported))),
  );
  const halves = group.filter((event) => is(event, TargetObjectImported) || is(event, ObjectImportFailed));
  const decisions = group.filter((event) => is(event, RuleEvaluated));
  const ends = group.filter((event) => is(event, ObjectExported) || is(event, ExportFailed) || is(event, ExportDeferred));
  const held = group.filter((event) => is(event, RemovalHeld));
  expectOne(imports, 'imports');
  expectOne(decisions, 'decisions');
  const [first] = imports;
  const [decision] = decisions;
  if (!first || !decision) return problems;
  if (is(first, SourceObjectImported) && first.data.targetFollows) expectOne(halves, 'target halves');
  problems.push(...outOfOrder([first, ...halves.filter((half) => half !== first), decision, ...held, ...ends]));

  const { action, objectKey } = decision.data;
  const kind = removalKindOf(decision.data);
  if (kind === null && (action === 'create' || action === 'update')) {
    expectOne(ends, `outcomes of a ${action}`);
    if (held.length > 0) problems.push(`${key} is a ${action} and was held`);
  } else if (kind !== null) {
    const releases = all
      .filter((event) => is(event, RemovalsReleased) && isAbout(event.data, decision.data))
      .map(({ sequence }) => sequence);
    const rejected = group.filter((event) => is(event, RemovalRejected) || (is(event, RemovalWithdrawn) && event.data.part === 'members'));
    // What a retry decides was never counted: it is held, and the next cycle takes the object up again.
    const isReleased = decision.data.attempt === 0 && releases.some((sequence) => sequence > decision.sequence);
    if (rejected.length > 1 || (rejected.length === 1 && held.length === 0))
      problems.push(`${key} is a ${action} that was taken back without being held: ${rejected.map(told).join(', ')}`);
    if (rejected.length > 0 && ends.length > 0) problems.push(`${key} is a ${action} that was taken back and done`);
    const isReplaced =
      rejected.length > 0 ||
      all.some(
        (event) =>
          event.sequence > decision.sequence &&
          ((is(event, RemovalWithdrawn) && event.data.objectKey === objectKey) ||
            (is(event, RemovalHeld) && event.data.objectKey === objectKey && triple(event) !== key)),
      );
    const mayEnd = decision.data.demand?.allowRemoval === true;
    if (held.length + ends.length === 0) problems.push(`${key} is a ${action} without an outcome`);
    if (held.length > 1 || ends.length > 1)
      problems.push(`${key} is a ${action} with too many outcomes: ${[...held, ...ends].map(told).join(', ')}`);
    if (isReleased && !isReplaced && ends.length === 0) problems.push(`${key} is a ${action} that was released and not done`);
    if (!mayEnd && ends.some((end) => !releases.some((sequence) => sequence < end.sequence)))
      problems.push(`${key} is a ${action} that was done without a release`);
  } else if (held.length + ends.length > 0) {
    problems.push(`${key} is decided as ${action} and was written: ${[...held, ...ends].map(told).join(', ')}`);
  }
  return problems;
}

/** Whether a release concerns a removal. */
function isAbout({ cycleId, kinds, objectKeys }: DataOf<typeof RemovalsReleased>, decision: DataOf<typeof RuleEvaluated>): boolean {
  const kind = removalKindOf(decision);
  return (
    cycleId === decision.cycleId &&
    (!kinds || (kind !== null && kinds.includes(kind))) &&
    (!objectKeys || objectKeys.includes(decision.objectKey))
  );
}

function outOfOrder(events: readonly LogEvent[]): string[] {
  return events
    .slice(1)
    .flatMap((event, at) => (event.sequence > events[at]!.sequence ? [] : [`${told(event)} stands before ${told(events[at]!)}`]));
}

/** A decision that was sent back is taken up again, even if that fails. */
function lostRounds(events: readonly LogEvent[]): string[] {
  const known = new Set(
    events
      .filter(isAboutObject)
      .filter((event) => is(event, SourceObjectImported) || is(event, ObjectImportFailed))
      .map(triple),
  );
  return events
    .filter((event) => is(event, ExportDeferred))
    .filter(({ data: { changeId, attempt, round } }) => !known.has(`${changeId}/${attempt}/${round + 1}`))
    .map((event) => `${told(event)} was sent back and never taken up again`);
}

/** Every failure is kept or given up, once. */
function missingEscrows(events: readonly LogEvent[]): string[] {
  const kept = groupBy(
    events.filter(isAboutObject).filter((event) => is(event, EscrowRecorded) || is(event, EscrowExpired)),
    ({ cause }) => cause,
  );
  return events
    .filter(isAboutObject)
    .filter((event) => is(event, ExportFailed) || (is(event, RuleEvaluated) && event.data.failure !== null && event.data.sourceId !== null))
    .filter(({ sequence }) => kept.get(sequence)?.length !== 1)
    .map((event) => `${told(event)} is a failure that was kept ${kept.get(event.sequence)?.length ?? 0} times`);
}

type Outcomes = Omit<Tally, 'read' | 'imported'>;
const words: Readonly<Record<string, keyof Outcomes>> = {
  create: 'created',
  update: 'updated',
  disable: 'disabled',
  delete: 'deleted',
  skip: 'skipped',
  unchanged: 'unchanged',
  fail: 'escrowed',
};

const unheardForMs = 1_000;

/** What became of the objects of a cycle, by the last word of each. */
function countOf(
  objects: ReadonlyMap<string, readonly About[]>,
  withdrawals: readonly LogEvent<DataOf<typeof RemovalWithdrawn>>[],
): Outcomes {
  const counted = { created: 0, updated: 0, disabled: 0, deleted: 0, skipped: 0, unchanged: 0, escrowed: 0, held: 0 };
  const withdrawnAt = new Map(withdrawals.map(({ sequence, data }) => [data.heldChangeId as string | undefined, sequence]));
  for (const [changeId, story] of objects) counted[lastWord(story, withdrawnAt.get(changeId) ?? 0)] += 1;
  return counted;
}

const differencesOf = (told: Outcomes, counted: Outcomes): string[] =>
  (Object.keys(counted) as (keyof Outcomes)[])
    .filter((word) => told[word] !== counted[word])
    .map((word) => `the tally says ${told[word]} ${word}, the events ${counted[word]}`);

/** The tally adds up, and says what the events say. */
function checkTally(closed: LogEvent<DataOf<typeof CycleClosed>>, events: readonly LogEvent[]): string[] {
  const { cycleId, tally } = closed.data;
  const { read: _, imported, ...outcomes } = tally;
  const sum = Object.values(outcomes).reduce((total, each) => total + each, 0);
  const problems = sum === imported ? [] : [`cycle ${cycleId}: ${imported} imported, but the outcomes add up to ${sum}`];

  const ofCycle = events
    .filter(isAboutObject)
    .filter(({ sequence, data }) => sequence < closed.sequence && data.cycleId === cycleId && data.attempt === 0);
  const objects = groupBy(ofCycle, ({ data }) => data.changeId);
  const withdrawals = events.filter((event) => is(event, RemovalWithdrawn)).filter(({ sequence }) => sequence < closed.sequence);
  // Whoever closed the cycle may not have heard yet of what a change of its own, such as one on demand, withdrew a moment before.
  const unheard = withdrawals.filter(({ at }) => Date.parse(closed.at) - Date.parse(at) < unheardForMs).map(({ sequence }) => sequence);
  const differing = [closed.sequence, ...unheard].map((until) =>
    differencesOf(
      outcomes,
      countOf(
        objects,
        withdrawals.filter(({ sequence }) => sequence < until),
      ),
    ),
  );
  if (differing.every(({ length }) => length > 0)) problems.push(...differing[0]!.map((each) => `cycle ${cycleId}: ${each}`));
  if (objects.size !== imported) problems.push(`cycle ${cycleId}: the tally says ${imported} imported, the events ${objects.size}`);
  const end = events.find((event) => (is(event, ImportCompleted) || is(event, ImportFailed)) && event.data.cycleId === cycleId);
  const endImported = (end?.data as { imported?: number } | undefined)?.imported;
  if (endImported !== imported) problems.push(`cycle ${cycleId}: the import says ${endImported} imported, the tally ${imported}`);
  return problems;
}

/** @param withdrawnAt where another change, such as one on demand, withdrew the removal that waited */
function lastWord(story: readonly About[], withdrawnAt: number): keyof Outcomes {
  const last = story.findLast(
    (event) =>
      is(event, ObjectExported) || is(event, ExportFailed) || is(event, RemovalHeld) || is(event, RuleEvaluated) || isTakenBack(event),
  );
  if (!last || is(last, ExportFailed)) return 'escrowed';
  if (isTakenBack(last)) return 'skipped';
  if (is(last, RemovalHeld)) return withdrawnAt > last.sequence ? 'skipped' : 'held';
  return words[last.data.action ?? ''] ?? 'escrowed';
}

/** A removal that was held, and that by its own change is not done. */
const isTakenBack = (event: LogEvent): boolean =>
  is(event, RemovalRejected) || (is(event, RemovalWithdrawn) && event.data.heldChangeId === event.data.changeId);

function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
