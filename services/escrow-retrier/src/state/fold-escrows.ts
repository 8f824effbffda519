import type { LogEvent } from '@provident/contracts';
import { type EntityManager, In } from 'typeorm';

import { type Escrow, escrowAfter, withoutValues } from '../escrow.js';
import { EscrowRow } from './schema.js';

interface Change {
  readonly jobId: string;
  readonly lane: string;
  escrow: Escrow | null;
}

export function escrowOf({ jobId: _job, lane: _lane, ...escrow }: EscrowRow): Escrow {
  return escrow;
}

/** Puts what this service said in one lane into its table: one look-up, one delete and a few inserts for a whole batch. */
export async function foldEscrows(events: readonly LogEvent[], manager: EntityManager): Promise<void> {
  const rows = manager.getRepository(EscrowRow);
  const about = events.map(({ data }) => (data as { objectKey: string }).objectKey);
  const jobId = events[0]?.jobId ?? '';
  const known = new Map((await rows.findBy({ jobId, objectKey: In([...new Set(about)]) })).map((row) => [row.objectKey, row]));
  const changes = new Map<string, Change>();
  for (const [at, event] of events.entries()) {
    const objectKey = about[at]!;
    const row = known.get(objectKey);
    const change = changes.get(objectKey) ?? { jobId, lane: event.lane, escrow: row ? escrowOf(row) : null };
    change.escrow = escrowAfter(change.escrow, event);
    changes.set(objectKey, change);
  }
  const gone = [...changes].filter(([objectKey, { escrow }]) => escrow === null && known.has(objectKey)).map(([objectKey]) => objectKey);
  if (gone.length > 0) await rows.delete({ jobId, objectKey: In(gone) });
  const kept = [...changes.values()].flatMap(({ escrow, lane }) => (escrow ? [{ ...escrow, jobId, lane }] : []));
  for (let from = 0; from < kept.length; from += rowsTogether)
    await rows.upsert(kept.slice(from, from + rowsTogether) as never, ['jobId', 'objectKey']);
}

export async function blankEscrow(jobId: string, objectKey: string, manager: EntityManager): Promise<void> {
  const rows = manager.getRepository(EscrowRow);
  const row = await rows.findOneBy({ jobId, objectKey });
  if (!row) return;
  const { facts, failure } = withoutValues(escrowOf(row));
  await rows.update({ jobId, objectKey }, { facts, failure } as never);
}

/** A statement takes 65,535 parameters at most. */
const rowsTogether = 1_000;
