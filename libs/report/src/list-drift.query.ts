import type { DriftPageView, DriftView } from '@provident/contracts';
import { DriftFound } from '@provident/contracts';
import { type ObjectKey, partsOf } from '@provident/domain';
import type { EntryStatus } from '@provident/read-model';
import { z } from 'zod';

import { parseCursor, printCursor } from './cursor.js';
import { type CycleRecord, cycleView } from './cycle-view.js';
import { NotFound, query, type ReadModels } from './database.js';
import { namesOf } from './names-of.js';

interface DriftRecord {
  readonly sequence: number;
  readonly at: string;
  readonly object_key: string;
  readonly data: Pick<DriftView, 'account' | 'attributes' | 'members' | 'mode'> & {
    sourceId: string;
    displayName?: string;
    targetId: string;
  };
  readonly repair: EntryStatus | null;
}

const Key = z.tuple([z.int()]);

export interface DriftAsked {
  readonly jobId: string;
  /** The latest that looked for it when none is named. */
  readonly cycle?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** What a cycle found changed by hand in the target, in the order in which it was found. @throws BadCursor, NotFound */
export async function listDrift(models: ReadModels, { jobId, cycle: wanted, limit, cursor }: DriftAsked): Promise<DriftPageView> {
  const [after] = cursor === undefined ? [0] : parseCursor(Key, cursor);
  const [cycle] = await query<CycleRecord & { opened_sequence: number }>(
    models,
    `select * from cycle where job_id = $1 and ($2::text is null or cycle_id = $2) and drift is not null order by opened_sequence desc limit 1`,
    [jobId, wanted ?? null],
  );
  if (!cycle) {
    if (wanted === undefined) return { cycle: null, found: [], next: null };
    throw new NotFound(`no cycle ${wanted} of job ${jobId} has looked for drift`);
  }
  const rows = await query<DriftRecord>(
    models,
    `select sequence, at, object_key, data,
            (select status from provisioning_entry entry
             where entry.job_id = found.job_id and entry.object_key = found.object_key and entry.cycle_id = found.cycle_id
             order by entry.at desc limit 1) as repair
     from audit_event found
     where activity = 'job' and type = '${DriftFound.type}' and job_id = $1 and cycle_id = $2 and sequence > $3 and sequence > $4
     order by sequence limit $5`,
    [jobId, cycle.cycle_id, after, cycle.opened_sequence, limit + 1],
  );
  const shown = rows.slice(0, limit);
  return {
    cycle: cycleView(cycle),
    found: await Promise.all(shown.map(async (row) => ({ ...driftView(row), ...(await memberNames(models, jobId, row.data.members)) }))),
    next: rows.length > limit ? printCursor([shown.at(-1)!.sequence]) : null,
  };
}

/** Names of the members that a difference names; nothing where it is none of members. */
export const memberNames = async (
  models: ReadModels,
  jobId: string,
  members: DriftView['members'],
): Promise<Pick<DriftView, 'memberNames'>> =>
  members ? { memberNames: await namesOf(models, jobId, [...members.examples.missing, ...members.examples.added]) } : {};

const driftView = ({ at, object_key, data, repair }: DriftRecord): DriftView => ({
  objectKey: object_key,
  objectType: partsOf(object_key as ObjectKey).objectType,
  sourceId: data.sourceId,
  displayName: data.displayName ?? null,
  targetId: data.targetId,
  account: data.account,
  attributes: data.attributes,
  ...(data.members && { members: data.members }),
  mode: data.mode,
  ...(data.mode === 'repair' && { repair }),
  at,
});
