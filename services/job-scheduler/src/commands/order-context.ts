import type { Said } from '@provident/bus';
import type { CycleId } from '@provident/domain';
import type { Initiator } from '@provident/contracts';

import type { JobState } from '../next-step.js';

/** What an order is carried out with. */
export interface OrderContext {
  readonly state: JobState;
  /** Of the log, up to which the state is folded: names the order's events, since the same order may come again later. */
  readonly position: number;
  /** The newest configuration, as far as this instance has read of it since it keeps the job. */
  readonly configured: { readonly sequence: number; readonly by: Initiator } | null;
  readonly say: (said: readonly Said[]) => Promise<void>;
  readonly newCycleId: () => CycleId;
}
