import type { EscrowPageView, EscrowView, Failure } from '@provident/contracts';
import { z } from 'zod';

import { parseCursor, printCursor } from './cursor.js';
import { query, type ReadModels } from './database.js';

interface EscrowRecord {
  readonly job_id: string;
  readonly object_key: string;
  readonly source_id: string | null;
  readonly display_name: string | null;
  readonly change_id: string;
  readonly cycle_id: string;
  readonly cause_id: string | null;
  readonly failure: Failure;
  readonly first_failed_at: string;
  readonly retries: number;
  readonly woken_by: string | null;
  readonly next_attempt_at: string | null;
  readonly given_up_at: string | null;
}

const Key = z.tuple([z.string()]);

export interface EscrowsAsked {
  readonly jobId: string;
  readonly causeId?: string | undefined;
  readonly state?: EscrowView['state'] | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

const page = `
  select job_id, object_key, source_id, display_name, change_id, cycle_id, cause_id, failure, first_failed_at, retries, woken_by,
         next_attempt_at, given_up_at
  from escrow
  where job_id = $1 and ($2::text is null or cause_id = $2) and object_key > $3
    and case $4::text when 'given-up' then given_up_at is not null
                      when 'waiting' then given_up_at is null and next_attempt_at is not null
                      when 'trying' then given_up_at is null and next_attempt_at is null
                      else true end
  order by object_key limit $5`;

/** Objects of a job that are kept, in the order of their keys. @throws BadCursor */
export async function listEscrows(models: ReadModels, { jobId, causeId, state, limit, cursor }: EscrowsAsked): Promise<EscrowPageView> {
  const [after] = cursor === undefined ? [''] : parseCursor(Key, cursor);
  const rows = await query<EscrowRecord>(models, page, [jobId, causeId ?? null, after, state ?? null, limit + 1]);
  const shown = rows.slice(0, limit);
  return { escrows: shown.map(escrowView), next: rows.length > limit ? printCursor([shown.at(-1)!.object_key]) : null };
}

function escrowView(row: EscrowRecord): EscrowView {
  return {
    jobId: row.job_id,
    objectKey: row.object_key,
    sourceId: row.source_id,
    displayName: row.display_name,
    changeId: row.change_id,
    cycleId: row.cycle_id,
    state: row.given_up_at !== null ? 'given-up' : row.next_attempt_at === null ? 'trying' : 'waiting',
    causeId: row.cause_id,
    failure: row.failure,
    firstFailedAt: row.first_failed_at,
    retries: row.retries,
    wokenBy: row.woken_by,
    nextAttemptAt: row.next_attempt_at,
    givenUpAt: row.given_up_at,
  };
}
