import { durationMs } from '../job/job-definition.js';
import type { CycleKind, Watermark } from './job-fact.js';
import type { JobLife } from './job-life.js';

/**
 * When the job's next cycle should open, in milliseconds since 1970; null while it waits for something else than time (a person, the
 * open cycle). New rules are due at once, in quarantine too: they may well be the repair. Otherwise the interval counts from one opening to
 * the next, or the quarantine says when.
 */
export function nextCycleAt({
  definition,
  isPaused,
  isDisabled,
  running,
  lastOpenedAtMs,
  rulesChanged,
  quarantine,
}: JobLife): number | null {
  if (definition === null || isPaused || isDisabled || running !== null) return null;
  if (lastOpenedAtMs === null || rulesChanged.atMs > lastOpenedAtMs) return rulesChanged.atMs;
  return quarantine?.nextAttemptAtMs ?? lastOpenedAtMs + durationMs(definition.schedule.every);
}

export function isCycleDue(life: JobLife, nowMs: number): boolean {
  const atMs = nextCycleAt(life);
  return atMs !== null && atMs <= nowMs;
}

/**
 * `initial` until everything has been read to the end once from the present source for the present target; `incremental` from then on. Other rules for
 * the same systems are applied to what is known of everybody, by an incremental cycle.
 */
export function cycleKindFor({ readUnder, rulesChanged, systemsChanged = rulesChanged.sequence }: JobLife): CycleKind {
  return readUnder !== null && readUnder >= systemsChanged ? 'incremental' : 'initial';
}

/** From where a cycle of that kind reads; null reads everything. */
export function watermarkFor(life: JobLife, kind: CycleKind): Watermark | null {
  return kind === 'initial' ? null : life.watermark;
}

/** What a cycle opened now is. @param fresh whether a person asked to read everything again */
export function planCycle(life: JobLife, fresh = false): { kind: CycleKind; rules: number; watermark: Watermark | null } {
  const kind = fresh ? 'initial' : cycleKindFor(life);
  return { kind, rules: life.rules, watermark: watermarkFor(life, kind) };
}
