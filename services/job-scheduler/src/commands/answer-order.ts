import { type Said, say } from '@provident/bus';
import {
  type CommandAnswer,
  type DataOf,
  type Initiator,
  JobConfigured,
  JobRecovered,
  JobStateChanged,
  PauseJob,
  ReleaseRemovals,
  RetryEscrows,
  RemovalsReleased,
  RunJob,
  StartJob,
} from '@provident/contracts';
import { canonicalJson, type JobId, type JobLife } from '@provident/domain';

import { openCycle } from '../next-step.js';
import { type Order, done, refused } from './job-owners.js';
import type { OrderContext } from './order-context.js';
import { retry } from './retry.js';

/** Configuration that was checked already, as it travels to the job's keeper. */
export type CheckedConfiguration = Omit<DataOf<typeof JobConfigured>, 'revision' | 'jobId'>;

/** Carries out one order upon a job. */
export function answerOrder({ name, payload }: Order, context: OrderContext): Promise<CommandAnswer> {
  switch (name) {
    case 'apply':
      return apply(payload as CheckedConfiguration, context);
    case 'run':
      return run(RunJob.schema.parse(payload), context);
    case 'pause':
      return pause(PauseJob.schema.parse(payload), context);
    case 'start':
      return start(StartJob.schema.parse(payload), context);
    case 'retry':
      return retry(RetryEscrows.schema.parse(payload), context);
    default:
      return release(ReleaseRemovals.schema.parse(payload), context);
  }
}

async function apply(configured: CheckedConfiguration, { state: { jobId, life }, say: tell }: OrderContext): Promise<CommandAnswer> {
  const before = life.definition;
  if (before && canonicalJson(before) === canonicalJson(configured.definition)) {
    return done(`job "${jobId}" is as it was (revision ${life.revision})`, { jobId, revision: life.revision, changed: false });
  }
  if (before && before.lanes !== configured.definition.lanes) {
    return refused(`"lanes" is fixed for the life of the job`, [
      { path: ['lanes'], message: `stays ${before.lanes} for the life of the job: name a new job to change it` },
    ]);
  }
  const revision = life.revision + 1;
  await tell([say(JobConfigured, `${jobId}.configured.${revision}`, jobId, { ...configured, jobId, revision })]);
  return done(`job "${jobId}" is at revision ${revision}`, { jobId, revision, changed: true });
}

async function run(
  { fresh, by }: { fresh: boolean; by: DataOf<typeof JobStateChanged>['by'] },
  { state, say: tell, newCycleId }: OrderContext,
): Promise<CommandAnswer> {
  const { life, jobId } = state;
  if (life.running)
    return done(`cycle ${life.running.cycleId} is running already`, { jobId, cycleId: life.running.cycleId, opened: false });
  const cycleId = newCycleId();
  await tell([openCycle(state, cycleId, by, fresh)]);
  return done(`cycle ${cycleId} was opened`, { jobId, cycleId, opened: true });
}

async function pause(
  { by }: { by: DataOf<typeof JobStateChanged>['by'] },
  { state: { jobId, life }, position, say: tell }: OrderContext,
): Promise<CommandAnswer> {
  if (life.isPaused) return done(`job "${jobId}" is paused already`, { jobId, state: 'paused' });
  await tell([say(JobStateChanged, `${jobId}.paused.${position}`, jobId, { jobId, state: 'paused', by })]);
  return done(`job "${jobId}" is paused${life.running ? '; the cycle that is running goes on to its end' : ''}`, {
    jobId,
    state: 'paused',
  });
}

async function start(
  { by }: { by: DataOf<typeof JobStateChanged>['by'] },
  { state: { jobId, life }, position, say: tell }: OrderContext,
): Promise<CommandAnswer> {
  const { quarantine } = life;
  const lifted = quarantine
    ? [
        say(JobRecovered, `${jobId}.recovered.${position}`, jobId, {
          jobId,
          by,
          quarantinedAt: new Date(quarantine.beganAtMs).toISOString(),
        }),
      ]
    : [];
  const started = life.isPaused ? [say(JobStateChanged, `${jobId}.started.${position}`, jobId, { jobId, state: 'active', by })] : [];
  if (lifted.length + started.length === 0) return done(`job "${jobId}" is active already`, { jobId, state: 'active' });
  await tell([...started, ...lifted]);
  return done(`job "${jobId}" is active${quarantine ? '; its quarantine is lifted' : ''}`, { jobId, state: 'active' });
}

async function release(
  { cycleId, by }: { cycleId: string; by: DataOf<typeof RemovalsReleased>['by'] },
  { state: { jobId, life }, position, say: tell }: OrderContext,
): Promise<CommandAnswer> {
  const held = life.held.find((each) => each.cycleId === cycleId);
  if (!held)
    return refused(
      `no removals of cycle ${cycleId} are held; held are those of: ${life.held.map((each) => each.cycleId).join(', ') || 'none'}`,
    );
  const released = { jobId, cycleId: held.cycleId, proposed: held.proposed, by };
  await tell([
    say(RemovalsReleased, `${cycleId}.removals-released.${position}`, jobId, released),
    ...liftedByRelease(jobId, life, cycleId, by, position),
  ]);
  return done(`${held.proposed} removal(s) of cycle ${cycleId} are released`, { jobId, cycleId, released: held.proposed });
}

/** The quarantine that was there for held removals ends with the last of them. */
function liftedByRelease(jobId: JobId, { quarantine, held }: JobLife, cycleId: string, by: Initiator, position: number): Said[] {
  const others = held.some((each) => each.until === 'person' && each.cycleId !== cycleId);
  if (quarantine?.reason !== 'too-many-removals' || others) return [];
  const quarantinedAt = new Date(quarantine.beganAtMs).toISOString();
  return [say(JobRecovered, `${jobId}.recovered.${position}`, jobId, { jobId, by, quarantinedAt })];
}
