const dayMs = 86_400_000;
const hourMs = 3_600_000;
const minuteMs = 60_000;

/** A day of the calendar, as it is written, and the instant at which it begins in its zone. */
export interface Day {
  readonly day: string;
  readonly beginsAtMs: number;
}

/** The last days of a zone's calendar, oldest first, up to the one that an instant is in. Not every day has 24 hours, nor a midnight. */
export function lastDays(count: number, zone: string, nowMs: number): Day[] {
  const dates = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' });
  const today = Date.parse(`${dates.format(nowMs)}T00:00:00Z`);
  return Array.from({ length: count }, (_, index) => {
    const date = today - (count - 1 - index) * dayMs;
    const day = new Date(date).toISOString().slice(0, 10);
    return { day, beginsAtMs: firstMinute((atMs) => dates.format(atMs) >= day, date - 15 * hourMs, date + 15 * hourMs) };
  });
}

/** The first minute at which something holds that does not hold before, and does from then on. */
function firstMinute(holds: (atMs: number) => boolean, fromMs: number, toMs: number): number {
  if (toMs - fromMs <= minuteMs) return toMs;
  const middle = fromMs + Math.floor((toMs - fromMs) / 2 / minuteMs) * minuteMs;
  return holds(middle) ? firstMinute(holds, fromMs, middle) : firstMinute(holds, middle, toMs);
}
