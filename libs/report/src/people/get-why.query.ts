import type { Failure, JobStatusView, WhyInJob, WhyView } from '@provident/contracts';
import { ExportFailed, ObjectExported, ObjectImportFailed, RemovalHeld, RuleEvaluated } from '@provident/contracts';

import { NotFound, query, type ReadModels } from '../database.js';
import { findObjects, type ObjectRef } from '../find-objects.js';
import { keptSince } from '../kept-since.js';
import { listJobs } from '../list-jobs.query.js';
import type { StepRecord } from '../log/entry-record.js';
import { stepText } from '../sentences/step-text.js';
import { eventsOfObject } from './get-story.query.js';
import { wouldChange } from './would-change.js';

/**
 * Why a person has an account in the targets, or has none: answered for every job, also for those that have never seen the person.
 * @throws NotFound when the one job that is asked about does not exist
 */
export async function getWhy(models: ReadModels, { value, jobId }: { value: string; jobId?: string | undefined }): Promise<WhyView> {
  const [jobs, objects] = await Promise.all([listJobs(models, null, jobId ?? null), findObjects(models, value, jobId)]);
  if (jobId !== undefined && jobs.length === 0) throw new NotFound(`there is no job ${jobId}`);
  const answers = jobs.map(async (job): Promise<WhyInJob[]> => {
    const known = objects.filter(({ job_id }) => job_id === job.jobId);
    if (known.length === 0) return [notSeen(job, value)];
    return Promise.all(
      known.map(async (ref) => {
        const events = await eventsOfObject(models, ref, null);
        return events.length > 0 ? why(job, ref.object_key, events) : forgotten(models, job, ref);
      }),
    );
  });
  return { value, jobs: (await Promise.all(answers)).flat() };
}

const nothing = { reason: null, clauses: [], values: [], wouldChange: [], evidence: null } as const;

/** No event has two readings; the job's state says which applies. */
function notSeen(job: JobStatusView, value: string): WhyInJob {
  const named = JSON.stringify(value);
  const [text, remedy] =
    job.initialCycleCompleted && !job.running
      ? [
          `${job.source} was read to its end and holds nobody with ${named}`,
          `${job.source} holds the person under this identifier, and the next cycle has run`,
        ]
      : job.running
        ? [
            `a cycle runs and has not come to ${named} yet, or ${job.source} holds nobody with it`,
            'the cycle that runs comes to the person',
          ]
        : [`${job.source} was never read to its end`, 'the first cycle has run'];
  return {
    ...nothing,
    jobId: job.jobId,
    target: job.target,
    objectKey: null,
    verdict: 'not-seen',
    text,
    clauses: [],
    values: [],
    wouldChange: [remedy],
  };
}

interface LastState {
  readonly target_id: string | null;
  readonly last_action: string;
  readonly last_status: string;
}

/** Nothing has happened to the object for longer than events are kept: what it was left as is all that is known. */
async function forgotten(models: ReadModels, job: JobStatusView, { object_key }: ObjectRef): Promise<WhyInJob> {
  const [state] = await query<LastState>(
    models,
    'select target_id, last_action, last_status from object_state where job_id = $1 and object_key = $2',
    [job.jobId, object_key],
  );
  const since = (await keptSince(models, 'events'))(job.jobId);
  const how = `how that came about is not kept any more${since === null ? '' : ` (events are kept since ${since})`}`;
  const about = { ...nothing, jobId: job.jobId, target: job.target, objectKey: object_key, clauses: [], values: [], wouldChange: [] };
  if (!state) return { ...about, verdict: 'not-seen', text: how };
  if (state.target_id !== null) return { ...about, verdict: 'provisioned', text: `has an account in ${job.target}; ${how}` };
  return {
    ...about,
    verdict: state.last_status === 'failure' ? 'failed' : 'skipped',
    text: `has no account in ${job.target}: the last change ended as ${state.last_status} (${state.last_action}); ${how}`,
  };
}

const decisive: ReadonlySet<string> = new Set(
  [RuleEvaluated, ObjectExported, ExportFailed, RemovalHeld, ObjectImportFailed].map(({ type }) => type),
);

interface Ruling {
  readonly action: string;
  readonly reason: { readonly code: string; readonly text: string; readonly facts?: Record<string, string> };
  readonly scope: { readonly clauses: WhyInJob['clauses'] };
  readonly changes: WhyInJob['values'];
  readonly failure: Failure | null;
}

function why(job: JobStatusView, objectKey: string, events: readonly StepRecord[]): WhyInJob {
  const about = { jobId: job.jobId, target: job.target, objectKey };
  const last = events.findLast(({ type }) => decisive.has(type));
  if (!last)
    return {
      ...about,
      ...nothing,
      clauses: [],
      values: [],
      wouldChange: [],
      verdict: 'in-progress',
      text: 'read, and waits for the rules',
    };
  const ruled = events.findLast(({ type, change_id }) => type === RuleEvaluated.type && change_id === last.change_id);
  const ruling = ruled ? (ruled.data as unknown as Ruling) : null;
  const failure = (last.data['failure'] as Failure | null | undefined) ?? ruling?.failure ?? causeOf(events, last);
  const verdict = verdictOf(last, ruling);
  const reason = verdict === 'failed' && failure ? failure.code : (ruling?.reason.code ?? null);
  const refusal = { reason, facts: ruling?.reason.facts ?? {}, clauses: ruling?.scope.clauses ?? [], failure };
  return {
    ...about,
    verdict,
    text: stepText(last.type, last.data, job).text,
    reason,
    clauses: [...refusal.clauses],
    values: [...(ruling?.changes ?? [])],
    wouldChange: remedies(verdict, refusal, job),
    evidence: { sequence: last.sequence, at: last.at, changeId: last.change_id },
  };
}

/** After a failed import the ruling only repeats that it failed: the cause says more. */
const causeOf = (events: readonly StepRecord[], last: StepRecord): Failure | null =>
  (events.findLast(({ type, change_id }) => type === ObjectImportFailed.type && change_id === last.change_id)?.data['failure'] as
    | Failure
    | undefined) ?? null;

function verdictOf({ type }: StepRecord, ruling: Ruling | null): WhyInJob['verdict'] {
  if (type === ObjectExported.type) return 'provisioned';
  if (type === RemovalHeld.type) return 'held';
  if (type === ExportFailed.type || type === ObjectImportFailed.type) return 'failed';
  if (ruling?.action === 'skip') return 'skipped';
  if (ruling?.action === 'unchanged') return 'provisioned';
  return ruling?.action === 'fail' ? 'failed' : 'in-progress';
}

function remedies(verdict: WhyInJob['verdict'], refusal: Parameters<typeof wouldChange>[0], job: JobStatusView): string[] {
  if (verdict === 'provisioned') return [];
  if (verdict === 'held') return [`the removals of the cycle are released: provident release ${job.jobId}`];
  if (verdict === 'in-progress') return [`${job.target} is written: the change is on its way`];
  return wouldChange(refusal);
}
