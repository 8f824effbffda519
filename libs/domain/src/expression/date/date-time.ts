import { Fault } from '../fault.js';

/** Parts of an instant in UTC, in the proleptic Gregorian calendar. */
export interface DateParts {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Units of 100 nanoseconds, 0 to 9,999,999. */
  readonly fraction: number;
}

export const ticksPerSecond = 10_000_000n;
export const ticksPerDay = 86_400n * ticksPerSecond;
/** Days from 0001-01-01 to 1970-01-01. */
const daysTo1970 = 719_162;
const lastTick = 3_652_059n * ticksPerDay - 1n;

/** An instant between the years 1 and 9999, exact to 100 nanoseconds: what .NET calls a DateTime in UTC. */
export class DateTime {
  /** @param ticks units of 100 nanoseconds since 0001-01-01 00:00 UTC; @throws Fault when that is not between the years 1 and 9999 */
  constructor(readonly ticks: bigint) {
    if (ticks < 0n || ticks > lastTick) throw new Fault('out-of-range', 'a date must lie between the years 1 and 9999');
  }

  /** @throws Fault when there is no such day or time */
  static of({ year, month, day, hour, minute, second, fraction }: DateParts): DateTime {
    const isTime = hour < 24 && minute < 60 && second < 60;
    if (!isTime || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month))
      throw new Fault('bad-date', 'there is no such date');
    const seconds = BigInt((hour * 60 + minute) * 60 + second);
    return new DateTime(BigInt(dayNumber(year, month, day)) * ticksPerDay + seconds * ticksPerSecond + BigInt(fraction));
  }

  get parts(): DateParts {
    const rest = this.ticks % ticksPerDay;
    const seconds = Number(rest / ticksPerSecond);
    return {
      ...dayOf(this.dayNumber),
      hour: Math.floor(seconds / 3600),
      minute: Math.floor(seconds / 60) % 60,
      second: seconds % 60,
      fraction: Number(rest % ticksPerSecond),
    };
  }

  /** Days since 0001-01-01. */
  get dayNumber(): number {
    return Number(this.ticks / ticksPerDay);
  }

  /** 0 for Sunday. */
  get weekday(): number {
    return (this.dayNumber + 1) % 7;
  }

  plus(ticks: bigint): DateTime {
    return new DateTime(this.ticks + ticks);
  }

  /** The same day and time so many months later; the last day of the month where it has no such day. */
  plusMonths(months: bigint): DateTime {
    const { year, month, day, ...time } = this.parts;
    const total = BigInt(year * 12 + month - 1) + months;
    if (total < 12n || total >= 120_000n) throw new Fault('out-of-range', 'a date must lie between the years 1 and 9999');
    const [newYear, newMonth] = [Number(total / 12n), Number(total % 12n) + 1];
    return DateTime.of({ year: newYear, month: newMonth, day: Math.min(day, daysInMonth(newYear, newMonth)), ...time });
  }
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Howard Hinnant's `days_from_civil`, counted from 0001-01-01. */
function dayNumber(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468 + daysTo1970;
}

/** Its inverse, `civil_from_days`. */
function dayOf(number: number): { year: number; month: number; day: number } {
  const shifted = number - daysTo1970 + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}
