import type { NoticeView, QuarantinesView, QuarantineView } from '@provident/contracts';

import { typed } from '../places.js';
import { counted, formatInstant, formatNumber } from './format.js';
import { renderTable } from './table.js';
import { cut, printable } from './text.js';

const stretches = [
  { title: 'FROM' },
  { title: 'TO' },
  { title: 'REASON' },
  { title: 'FOUND', align: 'right' },
  { title: 'ENDED BY' },
  { title: 'WHY' },
] as const;
const told = [
  { title: 'AT' },
  { title: 'NOTICE' },
  { title: 'BY' },
  { title: 'STATE' },
  { title: 'ATTEMPTS', align: 'right' },
  { title: '' },
] as const;
const widestWords = 80;

/** The history of a job's quarantines, and of telling people of them. */
export function renderQuarantines(jobId: string, { quarantines, notices }: QuarantinesView, width: number, timeZone?: string): string {
  if (quarantines.length === 0) return 'The job has never been in quarantine.';
  const parts = [
    renderTable(
      stretches,
      quarantines.map((each) => stretchRow(each, timeZone)),
      width,
    ),
  ];
  if (notices.length > 0)
    parts.push(
      renderTable(
        told,
        notices.map((each) => noticeRow(each, timeZone)),
        width,
      ),
    );
  const [latest] = quarantines;
  if (latest?.leftAt === null) parts.push(`Out of it, once it is mended: ${typed(`start ${jobId}`)}`);
  return parts.join('\n\n');
}

function stretchRow(
  { enteredAt, leftAt, reason, times, leftBy, disabledAt, message }: QuarantineView,
  timeZone: string | undefined,
): string[] {
  const end =
    leftAt === null ? (disabledAt === null ? 'lasts' : `disabled ${formatInstant(disabledAt, timeZone)}`) : formatInstant(leftAt, timeZone);
  const ender = leftAt === null ? '–' : (leftBy?.name ?? 'another reason');
  return [formatInstant(enteredAt, timeZone), end, reason, counted(times, 'time'), printable(ender), cut(printable(message), widestWords)];
}

function noticeRow({ at, kind, channel, state, attempts, message }: NoticeView, timeZone: string | undefined): string[] {
  return [formatInstant(at, timeZone), kind, channel, state, formatNumber(attempts), cut(printable(message ?? ''), widestWords)];
}
