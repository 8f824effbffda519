import { durationMs, type JobDefinition } from '../job/job-definition.js';
import { nextCron } from '../schedule/cron.js';
import { nextOpening } from '../schedule/windows.js';
import type { CycleKind, DriftMode, Watermark } from './job-fact.js';
import type { JobLife } from './job-life.js';

/**
 * When the job's next cycle should open, in milliseconds since 1970; null while it waits for something else than time (a person, the
 * open cycle). A restart is due at once, and so is the cycle after somebody lifted a quarantine. By an interval, new rules are too, in quarantine too: they may well be the repair; otherwise the interval counts from one
 * opening to the next, or the quarantine says when. By a cron expression it is the next of its times after that. Windows put off whatever falls
 * outside of them.
 * @param nowMs a time that was missed is made up for in a window from here on
 */
export function nextCycleAt(life: JobLife, nowMs = -Infinity): number | null {
  const { definition, isPaused, isDisabled, running } = life;
  if (definition === null || isPaused || isDisabled || running !== null) return null;
  const { windows, zone = 'UTC' } = definition.schedule;
  const readyMs = readyAt(life, definition.schedule);
  if (!windows) return readyMs;
  return nextOpening(
    windows.map((window) => ({ ...window, zone: window.zone ?? zone })),
    Math.max(readyMs, nowMs),
  );
}

function readyAt(
  { lastOpenedAtMs, rulesChanged, quarantine, restarted, liftedAtMs }: JobLife,
  { every, cron, zone = 'UTC' }: JobDefinition['schedule'],
): number {
  if (restarted) return restarted.atMs;
  if (liftedAtMs) return liftedAtMs;
  const isNew = lastOpenedAtMs === null || rulesChanged.atMs > lastOpenedAtMs;
  if (cron !== undefined)
    return nextCron(cron, zone, isNew ? rulesChanged.atMs : Math.max(lastOpenedAtMs, (quarantine?.nextAttemptAtMs ?? 0) - 1));
  if (isNew) return rulesChanged.atMs;
  // An attempt that has been made, and neither ended the quarantine nor put off the next, is a cycle like any other: removals wait for a person, not for time.
  return quarantine !== null && quarantine.nextAttemptAtMs > lastOpenedAtMs
    ? quarantine.nextAttemptAtMs
    : lastOpenedAtMs + durationMs(every);
}

/** Whether a cycle is due as soon as a person lifts the quarantine. Held removals need none: they are released or rejected as they are. */
export const isDueOnceLifted = ({ quarantine, running }: JobLife): boolean =>
  quarantine !== null && quarantine.reason !== 'too-many-removals' && running === null;

export function isCycleDue(life: JobLife, nowMs: number): boolean {
  const atMs = nextCycleAt(life, nowMs);
  return atMs !== null && atMs <= nowMs;
}

/**
 * `initial` until everything has been read to the end once from the present source for the present target, and after a restart; `incremental` from
 * then on. Other rules for the same systems are applied to what is known of everybody, by an incremental cycle.
 */
export function cycleKindFor({ readUnder, rulesChanged, systemsChanged = rulesChanged.sequence, restarted }: JobLife): CycleKind {
  if (restarted) return 'initial';
  return readUnder !== null && readUnder >= systemsChanged ? 'incremental' : 'initial';
}

/** From where a cycle of that kind reads; null reads everything. */
export function watermarkFor(life: JobLife, kind: CycleKind): Watermark | null {
  return kind === 'initial' ? null : life.watermark;
}

export interface CyclePlan {
  readonly kind: CycleKind;
  readonly rules: number;
  readonly watermark: Watermark | null;
  /** Absent: accounts that nothing has happened to are not looked at. */
  readonly drift?: DriftMode;
}

/**
 * What a cycle opened now is.
 * @param wish what a person asked for: to read everything again, or to look at the accounts
 */
export function planCycle(
  life: JobLife,
  wish: { readonly fresh?: boolean; readonly drift?: DriftMode | undefined } = {},
  nowMs = -Infinity,
): CyclePlan {
  const kind = wish.fresh ? 'initial' : cycleKindFor(life);
  const drift = kind === 'incremental' ? (wish.drift ?? driftDue(life, nowMs)) : undefined;
  return { kind, rules: life.rules, watermark: watermarkFor(life, kind), ...(drift && { drift }) };
}

/** Whether it is time to look at the accounts, and what to do about what is found. */
function driftDue({ definition, lookedAtAccountsMs = 0, rulesChanged }: JobLife, nowMs: number): DriftMode | undefined {
  const drift = definition?.schedule.drift;
  if (!drift) return undefined;
  return Math.max(lookedAtAccountsMs, lookedAtAccountsMs === 0 ? rulesChanged.atMs : 0) + durationMs(drift.every) <= nowMs
    ? drift.mode
    : undefined;
}
