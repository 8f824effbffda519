import { say } from '@provident/bus';
import {
  type CommandAnswer,
  type DataOf,
  JobConfigured,
  JobRecovered,
  JobRestarted,
  JobStateChanged,
  PauseJob,
  type LinksChoice,
  RejectRemovals,
  ReleaseRemovals,
  RetryEscrows,
  RemovalsReleased,
  RemoveJob,
  RestartJob,
  RunJob,
  StartJob,
  StopJob,
} from '@provident/contracts';
import { targetSystem } from '@provident/connectors/config';
import {
  canonicalJson,
  cycleKindFor,
  type DriftMode,
  isDueOnceLifted,
  type JobLife,
  type RestartScope,
  scopesOf,
  standingOf,
} from '@provident/domain';

import { openCycle } from '../next-step.js';
import { decideUponHeld } from './decide-upon-held.js';
import { type Order, done, refused, refusedIn } from './job-owners.js';
import type { OrderContext } from './order-context.js';
import { retry } from './retry.js';

/** Configuration that was checked already, as it travels to the job's keeper. */
export type CheckedConfiguration = Omit<DataOf<typeof JobConfigured>, 'revision' | 'jobId'>;

export interface ApplyOrder {
  readonly configured: CheckedConfiguration;
  readonly links?: LinksChoice | undefined;
  /** That its sender made it from. */
  readonly revision?: number | undefined;
  /** How far the log told of the job's configuration when it came. */
  readonly knownUntil: number;
}

/** Carries out one order upon a job. */
export function answerOrder({ name, payload }: Order, context: OrderContext): Promise<CommandAnswer> {
  switch (name) {
    case 'apply':
      return apply(payload as ApplyOrder, context);
    case 'run':
      return run(RunJob.schema.parse(payload), context);
    case 'pause':
      return pause(PauseJob.schema.parse(payload), context);
    case 'stop':
      return stop(StopJob.schema.parse(payload), context);
    case 'remove':
      return remove(RemoveJob.schema.parse(payload), context);
    case 'restart':
      return restart(RestartJob.schema.parse(payload), context);
    case 'start':
      return start(StartJob.schema.parse(payload), context);
    case 'retry':
      return retry(RetryEscrows.schema.parse(payload), context);
    case 'reject':
      return decideUponHeld(RejectRemovals.schema.parse(payload), 'rejected', context);
    default:
      return decideUponHeld(ReleaseRemovals.schema.parse(payload), 'released', context);
  }
}

async function apply(order: ApplyOrder, context: OrderContext): Promise<CommandAnswer> {
  const { configured, links } = order;
  const { jobId, life } = context.state;
  const { say: tell } = context;
  const before = life.definition;
  if (before && canonicalJson(before) === canonicalJson(configured.definition)) {
    return done(`job "${jobId}" is as it was (revision ${life.revision})`, { jobId, revision: life.revision, changed: false });
  }
  const overwritten = overwrites(order, context);
  if (overwritten) return overwritten;
  if (before && before.lanes !== configured.definition.lanes) {
    return refused(`"lanes" is fixed for the life of the job`, [
      { path: ['lanes'], message: `stays ${before.lanes} for the life of the job: name a new job to change it` },
    ]);
  }
  const isOther = before !== null && mayHaveLinks(life) && targetSystem(before.target) !== targetSystem(configured.definition.target);
  if (isOther && !links) return refused(otherTarget, [{ path: ['target'], message: 'is another system than before' }]);
  const revision = life.revision + 1;
  const said = say(JobConfigured, `${jobId}.configured.${revision}`, jobId, { ...configured, jobId, revision });
  const { by } = configured;
  const forgotten = say(JobRestarted, `${jobId}.restarted.${revision}`, jobId, {
    jobId,
    scopes: ['watermark', 'links'],
    otherTarget: true,
    by,
  });
  const forgets = isOther && links === 'forget';
  // In this order: the rules that count from now on stand behind the restart.
  await tell(forgets ? [forgotten, said] : [said]);
  const words = forgets ? '; its links are forgotten, and everybody is matched anew in the new target' : '';
  return done(`job "${jobId}" is at revision ${revision}${words}`, { jobId, revision, changed: true });
}

/** What somebody else has configured that the sender of an order did not know of is not written over. */
function overwrites({ revision, knownUntil }: ApplyOrder, { state: { jobId, life }, configured }: OrderContext): CommandAnswer | null {
  const who = configured === null ? '' : `, by ${configured.by.name}`;
  const remedy = 'look at it, and say again what you want';
  if (revision !== undefined && revision !== life.revision) {
    const madeFrom = revision === 0 ? 'for a new job' : `from revision ${revision}`;
    return refusedIn(standing(life), `job "${jobId}" is at revision ${life.revision}${who}, and this was made ${madeFrom}: ${remedy}`);
  }
  if (configured === null || configured.sequence <= knownUntil) return null;
  return refusedIn(standing(life), `job "${jobId}" was configured by ${configured.by.name} at the same moment: ${remedy}`);
}

const standing = (life: JobLife): string => standingOf(life) ?? 'active';

const otherTarget =
  'the target is another system than before, and the links of this job are to accounts in the old one: apply the file with --forget-links to match ' +
  'everybody anew in the new target (accounts in the old one are left alone), or with --keep-links if it is the same system under another address';

/** Of jobs from before this was remembered, those that ran a cycle may. */
const mayHaveLinks = ({ hasImported, lastOpenedAtMs }: JobLife): boolean => hasImported ?? lastOpenedAtMs !== null;

async function run(
  { fresh, drift, by }: { fresh: boolean; drift?: DriftMode | undefined; by: DataOf<typeof JobStateChanged>['by'] },
  { state, say: tell, newCycleId }: OrderContext,
): Promise<CommandAnswer> {
  const { life, jobId } = state;
  if (life.isStopped) return refusedIn('stopped', `job "${jobId}" is stopped: start it first`);
  if (life.running) {
    const { cycleId } = life.running;
    const lacking = lackingIn(life.running, { fresh, drift });
    const paused = life.isPaused ? ', and the job is paused' : '';
    if (lacking) {
      const answer = refusedIn('running', `cycle ${cycleId} is open${paused}, and ${lacking}: ask again when it has ended`);
      return { ...answer, result: { ...answer.result, cycleId } };
    }
    return done(`cycle ${cycleId} is ${paused ? `open already${paused}` : 'running already'}`, { jobId, cycleId, opened: false });
  }
  if (drift && (fresh || cycleKindFor(life) === 'initial'))
    return refused(
      fresh
        ? 'a cycle that reads everything again looks at every account by itself: leave out one of the two'
        : `job "${jobId}" has not read everything to its end yet: run it without drift first`,
    );
  const cycleId = newCycleId();
  await tell([openCycle(state, cycleId, by, { fresh, drift })]);
  return done(`cycle ${cycleId} was opened`, { jobId, cycleId, opened: true });
}

/** What somebody wants of a cycle that the open one does not do; null when it does. */
function lackingIn(running: NonNullable<JobLife['running']>, { fresh, drift }: { fresh: boolean; drift?: DriftMode | undefined }) {
  if (fresh && running.kind !== 'initial') return 'reads only what has changed';
  if (!drift || drift === running.drift) return null;
  if (running.drift === 'repair') return 'changes back what was changed by hand, instead of only telling it';
  if (running.drift === 'report') return 'only tells what was changed by hand';
  return 'does not tell what was changed by hand';
}

type Asked = { readonly by: DataOf<typeof JobStateChanged>['by'] };

async function pause({ by }: Asked, { state: { jobId, life }, position, say: tell }: OrderContext): Promise<CommandAnswer> {
  if (life.isPaused && !life.isStopped) return done(`job "${jobId}" is paused already`, { jobId, state: 'paused' });
  await tell([say(JobStateChanged, `${jobId}.paused.${position}`, jobId, { jobId, state: 'paused', by })]);
  const open = life.running ? '; what the open cycle has imported is finished, and it reads on when the job is started' : '';
  return done(`job "${jobId}" is paused${open}`, { jobId, state: 'paused' });
}

async function stop({ by }: Asked, { state: { jobId, life }, position, say: tell }: OrderContext): Promise<CommandAnswer> {
  if (life.isStopped) return done(`job "${jobId}" is stopped already`, { jobId, state: 'stopped' });
  await tell([say(JobStateChanged, `${jobId}.stopped.${position}`, jobId, { jobId, state: 'stopped', by })]);
  const open = life.running ? '; the open cycle goes on where it was when the job is started' : '';
  return done(`job "${jobId}" is stopped${open}`, { jobId, state: 'stopped' });
}

async function remove({ by }: Asked, { state: { jobId }, position, say: tell }: OrderContext): Promise<CommandAnswer> {
  await tell([say(JobStateChanged, `${jobId}.removed.${position}`, jobId, { jobId, state: 'removed', by })]);
  return done(`job "${jobId}" is deleted; the accounts that it keeps stay as they are, and what it did can still be read`, {
    jobId,
    state: 'deleted',
  });
}

/** Everything at once: what is let go of, and that the job runs again. */
async function restart(
  { scopes: asked, by }: Asked & { scopes: readonly RestartScope[] },
  { state: { jobId, life }, position, say: tell }: OrderContext,
): Promise<CommandAnswer> {
  const scopes = scopesOf(asked);
  const { quarantine } = life;
  const id = (what: string): string => `${jobId}.${what}.${position}`;
  const released = scopes.includes('removals') ? life.held.filter(({ until }) => until === 'person') : [];
  await tell([
    ...(life.isPaused ? [say(JobStateChanged, id('started'), jobId, { jobId, state: 'active', by })] : []),
    say(JobRestarted, id('restarted'), jobId, { jobId, scopes, otherTarget: false, by }),
    ...(quarantine && scopes.includes('quarantine')
      ? [say(JobRecovered, id('recovered'), jobId, { jobId, by, quarantinedAt: new Date(quarantine.beganAtMs).toISOString() })]
      : []),
    ...released.map(({ cycleId, proposed }) =>
      say(RemovalsReleased, `${cycleId}.removals-released.${position}`, jobId, { jobId, cycleId, proposed, by, waited: true }),
    ),
  ]);
  const isRead = scopes.includes('watermark');
  const next = life.running ? 'a new initial cycle opens when what the open one has imported is done' : 'a new initial cycle opens';
  return done(`job "${jobId}" is restarted (${scopes.join(', ')})${isRead ? `; ${next}` : ''}`, { jobId, scopes });
}

async function start({ by }: Asked, { state: { jobId, life }, position, say: tell }: OrderContext): Promise<CommandAnswer> {
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
  const lifting = quarantine ? `; its quarantine is lifted${isDueOnceLifted(life) ? ', and a cycle is due now' : ''}` : '';
  return done(`job "${jobId}" is active${lifting}`, { jobId, state: 'active' });
}
