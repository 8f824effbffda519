import type { CycleView } from '@provident/contracts/http';
import { useEffect, useRef } from 'react';

import { type Pace, paceOf, progressOf, type Sample, withSample } from './progress.js';
import { useNow } from './use-now.js';

/** Speed and remaining time of a cycle, measured while it is looked at. */
export function usePace(cycle: CycleView): Pace {
  const now = useNow(500);
  const seen = useRef<{ cycleId: string; samples: readonly Sample[] }>({ cycleId: cycle.cycleId, samples: [] });
  const { done, total } = progressOf(cycle);
  useEffect(() => {
    const before = seen.current.cycleId === cycle.cycleId ? seen.current.samples : [];
    seen.current = { cycleId: cycle.cycleId, samples: withSample(before, { at: Date.now(), done }) };
  }, [cycle, done]);
  return seen.current.cycleId === cycle.cycleId ? paceOf(seen.current.samples, total, now) : { kind: 'measuring' };
}
