const numbers = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `20,000` */
export const formatNumber = (value: number): string => numbers.format(value);

/** `1 record`, `2 records` */
export const counted = (count: number, one: string, many = `${one}s`): string => `${formatNumber(count)} ${count === 1 ? one : many}`;

/** An instant in the zone of the reader, with seconds: `2026-11-22 03:54:17`; `–` for none. */
export function formatInstant(iso: string | null, timeZone?: string): string {
  if (iso === null) return '–';
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const parts = new Intl.DateTimeFormat('en-GB', {
    ...(timeZone === undefined ? {} : { timeZone }),
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.find((candidate) => candidate.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')}:${part('second')}`;
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** A length of time in its two largest units: `950 ms`, `8 s`, `1 min 5 s`, `2 d 3 h`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1_000) return `${Math.max(0, Math.round(durationMs))} ms`;
  if (durationMs < 9_950) return `${(durationMs / 1_000).toFixed(1).replace(/\.0$/, '')} s`;
  const rounded = Math.round(durationMs / 1_000) * 1_000;
  const first = units.findIndex(([, length]) => rounded >= length);
  const [name, length] = units[first]!;
  const whole = Math.floor(rounded / length);
  const next = units[first + 1];
  const rest = next ? Math.floor((rounded - whole * length) / next[1]) : 0;
  return rest > 0 ? `${whole} ${name} ${rest} ${next![0]}` : `${whole} ${name}`;
}

/** How far an instant lies from now: `in 12 min`, `3 h ago`, `now`. */
export function formatDistance(iso: string, now: number): string {
  const distance = Date.parse(iso) - now;
  if (Math.abs(distance) < 1_000) return 'now';
  return distance > 0 ? `in ${formatDuration(distance)}` : `${formatDuration(-distance)} ago`;
}

/** Instants inside a sentence of the API, which says them in UTC, turned into those of the reader. */
export const localTimes = (text: string, timeZone?: string): string =>
  text.replace(/\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g, (iso) => formatInstant(iso, timeZone));
