import { type Said, say } from '@provident/bus';
import {
  CycleClosed,
  CycleOpened,
  type DataOf,
  type Failure,
  type Initiator,
  JobDisabled,
  JobQuarantined,
  JobRecovered,
  RemovalsHeld,
  RemovalsReleased,
} from '@provident/contracts';
import {
  type CycleId,
  type HeldRemovals,
  type JobId,
  type JobLife,
  type ProposedRemovals,
  type RemovalCounts,
  type RemovalGuard,
  type RemovalKind,
  addRemovals,
  countOfRemovals,
  healthAfter,
  heldKinds,
  isAccountedFor,
  isCycleDue,
  isOverdue,
  onlyKinds,
  planCycle,
  quarantineFor,
  removalKinds,
  resultOf,
  unhealthyAtOnce,
  weighRemovals,
} from '@provident/domain';

import { type CycleCount, connectionFailureOf, mostlyBecause } from './cycle-count.js';

export interface JobState {
  readonly jobId: JobId;
  readonly life: JobLife;
  readonly count: CycleCount;
  /** Records that the open cycle's import has read. */
  readonly read: number;
  /** Whether the open cycle's removals were decided upon. */
  readonly isDecided: boolean;
  /** Whether the systems of a job in quarantine let us in again: worth a cycle before its time. */
  readonly isReachable?: boolean;
}

export const service: Initiator = { kind: 'system', name: 'provident' };

/** What the scheduler has to say now, if anything. Pure. @param newCycleId name for a cycle, should one be opened */
export function nextStep(state: JobState, nowMs: number, newCycleId: CycleId): Said[] {
  const { life } = state;
  if (isQuarantinedForNothing(life)) return [liftedByItself(state)];
  if (!life.running) {
    if (life.isStopped) return [];
    if (isOverdue(life, nowMs)) return [disable(state)];
    return isCycleDue(life, nowMs) || state.isReachable === true ? [openCycle(state, newCycleId, service, {}, nowMs)] : [];
  }
  const refused = unhealthyAtOnce(connectionFailure(state), life);
  if (refused) return [sayQuarantined(state, `${life.running.cycleId}.quarantined-at-once`, quarantineFor(refused, life, nowMs))];
  if (life.isStopped) return [];
  if (life.running.import.state === 'reading') return [];
  if (state.count.evaluated < life.running.import.imported) return [];
  if (!state.isDecided && needsDecision(state)) return decide(state, nowMs);
  return isAccountedFor(state.count.outcomes, life.running.import.imported) && !waitsForRelease(state) ? close(state, nowMs) : [];
}

/** The removals that a quarantine is there for are off: their people are back, or somebody has removed them on demand. */
const isQuarantinedForNothing = ({ quarantine, held }: JobLife): boolean =>
  quarantine?.reason === 'too-many-removals' && !held.some(({ until }) => until === 'person');

function liftedByItself({ jobId, life }: JobState): Said {
  const quarantinedAt = new Date(life.quarantine!.beganAtMs).toISOString();
  return say(JobRecovered, `${jobId}.recovered.removals-off.${quarantinedAt}`, jobId, { jobId, by: service, quarantinedAt });
}

export function openCycle(
  { jobId, life }: JobState,
  cycleId: CycleId,
  by: Initiator,
  wish: Parameters<typeof planCycle>[1] = {},
  nowMs?: number,
): Said {
  const { kind, rules, watermark, drift } = planCycle(life, wish, nowMs);
  return say(CycleOpened, `${cycleId}.opened`, jobId, {
    jobId,
    cycleId,
    kind,
    rules,
    watermark: watermark as Record<string, unknown> | null,
    by,
    ...(drift && { drift }),
  });
}

/** Removals of cycles whose import failed were never weighed: they are, together with those of the next complete import. */
const carried = ({ held }: JobLife): HeldRemovals[] => held.filter(({ until }) => until === 'import');

const needsDecision = ({ count, life }: JobState): boolean =>
  countOfRemovals(count.removals) > 0 || (carried(life).length > 0 && life.running?.import.state === 'completed');

/** Removals of one cycle that wait to be decided upon. */
interface Waiting {
  readonly cycleId: CycleId;
  readonly kinds: RemovalCounts;
  readonly members: number;
  /** Whether another cycle left them. */
  readonly waited: boolean;
}

/** Of versions that told of no kinds: accounts. */
const kindsOf = ({ kinds, proposed }: HeldRemovals): RemovalCounts => kinds ?? { disable: proposed };

function decide(state: JobState, nowMs: number): Said[] {
  const { jobId, life, count } = state;
  const running = life.running!;
  const { cycleId } = running;
  const own: Waiting = { cycleId, kinds: count.removals, members: count.members, waited: false };
  if (running.import.state !== 'completed') {
    const threshold = 'the import failed, and what was not read proves nothing';
    return [hold(jobId, own, own.kinds, { linked: 0, threshold, until: 'import' }, `${cycleId}.removals-held`)];
  }
  const earlier = carried(life).map(
    (held): Waiting => ({
      cycleId: held.cycleId,
      kinds: kindsOf(held),
      members: held.members ?? 0,
      waited: true,
    }),
  );
  const all = [...earlier, own].filter(({ kinds }) => countOfRemovals(kinds) > 0);
  const { linked } = running.import;
  const guards = weighRemovals(proposedBy(all, count), running.import, life.definition!.thresholds.removals);
  const held = heldKinds(guards);
  const threshold = guards.map(({ text }) => text).join('; ');
  // A broken connection is the graver reason, and stays the one that is told.
  const isGraver = life.quarantine?.reason === 'connection';
  const total = all.reduce((sum, { kinds }) => sum + countOfRemovals(onlyKinds(kinds, [...held])), 0);
  const quarantined = held.size > 0 && !isGraver ? [quarantineForRemovals(state, total, threshold, nowMs)] : [];
  const said = all.flatMap((each) => [
    ...release(jobId, each, held, cycleId),
    ...(isAnyHeld(each, held)
      ? [
          hold(
            jobId,
            each,
            onlyKinds(each.kinds, [...held]),
            { linked, threshold, until: 'person', guards },
            `${each.cycleId}.removals-held.${cycleId}`,
          ),
        ]
      : []),
  ]);
  return [...said, ...quarantined];
}

const isAnyHeld = ({ kinds }: Waiting, held: ReadonlySet<RemovalKind>): boolean => countOfRemovals(onlyKinds(kinds, [...held])) > 0;

const proposedBy = (all: readonly Waiting[], { worstGroup }: CycleCount): ProposedRemovals => ({
  kinds: all.reduce<RemovalCounts>((sum, { kinds }) => addRemovals(sum, kinds), {}),
  members: all.reduce((sum, { members }) => sum + members, 0),
  worstGroup,
});

/** What no guard holds of them is done. */
function release(jobId: JobId, { cycleId, kinds, waited }: Waiting, held: ReadonlySet<RemovalKind>, decidedBy: CycleId): Said[] {
  const free = removalKinds.filter((kind) => kinds[kind] && !held.has(kind));
  if (free.length === 0) return [];
  const isWhole = free.length === Object.keys(kinds).length;
  return [
    say(RemovalsReleased, `${cycleId}.removals-released.${decidedBy}`, jobId, {
      jobId,
      cycleId,
      proposed: countOfRemovals(onlyKinds(kinds, free)),
      by: service,
      waited,
      ...(!isWhole && { kinds: free }),
    }),
  ];
}

type HoldFacts = Pick<DataOf<typeof RemovalsHeld>, 'linked' | 'threshold' | 'until'> & { readonly guards?: readonly RemovalGuard[] };

const hold = (jobId: JobId, { cycleId, members }: Waiting, kinds: RemovalCounts, { guards = [], ...facts }: HoldFacts, id: string): Said =>
  say(RemovalsHeld, id, jobId, {
    jobId,
    cycleId,
    proposed: countOfRemovals(kinds),
    ...facts,
    kinds,
    members,
    ...(guards.length > 0 && { guards: guards.map((guard) => ({ ...guard, kinds: [...guard.kinds] })) }),
  });

/** Held removals wait for a person: the job runs less often meanwhile, and people are told. */
function quarantineForRemovals(state: JobState, total: number, threshold: string, nowMs: number): Said {
  const message = `${total} removals are held: ${threshold}`;
  const failure: Failure = { kind: 'rejected', code: 'too-many-removals', message };
  const id = `${state.life.running!.cycleId}.quarantined-for-removals`;
  return sayQuarantined(state, id, quarantineFor({ reason: 'too-many-removals', failure }, state.life, nowMs));
}

const sayQuarantined = ({ jobId }: JobState, id: string, quarantine: ReturnType<typeof quarantineFor>): Said =>
  say(JobQuarantined, id, jobId, { jobId, ...quarantine });

/** The job was in quarantine for so long that nobody seems to miss it. */
function disable({ jobId, life }: JobState): Said {
  const { reason, failure, beganAtMs } = life.quarantine!;
  const quarantinedAt = new Date(beganAtMs).toISOString();
  return say(JobDisabled, `${jobId}.disabled.${beganAtMs}`, jobId, { jobId, reason, failure, quarantinedAt });
}

/** What the writes of the open cycle met, unless a person has lifted the quarantine for it since: then the next cycle tells. */
const connectionFailure = ({ life, count }: Pick<JobState, 'life' | 'count'>): Failure | null =>
  life.running?.connectionForgiven ? null : connectionFailureOf(count);

/** Released removals are under way as long as more are held than wait for somebody. */
function waitsForRelease({ life, count, isDecided }: JobState): boolean {
  const waiting = life.held.find(({ cycleId }) => cycleId === life.running?.cycleId)?.proposed ?? 0;
  return isDecided && count.outcomes.held > waiting;
}

function close({ jobId, life, count, read }: JobState, nowMs: number): Said[] {
  const running = life.running!;
  const { cycleId, kind, openedAtMs } = running;
  const result = resultOf(running, count.outcomes);
  const imported = running.import.state === 'reading' ? 0 : running.import.imported;
  const failure = running.import.state === 'failed' ? running.import.failure : connectionFailure({ life, count });
  const tally = { read, imported, ...count.outcomes };
  const closed = say(CycleClosed, `${cycleId}.closed`, jobId, {
    jobId,
    cycleId,
    kind,
    result,
    tally,
    openedAt: new Date(openedAtMs).toISOString(),
    failure,
  });
  const verdict = healthAfter({ result, tally: count.outcomes, failure }, life, nowMs);
  switch (verdict.verdict) {
    case 'quarantine':
      return [closed, say(JobQuarantined, `${cycleId}.quarantined`, jobId, { jobId, ...explained(verdict.quarantine, count) })];
    case 'recover':
      return [closed, say(JobRecovered, `${cycleId}.recovered`, jobId, { jobId, by: service, quarantinedAt: verdict.quarantinedAt })];
    default:
      return [closed];
  }
}

/** A share of failures says how many; why they failed belongs beside it. */
function explained<Quarantine extends { reason: string; failure: Failure }>(quarantine: Quarantine, count: CycleCount): Quarantine {
  if (quarantine.reason !== 'failure-proportion') return quarantine;
  return { ...quarantine, failure: { ...quarantine.failure, message: quarantine.failure.message + mostlyBecause(count) } };
}
