import type { CycleView } from '@provident/contracts';
import { z } from 'zod';

import { parseCursor, printCursor } from './cursor.js';
import { type CycleRecord, cycleView } from './cycle-view.js';
import { query, type ReadModels } from './database.js';

const Key = z.tuple([z.int()]);

export interface CyclePage {
  readonly cycles: CycleView[];
  readonly next: string | null;
}

/** A job's cycles, newest first. @throws BadCursor */
export async function listCycles(
  models: ReadModels,
  { jobId, limit, cursor }: { jobId: string; limit: number; cursor?: string | undefined },
): Promise<CyclePage> {
  const [before] = cursor === undefined ? [Number.MAX_SAFE_INTEGER] : parseCursor(Key, cursor);
  const rows = await query<CycleRecord & { opened_sequence: number }>(
    models,
    'select * from cycle where job_id = $1 and opened_sequence < $2 order by opened_sequence desc limit $3',
    [jobId, before, limit + 1],
  );
  const shown = rows.slice(0, limit);
  return { cycles: shown.map(cycleView), next: rows.length > limit ? printCursor([shown.at(-1)!.opened_sequence]) : null };
}
