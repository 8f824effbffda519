import { type Said, say } from '@provident/bus';
import {
  CycleClosed,
  CycleOpened,
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
  decideRemovals,
  healthAfter,
  isAccountedFor,
  isCycleDue,
  isOverdue,
  planCycle,
  quarantineFor,
  resultOf,
  unhealthyAtOnce,
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
  if (!life.running) {
    if (life.isStopped) return [];
    if (isOverdue(life, nowMs)) return [disable(state)];
    return isCycleDue(life, nowMs) || state.isReachable === true ? [openCycle(state, newCycleId, service)] : [];
  }
  const refused = unhealthyAtOnce(connectionFailureOf(state.count), life);
  if (refused) return [sayQuarantined(state, `${life.running.cycleId}.quarantined-at-once`, quarantineFor(refused, life, nowMs))];
  if (life.isStopped) return [];
  if (life.running.import.state === 'reading') return [];
  if (state.count.evaluated < life.running.import.imported) return [];
  if (!state.isDecided && needsDecision(state)) return decide(state, nowMs);
  return isAccountedFor(state.count.outcomes, life.running.import.imported) && !waitsForRelease(state) ? close(state, nowMs) : [];
}

export function openCycle({ jobId, life }: JobState, cycleId: CycleId, by: Initiator, fresh = false): Said {
  const { kind, rules, watermark } = planCycle(life, fresh);
  return say(CycleOpened, `${cycleId}.opened`, jobId, {
    jobId,
    cycleId,
    kind,
    rules,
    watermark: watermark as Record<string, unknown> | null,
    by,
  });
}

/** Removals of cycles whose import failed were never weighed: they are, together with those of the next complete import. */
const carried = ({ held }: JobLife): HeldRemovals[] => held.filter(({ until }) => until === 'import');

const needsDecision = ({ count, life }: JobState): boolean =>
  count.proposedRemovals > 0 || (carried(life).length > 0 && life.running?.import.state === 'completed');

function decide(state: JobState, nowMs: number): Said[] {
  const { jobId, life, count } = state;
  const running = life.running!;
  const { cycleId } = running;
  const proposed = count.proposedRemovals;
  if (running.import.state !== 'completed') {
    const threshold = 'the import failed, and what was not read proves nothing';
    return [say(RemovalsHeld, `${cycleId}.removals-held`, jobId, { jobId, cycleId, proposed, linked: 0, threshold, until: 'import' })];
  }
  const earlier = carried(life);
  const { linked } = running.import;
  const total = earlier.reduce((sum, each) => sum + each.proposed, proposed);
  const decision = decideRemovals({ proposed: total, linked }, life.definition!.thresholds.removals);
  // A broken connection is the graver reason, and stays the one that is told.
  const isGraver = life.quarantine?.reason === 'connection';
  const held = decision.decision === 'hold' && !isGraver ? [quarantineForRemovals(state, total, decision.threshold, nowMs)] : [];
  const cycles = [...earlier, { cycleId, proposed }].filter((each) => each.proposed > 0);
  const said = cycles.map((each) =>
    decision.decision === 'release'
      ? say(RemovalsReleased, `${each.cycleId}.removals-released.${cycleId}`, jobId, {
          jobId,
          cycleId: each.cycleId,
          proposed: each.proposed,
          by: service,
        })
      : say(RemovalsHeld, `${each.cycleId}.removals-held.${cycleId}`, jobId, {
          jobId,
          cycleId: each.cycleId,
          proposed: each.proposed,
          linked,
          threshold: decision.threshold,
          until: 'person',
        }),
  );
  return [...said, ...held];
}

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

/** Released removals are under way as long as some are still held. */
function waitsForRelease({ life, count, isDecided }: JobState): boolean {
  const isHeld = life.held.some(({ cycleId }) => cycleId === life.running?.cycleId);
  return isDecided && !isHeld && count.outcomes.held > 0;
}

function close({ jobId, life, count, read }: JobState, nowMs: number): Said[] {
  const running = life.running!;
  const { cycleId, kind, openedAtMs } = running;
  const result = resultOf(running, count.outcomes);
  const imported = running.import.state === 'reading' ? 0 : running.import.imported;
  const failure = running.import.state === 'failed' ? running.import.failure : connectionFailureOf(count);
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
