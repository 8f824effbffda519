import { nextCron } from './cron.js';
import { wallClockAt, weekdays } from './zone.js';

/** When cycles may open: from a time of day to another, on some days; over midnight when the second is not later. */
export interface ScheduleWindow {
  /** Days on which it begins, such as `mon-fri` or `sat,sun`. */
  readonly days: string;
  /** Such as `22:00`. */
  readonly from: string;
  readonly to: string;
  readonly zone: string;
}

/** The days of the week that a list names, 0 for Sunday; null when it names none. */
export function parseDays(text: string): number[] | null {
  const days = text.split(',').map((part) => parseRange(part.trim().toLowerCase()));
  return days.every((range) => range !== null) ? [...new Set(days.flat())].sort((one, other) => one - other) : null;
}

function parseRange(text: string): number[] | null {
  const [first, last = first, ...rest] = text.split('-').map((name) => weekdays.indexOf(name as (typeof weekdays)[number]));
  if (first === undefined || last === undefined || first < 0 || last < 0 || rest.length > 0) return null;
  return Array.from({ length: ((last - first + 7) % 7) + 1 }, (_, at) => (first + at) % 7);
}

const minuteOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

export function isOpen({ days, from, to, zone }: ScheduleWindow, atMs: number): boolean {
  const { weekday, minute } = wallClockAt(atMs, zone);
  const on = parseDays(days) ?? [];
  const [begins, ends] = [minuteOf(from), minuteOf(to)];
  if (begins < ends) return on.includes(weekday) && minute >= begins && minute < ends;
  return (on.includes(weekday) && minute >= begins) || (on.includes((weekday + 6) % 7) && minute < ends);
}

/** The first instant, from the given one on, at which one of the windows is open. */
export function nextOpening(windows: readonly ScheduleWindow[], fromMs: number): number {
  if (windows.some((window) => isOpen(window, fromMs))) return fromMs;
  return Math.min(...windows.map(({ days, from, zone }) => nextCron(beginning(days, from), zone, fromMs)));
}

const beginning = (days: string, from: string): string =>
  `${Number(from.slice(3))} ${Number(from.slice(0, 2))} * * ${(parseDays(days) ?? []).join(',')}`;
