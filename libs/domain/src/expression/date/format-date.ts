import { type FormatPiece, dayNames, monthNames, piecesOf } from './date-pattern.js';
import type { DateParts, DateTime } from './date-time.js';

/** How dates read when they are passed on. */
export const generalFormat = 'M/d/yyyy h:mm:ss tt';

/** An instant in a .NET date format, in UTC and the invariant culture. @throws Fault when the format is none */
export function formatDate(date: DateTime, format: string): string {
  const { parts } = date;
  let text = '';
  for (const piece of piecesOf(format)) {
    const next = 'literal' in piece ? piece.literal : written(piece, date, parts);
    const isBarePoint = 'letter' in piece && piece.letter === 'F' && next === '' && text.endsWith('.');
    text = isBarePoint ? text.slice(0, -1) : text + next; // as .NET does it
  }
  return text;
}

type Run = Extract<FormatPiece, { letter: string }>;

function written({ letter, count }: Run, date: DateTime, parts: DateParts): string {
  const short = (names: readonly string[], index: number): string => (count === 3 ? names[index]!.slice(0, 3) : names[index]!);
  switch (letter) {
    case 'd':
      return count > 2 ? short(dayNames, date.weekday) : digits(parts.day, count);
    case 'M':
      return count > 2 ? short(monthNames, parts.month - 1) : digits(parts.month, count);
    case 'y':
      return digits(count > 2 ? parts.year : parts.year % 100, count);
    case 'h':
      return digits(parts.hour % 12 === 0 ? 12 : parts.hour % 12, count);
    case 'H':
      return digits(parts.hour, count);
    case 'm':
      return digits(parts.minute, count);
    case 's':
      return digits(parts.second, count);
    case 't':
      return (parts.hour < 12 ? 'AM' : 'PM').slice(0, count);
    case 'f':
      return fraction(parts, count);
    case 'F':
      return fraction(parts, count).replace(/0+$/, '');
    case 'z':
      return ['+0', '+00', '+00:00'][count - 1]!;
    default:
      return 'Z';
  }
}

const digits = (value: number, count: number): string => String(value).padStart(count, '0');
const fraction = (parts: DateParts, count: number): string => digits(parts.fraction, 7).slice(0, count);
