import { Fault } from '../fault.js';
import { type FormatPiece, dayNames, monthNames } from './date-pattern.js';
import { DateTime, daysInMonth, ticksPerSecond } from './date-time.js';

/** White space that may be there without the format saying so. */
export interface Leniency {
  readonly around: boolean;
  readonly inside: boolean;
}

interface Found {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  fraction: number;
  isAfternoon: boolean | null;
  offsetMinutes: number;
}

/**
 * Reads a text in exactly that .NET date format, as the invariant culture spells it; null when the text is not in it.
 * What the format does not name is the first of January of the year 1, midnight, UTC: there is no today in a rule.
 * Of two-digit years, 00 to 49 belong to the year 2000, as in current .NET.
 */
export function readDate(text: string, pieces: readonly FormatPiece[], { around, inside }: Leniency): DateTime | null {
  const found: Found = { year: 1, month: 1, day: 1, hour: 0, minute: 0, second: 0, fraction: 0, isAfternoon: null, offsetMinutes: 0 };
  let rest = around ? text.trim() : text;
  for (const piece of pieces) {
    if (inside) rest = rest.trimStart();
    const left = 'literal' in piece ? afterLiteral(rest, piece.literal, inside) : read(rest, piece, found);
    if (left === null) return null;
    rest = left;
  }
  return rest === '' ? dateOf(found) : null;
}

function afterLiteral(rest: string, literal: string, skipsSpace: boolean): string | null {
  const wanted = skipsSpace ? literal.trim() : literal;
  return rest.startsWith(wanted) ? rest.slice(wanted.length) : null;
}

function dateOf(found: Found): DateTime | null {
  const { isAfternoon, offsetMinutes, ...parts } = found;
  if (isAfternoon !== null && (parts.hour < 1 || parts.hour > 12)) return null;
  const hour = isAfternoon === null ? parts.hour : (parts.hour % 12) + (isAfternoon ? 12 : 0);
  const isDay =
    parts.year > 0 && parts.month > 0 && parts.month <= 12 && parts.day > 0 && parts.day <= daysInMonth(parts.year, parts.month);
  if (!isDay || hour > 23 || parts.minute > 59 || parts.second > 59) return null;
  try {
    return DateTime.of({ ...parts, hour }).plus(BigInt(-offsetMinutes * 60) * ticksPerSecond);
  } catch (error) {
    if (error instanceof Fault) return null; // the offset led beyond the years 1 to 9999
    throw error;
  }
}

type Run = Extract<FormatPiece, { letter: string }>;

/** What is left after the piece; null when the text does not go on with it. */
function read(rest: string, { letter, count }: Run, found: Found): string | null {
  const number = (key: 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', least: number, most: number): string | null => {
    const digits = new RegExp(`^\\d{${least},${most}}`).exec(rest)?.[0];
    if (digits === undefined) return null;
    found[key] = Number(digits);
    return rest.slice(digits.length);
  };
  const short = count === 1 ? 1 : 2;
  switch (letter) {
    case 'd':
      return count > 2 ? afterName(rest, dayNames, count, () => undefined) : number('day', short, 2);
    case 'M':
      return count > 2 ? afterName(rest, monthNames, count, (index) => (found.month = index + 1)) : number('month', short, 2);
    case 'y':
      return count > 2 ? number('year', count === 3 ? 3 : 4, count === 3 ? 4 : count) : shortYear(number('year', short, 2), found);
    case 'h':
    case 'H':
      return number('hour', short, 2);
    case 'm':
      return number('minute', short, 2);
    case 's':
      return number('second', short, 2);
    case 'f':
    case 'F':
      return fraction(rest, count, letter === 'F', found);
    case 't':
      return half(rest, count, found);
    default:
      return offset(rest, letter === 'K' ? 3 : count, letter === 'K', found);
  }
}

function shortYear(rest: string | null, found: Found): string | null {
  if (rest !== null) found.year += found.year < 50 ? 2000 : 1900;
  return rest;
}

function afterName(rest: string, names: readonly string[], count: number, keep: (index: number) => void): string | null {
  const forms = names.map((name) => (count === 3 ? name.slice(0, 3) : name));
  const index = forms.findIndex((form) => rest.slice(0, form.length).toLowerCase() === form.toLowerCase());
  if (index < 0) return null;
  keep(index);
  return rest.slice(forms[index]!.length);
}

function fraction(rest: string, count: number, isOptional: boolean, found: Found): string | null {
  const digits = new RegExp(`^\\d{${isOptional ? 0 : count},${count}}`).exec(rest)?.[0];
  if (digits === undefined) return null;
  found.fraction = Number(digits.padEnd(7, '0'));
  return rest.slice(digits.length);
}

function half(rest: string, count: number, found: Found): string | null {
  const sign = rest.slice(0, count).toUpperCase();
  if (sign !== 'AM'.slice(0, count) && sign !== 'PM'.slice(0, count)) return null;
  found.isAfternoon = sign.startsWith('P');
  return rest.slice(count);
}

/** `z`: hours alone; `zzz`: hours and minutes; `K`: that, or Z, or nothing. */
function offset(rest: string, count: number, isOptional: boolean, found: Found): string | null {
  if (/^[zZ]/.test(rest)) return rest.slice(1);
  const [whole, sign, hours, minutes] = (count < 3 ? /^([-+])(\d{1,2})/ : /^([-+])(\d{2}):?(\d{2})/).exec(rest) ?? [];
  if (whole === undefined) return isOptional ? rest : null;
  const value = Number(hours) * 60 + Number(minutes ?? 0);
  if (value > 14 * 60) return null;
  found.offsetMinutes = sign === '-' ? -value : value;
  return rest.slice(whole.length);
}
