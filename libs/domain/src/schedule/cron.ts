import { CronExpressionParser } from 'cron-parser';

import { isoOf } from '../object/instant.js';

const fields = 5;

/** What is wrong with a cron expression, or null. Five fields: minute, hour, day of the month, month, day of the week. */
export function cronIssue(text: string): string | null {
  const found = text.trim().split(/\s+/).length;
  if (found !== fields) return `a cron expression has ${fields} fields (minute, hour, day, month, weekday), found ${found}`;
  try {
    nextCron(text, 'UTC', 0);
    return null;
  } catch (error) {
    return `no such cron expression: ${(error as Error).message}`;
  }
}

/** The first instant after another at which the expression holds on the wall clock of the zone. @throws Error when it is no cron expression */
export function nextCron(text: string, zone: string, afterMs: number): number {
  return CronExpressionParser.parse(text, { currentDate: isoOf(afterMs), tz: zone })
    .next()
    .getTime();
}
