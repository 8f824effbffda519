import type { DataOf, PersonInJob, PersonStoryView } from '@provident/contracts';
import {
  DriftFound,
  EscrowCleared,
  EscrowExpired,
  EscrowRecorded,
  EscrowSuperseded,
  EscrowWoken,
  ExportFailed,
  JobRestarted,
  LinkRemoved,
  LinkRepaired,
  ObjectExported,
  RuleEvaluated,
  SourceObjectImported,
  TargetObjectImported,
} from '@provident/contracts';
import { type ObjectKey, partsOf } from '@provident/domain';

import { query, type ReadModels } from '../database.js';
import { findObjects, type ObjectRef } from '../find-objects.js';
import { jobsById, type NamedJob } from '../graph/jobs-by-id.js';
import { groupBy } from '../group-by.js';
import { keptSince, latestOf } from '../kept-since.js';
import { memberNames } from '../list-drift.query.js';
import type { StepRecord } from '../log/entry-record.js';
import { logStep, stepColumns } from '../log/steps-of.js';

/** Events looked at per object, the newest: a person rarely has more in a year. */
const atMost = 2_000;

/**
 * One person over all jobs, as of now or of any past instant: told by replaying the person's own events.
 * @param value id in the source, id in the target, or matching value
 * @param at UTC instant; null for now
 */
export async function getStory(
  models: ReadModels,
  { value, at, jobId }: { value: string; at: string | null; jobId?: string | undefined },
): Promise<PersonStoryView> {
  const [objects, job, known] = await Promise.all([findObjects(models, value, jobId), jobsById(models), keptSince(models, 'events')]);
  const stories = await Promise.all(
    objects.map(async (ref) => {
      const [events, unlinkedAt] = await Promise.all([eventsOfObject(models, ref, at), linksForgottenAt(models, ref.job_id, at)]);
      const told = personInJob(events, unlinkedAt, job(ref.job_id));
      return told && { ...told, ...(await memberNames(models, ref.job_id, told.driftOfMembers)) };
    }),
  );
  const since = latestOf(
    known,
    objects.map(({ job_id }) => job_id),
  );
  return { value, at, objects: stories.filter((story) => story !== null), ...(since !== null && { keptSince: since }) };
}

/** What belongs to no change, such as what a person said of a link, is one of its own. */
const stepsAsChanges = stepColumns
  .replace('event.change_id', "coalesce(event.change_id, 'event-' || event.sequence) as change_id")
  .replace('event.cycle_id', "coalesce(event.cycle_id, '') as cycle_id");

/** An object's events in their order, the newest of them up to an instant. */
export async function eventsOfObject(models: ReadModels, { job_id, object_key }: ObjectRef, until: string | null): Promise<StepRecord[]> {
  const newest = await query<StepRecord>(
    models,
    `select ${stepsAsChanges} from audit_event event
     where job_id = $1 and object_key = $2 and ($3::timestamptz is null or at <= $3) order by sequence desc limit ${atMost}`,
    [job_id, object_key, until],
  );
  return newest.toReversed();
}

/** Sequence of the latest restart that forgot every link of a job; 0 when there was none up to the instant. */
async function linksForgottenAt(models: ReadModels, jobId: string, until: string | null): Promise<number> {
  const [row] = await query<{ sequence: number }>(
    models,
    `select sequence from audit_event
     where activity = 'job' and type = '${JobRestarted.type}' and job_id = $1 and ($2::timestamptz is null or at <= $2)
       and (data -> 'scopes')::jsonb @> '"links"' order by sequence desc limit 1`,
    [jobId, until],
  );
  return row?.sequence ?? 0;
}

const kept: ReadonlySet<string> = new Set([EscrowRecorded.type, EscrowWoken.type, EscrowSuperseded.type]);
const notKept: ReadonlySet<string> = new Set([EscrowCleared.type, EscrowExpired.type]);

type Side = PersonInJob['sourceSide'];
type Account = PersonInJob['account'];

/** What the events of one object tell of it. Pure. @param events in their order; @param unlinkedAt sequence up to which links were forgotten */
export function personInJob(events: readonly StepRecord[], unlinkedAt: number, job: NamedJob): PersonInJob | null {
  const last = events.at(-1);
  if (!last) return null;
  const sourceSide: Side = { id: null, isDeleted: false, attributes: {} };
  const account: Account = { id: null, isLinked: false, attributes: {} };
  const wanted: Wanted = { expected: null, drift: null, driftOfMembers: null };
  let inScope: boolean | null = null;
  let displayName: string | null = null;
  let isInEscrow = false;
  for (const { sequence, type, data } of events) {
    displayName = (data['displayName'] as string | undefined) ?? displayName;
    readSource(sourceSide, type, data);
    readWanted(wanted, account, type, data);
    readAccount(account, type, data);
    if (sequence < unlinkedAt) account.isLinked = false;
    if (type === RuleEvaluated.type && (data['reason'] as { code: string }).code !== 'import-failed')
      inScope = (data['scope'] as { inScope: boolean }).inScope && !sourceSide.isDeleted;
    if (kept.has(type)) isInEscrow = true;
    else if (notKept.has(type)) isInEscrow = false;
  }
  return {
    jobId: job.jobId,
    source: job.source,
    target: job.target,
    objectKey: last.object_key,
    objectType: partsOf(last.object_key as ObjectKey).objectType,
    displayName,
    asOf: { sequence: last.sequence, at: last.at },
    sourceSide,
    account,
    expected: wanted.expected,
    drift: wanted.drift,
    ...(wanted.driftOfMembers && { driftOfMembers: wanted.driftOfMembers }),
    inScope,
    isInEscrow,
    changes: [...groupBy(events, ({ change_id }) => change_id).values()].toReversed().map((steps) => ({
      changeId: steps[0]!.change_id,
      cycleId: steps[0]!.cycle_id,
      beganAt: steps[0]!.at,
      endedAt: steps.at(-1)!.at,
      steps: steps.map((step) => logStep(step, job)),
    })),
    isCut: events.length === atMost,
  };
}

/** Whether a change is of members or references alone: of the other values nothing was asked, so they stay what they were. */
const isOfPart = (data: StepRecord['data']): boolean => data['part'] !== undefined;

function readSource(side: Side, type: string, data: StepRecord['data']): void {
  side.id = (data['sourceId'] as string | null | undefined) ?? side.id;
  if (type !== SourceObjectImported.type) return;
  const read = data['attributes'] as Side['attributes'];
  side.attributes = isOfPart(data) ? { ...side.attributes, ...read } : read;
  side.isDeleted = data['change'] === 'deleted';
}

interface Wanted {
  expected: Account['attributes'] | null;
  drift: DataOf<typeof DriftFound>['account'] | null;
  driftOfMembers: DataOf<typeof DriftFound>['members'] | null;
}

const isAccountWanted: ReadonlySet<string> = new Set(['create', 'update', 'unchanged']);

/** What a decision wants is what was read of the account, with what was to be changed. */
function readWanted(wanted: Wanted, account: Account, type: string, data: StepRecord['data']): void {
  if (type === TargetObjectImported.type || type === ObjectExported.type) wanted.drift = wanted.driftOfMembers = null;
  if (type === RuleEvaluated.type) {
    const { action, changes } = data as unknown as AccountFacts;
    const before = isOfPart(data) ? (wanted.expected ?? account.attributes) : account.attributes;
    if (isAccountWanted.has(action)) wanted.expected = { ...before, ...newValues(changes) };
    else if (isOfPart(data)) return;
    else if (action !== 'fail') wanted.expected = null;
  } else if (type === DriftFound.type) {
    const found = data as unknown as DataOf<typeof DriftFound>;
    wanted.driftOfMembers = found.members ?? wanted.driftOfMembers;
    // Members alone: the account holds what it should.
    if (!found.members || found.account !== 'differs' || found.attributes.length > 0) wanted.drift = found.account;
    wanted.expected &&= { ...wanted.expected, ...Object.fromEntries(found.attributes.map((each) => [each.attribute, each.expected])) };
  }
}

const newValues = (changes: AccountFacts['changes']): Account['attributes'] =>
  Object.fromEntries(changes.map((change) => [change.attribute, change.new]));

interface AccountFacts {
  readonly matches: readonly { readonly id: string; readonly attributes: Account['attributes'] }[];
  readonly linkedId: string | null;
  readonly linksNow: boolean;
  readonly action: string;
  readonly targetId: string | null;
  readonly changes: readonly { readonly attribute: string; readonly new: unknown }[];
}

function readAccount(account: Account, type: string, data: StepRecord['data']): void {
  const facts = data as unknown as AccountFacts;
  if (type === TargetObjectImported.type) {
    const match = facts.matches.length === 1 ? facts.matches[0]! : null;
    account.id = match?.id ?? facts.linkedId;
    account.isLinked = facts.linkedId !== null;
    account.attributes = { ...(isOfPart(data) && account.attributes), ...match?.attributes };
  } else if (type === RuleEvaluated.type && facts.action === 'unchanged' && facts.linksNow) {
    account.isLinked = true;
  } else if (type === ObjectExported.type) {
    const isGone = facts.action === 'delete';
    account.id = isGone ? null : facts.targetId;
    account.isLinked = !isGone;
    account.attributes = isGone ? {} : { ...account.attributes, ...newValues(facts.changes) };
  } else if (type === DriftFound.type) {
    const { account: how, attributes } = data as unknown as DataOf<typeof DriftFound>;
    const found = Object.fromEntries(attributes.map((each) => [each.attribute, each.found]));
    account.attributes = how === 'vanished' ? {} : { ...account.attributes, ...found };
  } else if (type === LinkRemoved.type) {
    account.id = null;
    account.isLinked = false;
    account.attributes = {};
  } else if (type === LinkRepaired.type) {
    account.id = facts.targetId;
    account.isLinked = true;
    account.attributes = {};
  } else if (type === ExportFailed.type) {
    account.id = facts.targetId ?? account.id;
  }
}
