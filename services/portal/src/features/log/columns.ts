import type { JobStatusView, LogEntryView } from '@provident/contracts/http';

import { formatInstant, withLocalTimes } from '../../shared/format.js';
import { plainOf } from '../../shared/unopened.js';
import { nameOf } from '../../shared/job-name.js';
import { texts } from '../../texts/en.js';
import { logTexts } from '../../texts/en/log.js';

export type ColumnId = keyof typeof logTexts.column;
type Jobs = ReadonlyMap<string, JobStatusView>;

interface Column {
  /** In pixels; the widest free column takes what is left. */
  readonly width: number;
  readonly text: (entry: LogEntryView, jobs: Jobs) => string;
}

export const columns: Readonly<Record<ColumnId, Column>> = {
  at: { width: 204, text: ({ at }) => formatInstant(at) },
  name: { width: 180, text: ({ displayName, matchingValue, sourceId }) => plainOf(displayName ?? matchingValue ?? sourceId ?? '') },
  action: { width: 110, text: ({ action }) => texts.action[action] },
  status: { width: 110, text: ({ status }) => texts.entryStatus[status] },
  reason: { width: 190, text: ({ reason }) => reason ?? '' },
  statusText: { width: 320, text: ({ statusText }) => withLocalTimes(statusText) },
  target: { width: 140, text: ({ jobId }, jobs) => jobs.get(jobId)?.target ?? '' },
  job: { width: 180, text: ({ jobId }, jobs) => nameOf(jobs.get(jobId) ?? { name: jobId, jobId }) },
  sourceId: { width: 120, text: ({ sourceId }) => sourceId ?? '' },
  targetId: { width: 140, text: ({ targetId }) => targetId ?? '' },
  matchingValue: { width: 200, text: ({ matchingValue }) => plainOf(matchingValue ?? '') },
  modified: { width: 200, text: ({ modified }) => modified.map(({ attribute }) => attribute).join(', ') },
  attempts: { width: 90, text: ({ attempts }) => String(attempts) },
  objectType: { width: 80, text: ({ objectType }) => objectType },
  cycleId: { width: 220, text: ({ cycleId }) => cycleId },
  changeId: { width: 220, text: ({ changeId }) => changeId },
};

export const allColumns = Object.keys(columns) as ColumnId[];
export const usualColumns: ColumnId[] = ['at', 'name', 'sourceId', 'target', 'action', 'status', 'reason', 'statusText'];

export const isColumnChoice = (value: unknown): value is ColumnId[] =>
  Array.isArray(value) && value.length > 0 && value.every((each) => allColumns.includes(each as ColumnId));

/** The list with one entry moved by one place; as it is when there is no place. */
export function moved<Item>(list: readonly Item[], item: Item, by: -1 | 1): Item[] {
  const from = list.indexOf(item);
  const to = from + by;
  if (from < 0 || to < 0 || to >= list.length) return [...list];
  const next = [...list];
  [next[from], next[to]] = [next[to]!, next[from]!];
  return next;
}
