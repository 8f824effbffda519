import type { CycleView } from '@provident/contracts';

import { type CycleRecord, cycleView } from './cycle-view.js';
import { NotFound, query, type ReadModels } from './database.js';

/** @throws NotFound */
export async function getCycle(models: ReadModels, jobId: string, cycleId: string): Promise<CycleView> {
  const [row] = await query<CycleRecord>(models, 'select * from cycle where job_id = $1 and cycle_id = $2', [jobId, cycleId]);
  if (!row) throw new NotFound(`job ${jobId} has no cycle ${cycleId}`);
  return cycleView(row);
}
