import type { JobStatusView, LogEntryView } from '@provident/contracts/http';

import { formatInstant, withLocalTimes } from '../../shared/format.js';
import { plainOf } from '../../shared/unopened.js';
import { nameOf } from '../../shared/job-name.js';
import { texts } from '../../texts/en.js';
import { logTexts } from '../../texts/en/log.js';

export type ColumnId = keyof typeof logTexts.column;
type Jobs = ReadonlyMap<string, JobStatusView>;

interface Column {
  /** In pixels, where there is room for all; the last column takes what is left. */
  readonly width: number;
  /** In pixels; where there is no room even for this, the table is moved sideways. */
  readonly least: number;
  readonly text: (entry: LogEntryView, jobs: Jobs) => string;
}

export const columns: Readonly<Record<ColumnId, Column>> = {
  at: { width: 204, least: 180, text: ({ at }) => formatInstant(at) },
  name: {
    width: 210,
    least: 150,
    text: ({ displayName, matchingValue, sourceId }) => plainOf(displayName ?? matchingValue ?? sourceId ?? ''),
  },
  action: { width: 110, least: 110, text: ({ action }) => texts.action[action] },
  status: { width: 110, least: 108, text: ({ status }) => texts.entryStatus[status] },
  reason: { width: 190, least: 138, text: ({ reason }) => reason ?? '' },
  statusText: { width: 320, least: 180, text: ({ statusText }) => withLocalTimes(statusText) },
  target: { width: 130, least: 90, text: ({ jobId }, jobs) => jobs.get(jobId)?.target ?? '' },
  job: { width: 180, least: 110, text: ({ jobId }, jobs) => nameOf(jobs.get(jobId) ?? { name: jobId, jobId }) },
  sourceId: { width: 120, least: 96, text: ({ sourceId }) => sourceId ?? '' },
  targetId: { width: 140, least: 96, text: ({ targetId }) => targetId ?? '' },
  matchingValue: { width: 200, least: 136, text: ({ matchingValue }) => plainOf(matchingValue ?? '') },
  modified: { width: 200, least: 160, text: ({ modified }) => modified.map(({ attribute }) => attribute).join(', ') },
  attempts: { width: 90, least: 90, text: ({ attempts }) => String(attempts) },
  objectType: { width: 80, least: 80, text: ({ objectType }) => objectType },
  cycleId: { width: 220, least: 120, text: ({ cycleId }) => cycleId },
  changeId: { width: 220, least: 120, text: ({ changeId }) => changeId },
};

export const allColumns = Object.keys(columns) as ColumnId[];
export const usualColumns: ColumnId[] = ['at', 'name', 'target', 'action', 'status', 'reason', 'statusText'];

export const isColumnChoice = (value: unknown): value is ColumnId[] =>
  Array.isArray(value) && value.length > 0 && value.every((each) => allColumns.includes(each as ColumnId));

/** The id in the source, where it stands beneath the name and has no column of its own. */
export const idBeneath = ({ displayName, matchingValue, sourceId }: LogEntryView, chosen: readonly ColumnId[]): string | null =>
  chosen.includes('sourceId') || (displayName ?? matchingValue) === null ? null : sourceId;

/** What a file has a column for: the id that stands beneath a name has its own there. */
export const inFile = (chosen: readonly ColumnId[]): ColumnId[] =>
  chosen.flatMap((id) => (id === 'name' && !chosen.includes('sourceId') ? [id, 'sourceId'] : [id]));

/** The list with one entry moved by one place; as it is when there is no place. */
export function moved<Item>(list: readonly Item[], item: Item, by: -1 | 1): Item[] {
  const from = list.indexOf(item);
  const to = from + by;
  if (from < 0 || to < 0 || to >= list.length) return [...list];
  const next = [...list];
  [next[from], next[to]] = [next[to]!, next[from]!];
  return next;
}
