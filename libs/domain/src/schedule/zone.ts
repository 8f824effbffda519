const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  formats.set(zone, format);
  return format;
}

/** Whether a text names a time zone, such as `Europe/Berlin` or `UTC`. */
export function isZone(text: string): boolean {
  try {
    return formatOf(text) !== null;
  } catch {
    return false; // the platform knows no such zone
  }
}

/** Days of the week as they are written in job files, Sunday first as cron counts them. */
export const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** What the wall clock of a zone shows at an instant. */
export interface WallClock {
  /** 0 is Sunday. */
  readonly weekday: number;
  /** Since midnight. */
  readonly minute: number;
}

export function wallClockAt(atMs: number, zone: string): WallClock {
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(atMs)
      .map(({ type, value }) => [type, value]),
  );
  const weekday = weekdays.indexOf(parts['weekday']!.toLowerCase() as (typeof weekdays)[number]);
  return { weekday, minute: Number(parts['hour']) * 60 + Number(parts['minute']) };
}
