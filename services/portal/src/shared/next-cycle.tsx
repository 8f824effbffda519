import type { JobStatusView } from '@provident/contracts/http';
import type { ReactElement } from 'react';

import { texts } from '../texts/en.js';
import { Relative } from './instant.js';

/** When a job runs next, or what it waits for. */
export function NextCycle({ job: { state, running, nextCycleAt }, now }: { job: JobStatusView; now: number }): ReactElement {
  const waits = state === 'paused' || state === 'stopped';
  if (running !== null && !waits) return <>{texts.overview.nextAfter}</>;
  if (nextCycleAt === null || waits) return <>{texts.overview.nextWaits}</>;
  return Date.parse(nextCycleAt) <= now ? <>{texts.overview.nextNow}</> : <Relative at={nextCycleAt} now={now} />;
}
