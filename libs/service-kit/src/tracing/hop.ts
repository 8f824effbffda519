import {
  type CauseFacts,
  EscrowCleared,
  EscrowExpired,
  EscrowRecorded,
  EscrowSuperseded,
  EscrowWoken,
  ExportDeferred,
  ExportFailed,
  type Failure,
  ObjectExported,
  ObjectImportFailed,
  type ObjectFacts,
  RemovalHeld,
  RemovalRejected,
  RemovalWithdrawn,
  RetryDue,
  RuleEvaluated,
  SourceObjectImported,
  TargetObjectImported,
} from '@provident/contracts';

/** Which attempt of which change, as every event about an object says it. */
export type Attempt = Pick<ObjectFacts, 'changeId' | 'attempt' | 'round'>;

export type HopAttributes = Record<string, string | number | boolean | string[]>;

/** One step of an object's change, told by the event that ended it. */
export interface Hop {
  readonly name: string;
  readonly facts: ObjectFacts;
  /** Names the step; the same in every service, so that nobody has to be told. */
  readonly key: string;
  /** The step that this one answers; null for the first. */
  readonly parent: string | null;
  /** A step of another change that goes on from here. */
  readonly goesOnIn?: { readonly changeId: string; readonly key: string };
  /** Kind and code of what went wrong. */
  readonly failure?: Pick<Failure, 'kind' | 'code'> | undefined;
  /** Ids, codes and names of attributes. No value of anybody, and no text, because texts repeat values. */
  readonly attributes: HopAttributes;
}

const named =
  (what: string) =>
  ({ changeId, attempt, round }: Attempt): string =>
    `${changeId}.${what}.${attempt}.${round}`;
export const readKey = named('read');
export const ruleKey = named('rule');
export const exportKey = named('export');
/** By the retries made so far: what comes after it knows them. */
const escrowKey = (changeId: string, retries: number): string => `${changeId}.escrow.${retries}`;
const retryKey = ({ changeId, attempt }: Attempt): string => `${changeId}.retry.${attempt}`;

/** What is told of an event here. */
export interface Told {
  readonly type: string;
  readonly id: string;
  readonly data: unknown;
  /** Nobody asked for it: it is the first step of its change, whatever its attempt. */
  readonly isFirst?: boolean | undefined;
}

type Data = ObjectFacts & Readonly<Record<string, unknown>>;
type Describe = (data: Data, told: Told) => Omit<Hop, 'facts' | 'attributes'> | null;

const read: Describe = (data, { isFirst }) => ({ name: 'read', key: readKey(data), parent: isFirst ? null : whoAskedFor(data) });
const written: Describe = (data) => ({ name: 'export', key: exportKey(data), parent: ruleKey(data) });
const aside =
  (name: string): Describe =>
  (data, { id }) => ({ name, key: id, parent: ruleKey(data) });
const ofEscrow =
  (name: string): Describe =>
  (data, { id }) => ({ name, key: id, parent: escrowKey(data.changeId, data['retries'] as number) });
const kept =
  (name: string): Describe =>
  (data) => ({ name, key: escrowKey(data.changeId, data['retries'] as number), parent: whatFailed(data) });

const describers = new Map<string, Describe>([
  // Its target half, or why there is none, follows in the same append and tells of both.
  [SourceObjectImported.type, (data, told) => (data['targetFollows'] === true ? null : read(data, told))],
  [TargetObjectImported.type, read],
  [ObjectImportFailed.type, read],
  [RuleEvaluated.type, (data) => ({ name: 'evaluate', key: ruleKey(data), parent: readKey(data) })],
  [ObjectExported.type, written],
  [ExportFailed.type, written],
  [ExportDeferred.type, written],
  [RemovalHeld.type, aside('hold')],
  [RemovalRejected.type, aside('reject')],
  [RemovalWithdrawn.type, aside('withdraw')],
  [EscrowRecorded.type, kept('escrow')],
  [EscrowExpired.type, (data, told) => (data['because'] === undefined ? kept('give up')(data, told) : ofEscrow('give up')(data, told))],
  [EscrowWoken.type, ofEscrow('wake')],
  [
    EscrowSuperseded.type,
    (data, told) => {
      const next = data['next'] as ObjectFacts;
      return { ...ofEscrow('supersede')(data, told)!, goesOnIn: { changeId: next.changeId, key: ruleKey(next) } };
    },
  ],
  [EscrowCleared.type, (data, { id }) => ({ name: 'clear', key: id, parent: whatFailedBy(data['outcome'], ['skip', 'unchanged'], data) })],
  [RetryDue.type, (data) => ({ name: 'retry', key: retryKey(data), parent: escrowKey(data.changeId, data.attempt - 1) })],
]);

/** The step that an event tells of; null when it tells of none. Pure. */
export function hopOf(told: Told): Hop | null {
  const describe = describers.get(told.type);
  if (!describe) return null;
  const data = told.data as Data;
  const described = describe(data, told);
  if (!described) return null;
  const failure = (data['failure'] ?? undefined) as Failure | undefined;
  return { ...described, facts: data, failure: isFailing(told.type) ? failure : undefined, attributes: attributesOf(data, told.type) };
}

const failing: ReadonlySet<string> = new Set([ObjectImportFailed.type, RuleEvaluated.type, ExportFailed.type, EscrowExpired.type]);
const isFailing = (type: string): boolean => failing.has(type);

/** The exporter sent it back, a retry was due, or nobody asked and it was found at the source. */
function whoAskedFor(data: Data): string | null {
  if (data['part'] !== undefined) return null; // what is left over of a group's members comes up by itself
  if (data.round > 0) return exportKey({ ...data, round: data.round - 1 });
  return data.attempt > 0 ? retryKey(data) : null;
}

const whatFailed = (data: Data): string =>
  whatFailedBy((data['cause'] as CauseFacts | null | undefined)?.operation, ['import', 'evaluate'], data);
const whatFailedBy = (what: unknown, undecided: readonly string[], data: Data): string =>
  undecided.includes(what as string) ? ruleKey(data) : exportKey(data);

function attributesOf(data: Data, type: string): HopAttributes {
  const { jobId, cycleId, changeId, objectKey, attempt, round, demand } = data;
  const attributes: HopAttributes = {
    'provident.event.type': type,
    'provident.job.id': jobId,
    'provident.cycle.id': cycleId,
    'provident.change.id': changeId,
    'provident.object.key': objectKey,
    'provident.attempt': attempt,
    'provident.round': round,
  };
  if (demand) attributes['provident.on_demand'] = true;
  const text = (name: string, value: unknown): void => {
    if (typeof value === 'string') attributes[name] = value;
  };
  text('provident.action', data['action']);
  text('provident.change', data['change']);
  text('provident.found_by', data['by']);
  text('provident.target.id', data['targetId']);
  text('provident.woken_by', data['wokenBy']);
  text('provident.reason', (data['reason'] as { readonly code?: string } | undefined)?.code);
  const failure = data['failure'] as Failure | null | undefined;
  if (failure) {
    attributes['error.type'] = failure.kind;
    attributes['provident.failure.code'] = failure.code;
    text('provident.failure.attribute', failure.attribute);
    if (failure.status !== undefined) attributes['provident.failure.status'] = failure.status;
  }
  const changes = data['changes'] as readonly { readonly attribute: string }[] | undefined;
  if (changes && changes.length > 0) attributes['provident.attributes'] = changes.map(({ attribute }) => attribute);
  return attributes;
}
