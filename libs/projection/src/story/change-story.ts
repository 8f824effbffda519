import type { LogEvent, ObjectFacts, Tally } from '@provident/contracts';
import {
  EscrowCleared,
  EscrowExpired,
  EscrowRecorded,
  EscrowSuperseded,
  EscrowWoken,
  ExportDeferred,
  ExportFailed,
  ObjectExported,
  ObjectImportFailed,
  RemovalHeld,
  RemovalRejected,
  RemovalWithdrawn,
  RetryDue,
  RuleEvaluated,
  SourceObjectImported,
  TargetObjectImported,
  is,
} from '@provident/contracts';
import { type ChangeId, type CycleId, partsOf, textOf } from '@provident/domain';
import { activityBit, type EntryAction, type EntryStatus, type EscrowState } from '@provident/read-model';

import { msOf } from '../sql/instants.js';
import { reduce, reducers, when } from '../when.js';

/** How an object counts in its cycle's tally. */
export type Outcome = Exclude<keyof Tally, 'read' | 'imported'>;

/** Everything that the events of one change say together. The provisioning log's entry is a picture of it. */
export interface ChangeStory {
  readonly changeId: string;
  readonly jobId: string;
  readonly cycleId: string;
  readonly objectKey: string;
  readonly objectType: string;
  /** Milliseconds since 1970, as `at`: a text would keep the message alive that it is a part of. */
  readonly startedAt: number;
  readonly firstSequence: number;
  at: number;
  lastSequence: number;
  sourceId: string | null;
  targetId: string | null;
  displayName: string | null;
  matchingValue: string | null;
  action: EntryAction;
  /** Null until the change is decided. */
  status: EntryStatus | null;
  reason: string | null;
  text: string;
  attempts: number;
  activities: number;
  escrow: EscrowState | null;
  nextAttemptAt: string | null;
  modified: readonly { attribute: string; old: unknown; new: unknown }[];
  /** Why the rules decided as they did; becomes the reason of an export that succeeds. */
  ruling: { code: string; text: string } | null;
  inScope: boolean | null;
  sourceDeleted: boolean;
  /** What happened to the account's link, if anything did. */
  link: 'made' | 'ended' | null;
  /** Of attempt 0: what counts in the tally. */
  outcome: Outcome | null;
  /** Whether the entry is in the database. */
  written: boolean;
  /** Identifiers that were noted already, each a kind and a text behind it: spares most statements, and decides nothing. */
  readonly noted: string[];
}

type ObjectEvent = LogEvent<ObjectFacts>;

const begin = ({ data, at, sequence, jobId }: ObjectEvent): ChangeStory => ({
  changeId: data.changeId,
  jobId,
  cycleId: data.cycleId,
  objectKey: data.objectKey,
  objectType: partsOf(data.objectKey).objectType,
  startedAt: msOf(at),
  firstSequence: sequence,
  at: msOf(at),
  lastSequence: sequence,
  sourceId: null,
  targetId: null,
  displayName: null,
  matchingValue: null,
  action: 'other',
  status: null,
  reason: null,
  text: '',
  attempts: 1,
  activities: 0,
  escrow: null,
  nextAttemptAt: null,
  modified: [],
  ruling: null,
  inScope: null,
  sourceDeleted: false,
  link: null,
  outcome: null,
  written: false,
  noted: [],
});

function decide(
  story: ChangeStory,
  attempt: number,
  outcome: Outcome,
  status: EntryStatus,
  why: { code: string; text: string } | null,
): void {
  story.status = status;
  story.reason = why?.code ?? null;
  story.text = why?.text ?? '';
  story.attempts = attempt + 1;
  if (attempt === 0) story.outcome = outcome;
}

const refused = (failure: { code: string; message: string }): { code: string; text: string } => ({
  code: failure.code,
  text: failure.message,
});

type Modified = ChangeStory['modified'];
type MemberKeys = readonly { readonly key: string }[];

/** What a decision changes, or a write has changed: attributes, and of a group who leaves (old) and who comes (new). */
function modifiedBy({ changes, members }: { changes: Modified; members?: { add: MemberKeys; remove: MemberKeys } | undefined }): Modified {
  if (!members) return changes;
  const keysOf = (some: MemberKeys): string[] | null => (some.length > 0 ? some.map(({ key }) => key) : null);
  return [...changes, { attribute: 'members', old: keysOf(members.remove), new: keysOf(members.add) }];
}

const exportOutcome = { create: 'created', update: 'updated', disable: 'disabled', delete: 'deleted' } as const;

const chapters = reducers<ChangeStory>(
  when(SourceObjectImported, (story, { data }) => {
    story.activities |= activityBit.import;
    story.sourceId = data.sourceId;
    story.sourceDeleted = data.change === 'deleted';
  }),
  when(TargetObjectImported, (story, { data }) => {
    story.activities |= activityBit.import;
    const only = data.matches.length === 1 ? data.matches[0]!.id : null;
    story.targetId = data.linkedId ?? only ?? story.targetId;
    const tried = data.tried.find(({ found }) => found > 0) ?? data.tried[0];
    if (tried) story.matchingValue = textOf(tried.value);
  }),
  when(ObjectImportFailed, (story, { data }) => {
    story.activities |= activityBit.import;
    story.sourceId = data.sourceId ?? story.sourceId;
    decide(story, data.attempt, 'escrowed', 'failure', refused(data.failure));
  }),
  when(RuleEvaluated, (story, { data }) => {
    story.activities |= activityBit['synchronization-rule'];
    story.sourceId = data.sourceId ?? story.sourceId;
    story.targetId = data.targetId ?? story.targetId;
    if (data.match) story.matchingValue = textOf(data.match.value);
    story.modified = modifiedBy(data);
    story.ruling = data.reason;
    // What could not be imported could not be judged either.
    if (data.reason.code !== 'import-failed') story.inScope = data.scope.inScope && !story.sourceDeleted;
    story.link = null;
    if (data.action === 'skip' || data.action === 'unchanged') {
      story.action = 'other';
      if (data.action === 'unchanged' && data.linksNow && data.targetId) story.link = 'made';
      decide(story, data.attempt, data.action === 'skip' ? 'skipped' : 'unchanged', 'skipped', data.reason);
    } else if (data.action === 'fail') {
      story.action = 'other';
      // After a failed import the ruling only repeats that it failed: the cause says more.
      const cause =
        data.reason.code === 'import-failed' && story.status === 'failure' ? { code: story.reason!, text: story.text } : data.reason;
      decide(story, data.attempt, 'escrowed', 'failure', data.failure ? refused(data.failure) : cause);
    } else if (story.status === null) {
      story.action = data.action;
    }
  }),
  when(ObjectExported, (story, { data }) => {
    story.activities |= activityBit.export;
    story.sourceId = data.sourceId;
    story.targetId = data.targetId;
    story.action = data.action;
    story.modified = modifiedBy(data);
    story.link = data.action === 'delete' ? 'ended' : 'made';
    decide(story, data.attempt, exportOutcome[data.action], 'success', story.ruling);
  }),
  when(ExportFailed, (story, { data }) => {
    story.activities |= activityBit.export;
    story.sourceId = data.sourceId;
    story.targetId = data.targetId ?? story.targetId;
    story.action = data.action;
    story.modified = modifiedBy(data);
    story.link = null;
    decide(story, data.attempt, 'escrowed', 'failure', refused(data.failure));
  }),
  when(RemovalHeld, (story, { data }) => {
    story.activities |= activityBit.export;
    story.sourceId = data.sourceId;
    story.targetId = data.targetId;
    story.action = 'staged-delete';
    story.link = null;
    decide(story, data.attempt, 'held', 'warning', data.reason);
  }),
  when(RemovalWithdrawn, (story, { data }) => {
    story.activities |= activityBit.export;
    withdraw(story, data.reason);
    if (data.heldChangeId === data.changeId && data.attempt === 0) story.outcome = 'skipped';
  }),
  when(RemovalRejected, (story, { data }) => {
    story.activities |= activityBit.export;
    decide(story, data.attempt, 'skipped', 'skipped', data.reason);
  }),
  when(ExportDeferred, (story) => {
    story.activities |= activityBit.export;
  }),
  when(EscrowRecorded, (story, { data }) => {
    story.activities |= activityBit['process-escrow'];
    story.escrow = 'waiting';
    story.nextAttemptAt = data.nextAttemptAt;
  }),
  when(EscrowWoken, (story, { data }) => {
    story.activities |= activityBit['process-escrow'];
    story.escrow = 'waiting';
    story.nextAttemptAt = data.nextAttemptAt;
  }),
  when(EscrowSuperseded, (story) => {
    story.activities |= activityBit['process-escrow'];
    story.escrow = 'superseded';
    story.nextAttemptAt = null;
  }),
  when(RetryDue, (story) => {
    story.activities |= activityBit['process-escrow'];
    story.escrow = 'retrying';
    story.nextAttemptAt = null;
  }),
  when(EscrowCleared, (story) => {
    story.activities |= activityBit['process-escrow'];
    story.escrow = 'cleared';
    story.nextAttemptAt = null;
  }),
  when(EscrowExpired, (story) => {
    story.activities |= activityBit['process-escrow'];
    story.escrow = 'expired';
    story.nextAttemptAt = null;
  }),
);

/** The removal that this change was held for is off. */
function withdraw(story: ChangeStory, { code, text }: { code: string; text: string }): void {
  if (story.action !== 'staged-delete') return;
  story.status = 'skipped';
  story.reason = code;
  story.text = text;
}

/** The change whose held removal an event takes back, other than the event's own; null for any other event. */
export function withdrawnBy(event: LogEvent): { changeId: ChangeId; cycleId: CycleId } | null {
  if (!is(event, RemovalWithdrawn)) return null;
  const { heldChangeId, heldCycleId, changeId } = event.data;
  return heldChangeId === undefined || heldChangeId === changeId ? null : { changeId: heldChangeId, cycleId: heldCycleId };
}

/** Ends the story of a held removal with the event of another change that took it back. */
export function endHeld(story: ChangeStory, event: LogEvent): void {
  if (!is(event, RemovalWithdrawn)) return;
  story.at = msOf(event.at);
  story.lastSequence = event.sequence;
  withdraw(story, event.data.reason);
}

export const isObjectEvent = (event: LogEvent): event is ObjectEvent => chapters.has(event.type);

/** Events with which a change is decided, as far as this attempt goes; `rule-evaluated` only when nothing is to be written. */
const deciding: ReadonlySet<string> = new Set([ObjectImportFailed, ObjectExported, ExportFailed, RemovalHeld].map(({ type }) => type));
const writing: ReadonlySet<string> = new Set(['create', 'update', 'disable', 'delete']);

export function isDecisive(event: ObjectEvent): boolean {
  if (event.type === RuleEvaluated.type) return !writing.has((event.data as unknown as { action: string }).action);
  return deciding.has(event.type);
}

/** The story with one more event; begins with its first. */
export function tell(known: ChangeStory | undefined, event: ObjectEvent): ChangeStory {
  const story = known ?? begin(event);
  story.at = msOf(event.at);
  story.lastSequence = event.sequence;
  story.displayName = event.data.displayName ?? story.displayName;
  reduce(chapters, story, event);
  return story;
}
