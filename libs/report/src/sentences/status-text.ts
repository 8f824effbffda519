import type { EntryRecord } from '../log/entry-record.js';
import { doneTo, goesOn, type Systems } from './words.js';

/** What became of a change, in a sentence: first what, then why, then what happens next. */
export function statusText(
  entry: Pick<EntryRecord, 'action' | 'status' | 'text' | 'attempts' | 'escrow' | 'next_attempt_at'>,
  { target }: Systems,
): string {
  const { action, status, text, attempts, escrow, next_attempt_at } = entry;
  const because = text === '' ? '' : `: ${text}`;
  if (status === 'success') return `${action in doneTo ? doneTo[action as keyof typeof doneTo] : 'done'} in ${target}${because}`;
  if (status === 'skipped') return `skipped${because}`;
  if (status === 'warning') return `held${because}`;
  const attempt = action in doneTo ? `could not be ${doneTo[action as keyof typeof doneTo]} in ${target}` : 'failed';
  return goesOn(attempt + because, next(escrow, next_attempt_at, attempts));
}

function next(escrow: EntryRecord['escrow'], nextAttemptAt: string | null, attempts: number): string {
  if (escrow === 'waiting') return nextAttemptAt === null ? 'kept in escrow' : `tried again at ${nextAttemptAt}`;
  if (escrow === 'retrying') return 'being tried again';
  if (escrow === 'expired') return `given up after ${attempts} attempts`;
  if (escrow === 'superseded') return 'taken up again by a later cycle';
  return escrow === 'cleared' ? 'settled since' : '';
}
