import type { CycleResult } from './job-fact.js';
import type { RunningCycle } from './job-life.js';

/** How many objects of a cycle ended in which way. Each object has exactly one outcome. */
export interface Outcomes {
  readonly created: number;
  readonly updated: number;
  readonly disabled: number;
  readonly deleted: number;
  readonly skipped: number;
  readonly unchanged: number;
  readonly escrowed: number;
  readonly held: number;
}

export function countOf({ created, updated, disabled, deleted, skipped, unchanged, escrowed, held }: Outcomes): number {
  return created + updated + disabled + deleted + skipped + unchanged + escrowed + held;
}

/** Whether every imported object has its outcome: a cycle may close then, and not before. More outcomes than objects is a bug, and not accounted for. */
export const isAccountedFor = (outcomes: Outcomes, imported: number): boolean => countOf(outcomes) === imported;

/** How a cycle whose objects are accounted for ended. */
export function resultOf({ import: { state } }: Pick<RunningCycle, 'import'>, { escrowed }: Pick<Outcomes, 'escrowed'>): CycleResult {
  if (state !== 'completed') return 'failed';
  return escrowed > 0 ? 'entry-level-errors' : 'succeeded';
}
