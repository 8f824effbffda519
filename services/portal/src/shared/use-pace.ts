import type { CycleView } from '@provident/contracts/http';
import { useEffect } from 'react';

import { type Pace, paceOf, type Progress, progressOf, type Samples, withSampleOf } from './progress.js';
import { useNow } from './use-now.js';

/** Of every cycle that is looked at in this window, whichever page shows it. */
let seen: Samples = new Map();

/** How far a cycle is, which never becomes less, and its speed and remaining time, measured while it is looked at. */
export function usePace(cycle: CycleView): Progress & { readonly pace: Pace } {
  const now = useNow(500);
  const { cycleId } = cycle;
  const progress = progressOf(cycle);
  const { done: told, total } = progress;
  useEffect(() => {
    seen = withSampleOf(seen, cycleId, { at: Date.now(), done: told });
  }, [cycle, cycleId, told]);
  const samples = seen.get(cycleId) ?? [];
  const done = Math.max(told, samples.at(-1)?.done ?? 0);
  return { ...progress, done, total: total === null ? null : Math.max(total, done), pace: paceOf(samples, total, now) };
}
