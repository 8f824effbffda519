/** Days before months, and no doubt which is which. */
const locale = 'en-GB';
const numbers = new Intl.NumberFormat(locale);
const instants = new Intl.DateTimeFormat(locale, {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const days = new Intl.DateTimeFormat(locale, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

export const formatNumber = (value: number): string => numbers.format(value);

/** In the reader's own zone: `22 Nov 2026, 07:14:03`. */
export const formatInstant = (at: string): string => instants.format(new Date(at));
/** A day of the calendar, `2026-11-22`, wherever it is one: `Sun 22 Nov 2026`. */
export const formatDay = (day: string): string => days.format(new Date(`${day}T00:00:00Z`)).replace(',', '');
export const formatClock = (at: number): string => clock.format(new Date(at));
/** A sentence of the server with its instants in the reader's own zone. */
export const withLocalTimes = (sentence: string): string =>
  sentence.replaceAll(/\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z/g, formatInstant);
/** The same in UTC, for who compares with another system. */
export const formatUtc = (at: string): string => `${new Date(at).toISOString().replace('T', ' ').replace('Z', '')} UTC`;

const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** The two largest units: `2 h 5 min`, `14 s`; less than a second is `0.3 s`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, ms / 1_000);
  if (seconds < 1) return `${seconds === 0 ? '0' : Math.max(0.1, Math.round(seconds * 10) / 10)} s`;
  let rest = Math.round(seconds);
  const parts: string[] = [];
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${unit}`);
    if (parts.length === 2 || (parts.length === 1 && count === 0)) break;
  }
  return parts.join(' ');
}

/** `3 min ago`, `in 12 min`, `just now`. */
export function formatRelative(at: string, now: number): string {
  const ms = Date.parse(at) - now;
  if (Math.abs(ms) < 5_000) return 'just now';
  const [largest] = formatDuration(Math.abs(ms)).split(/(?<=[a-z]) /);
  return ms < 0 ? `${largest} ago` : `in ${largest}`;
}

/** A value of an attribute for people; the empty text when there is none. */
export function formatValue(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(formatValue).join(', ');
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value as string | number | boolean);
}
