import { type Initiator, JobConfigured, type JobChangesView, type JobChangeView } from '@provident/contracts';
import { canonicalJson } from '@provident/domain';
import { z } from 'zod';

import { parseCursor, printCursor } from './cursor.js';
import { query, type ReadModels } from './database.js';
import { jobEventText } from './graph/audits/activity.js';

const Key = z.tuple([z.int()]);

interface Row {
  readonly sequence: number;
  readonly at: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
  /** Of a new configuration: the one before. */
  readonly before: unknown;
}

const types = [
  'job-configured',
  'job-state-changed',
  'job-restarted',
  'job-recovered',
  'job-quarantined',
  'job-disabled',
  'removals-released',
  'removals-rejected',
  'retries-ordered',
  'link-removed',
  'link-repaired',
];

/** Who did what to a job, newest first, with what each configuration changed. @throws BadCursor */
export async function listJobChanges(
  models: ReadModels,
  { jobId, limit, cursor }: { jobId: string; limit: number; cursor?: string | undefined },
): Promise<JobChangesView> {
  const [before] = cursor === undefined ? [Number.MAX_SAFE_INTEGER] : parseCursor(Key, cursor);
  const rows = await query<Row>(
    models,
    `select event.sequence, event.at, event.type, event.data, before.definition as before
     from unnest($4::text[]) wanted (type)
     cross join lateral (
       select * from audit_event
       where activity = 'job' and type = wanted.type and job_id = $1 and sequence < $2 order by sequence desc limit $3
     ) event
     left join lateral (
       select earlier.data -> 'definition' as definition from audit_event earlier
       where event.type = '${JobConfigured.type}' and earlier.activity = 'job' and earlier.type = event.type
         and earlier.job_id = $1 and earlier.sequence < event.sequence
       order by earlier.sequence desc limit 1
     ) before on true
     order by event.sequence desc limit $3`,
    [jobId, before, limit + 1, types],
  );
  const shown = rows.slice(0, limit);
  return { changes: shown.map((row) => view(jobId, row)), next: rows.length > limit ? printCursor([shown.at(-1)!.sequence]) : null };
}

const view = (jobId: string, { sequence, at, type, data, before }: Row): JobChangeView => ({
  sequence,
  at,
  jobId,
  type,
  by: (data['by'] as Initiator | undefined) ?? null,
  text: jobEventText(type, data),
  revision: (data['revision'] as number | undefined) ?? null,
  difference: type === JobConfigured.type && before !== null ? differences('', before, data['definition']) : [],
});

type Difference = JobChangeView['difference'];

/** By place, such as `objects[0].attributes[2].source`. Lists are compared by position. */
function differences(path: string, old: unknown, fresh: unknown): Difference {
  if (canonicalJson((old ?? null) as never) === canonicalJson((fresh ?? null) as never)) return [];
  if (Array.isArray(old) && Array.isArray(fresh))
    return Array.from({ length: Math.max(old.length, fresh.length) }, (_, index) => index).flatMap((index) =>
      differences(`${path}[${index}]`, old[index], fresh[index]),
    );
  if (isRecord(old) && isRecord(fresh))
    return [...new Set([...Object.keys(old), ...Object.keys(fresh)])].flatMap((name) =>
      differences(path === '' ? name : `${path}.${name}`, old[name], fresh[name]),
    );
  return [{ path, old: old ?? null, new: fresh ?? null }];
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
