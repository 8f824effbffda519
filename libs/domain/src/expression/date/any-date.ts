import { type FormatPiece, piecesOf } from './date-pattern.js';
import type { DateTime } from './date-time.js';
import { readDate } from './read-date.js';

const days = ['yyyy-MM-dd', 'yyyy/MM/dd', 'M/d/yyyy', 'd MMM yyyy', 'd MMMM yyyy', 'MMM d, yyyy', 'MMMM d, yyyy'];
const times = ['', 'THH:mm', 'THH:mm:ss', 'THH:mm:ss.FFFFFFF', ' H:mm', ' H:mm:ss', ' H:mm:ss.FFFFFFF', ' h:mm tt', ' h:mm:ss tt'];
const offsets = ['K', ' zzz'];

/** Tried in their order; formats that need more of the text come later. */
const formats = [
  ...days.flatMap((day) => times.flatMap((time) => offsets.map((offset) => `${day}${time}${offset}`))),
  "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
];
const anyPieces = formats.map(piecesOf);
const isoPieces = anyPieces.filter((_, index) => formats[index]!.startsWith('yyyy-MM-dd'));

/**
 * Reads a date or date and time as people and systems write it; null for anything else. Without an offset it is UTC; without a time, midnight
 * in its own offset. Understood are ISO 8601 (with `T` or a space), `M/d/yyyy` with the month first, days with an English month name, and
 * RFC 1123; .NET's own parser understands more, for which there is `FormatDateTime`.
 */
export const readAnyDate = (text: string): DateTime | null => firstOf(text, anyPieces);

/** The same for ISO 8601 alone. */
export const readIsoDate = (text: string): DateTime | null => firstOf(text, isoPieces);

function firstOf(text: string, candidates: readonly (readonly FormatPiece[])[]): DateTime | null {
  if (text.length > 100) return null;
  for (const pieces of candidates) {
    const date = readDate(text, pieces, { around: true, inside: false });
    if (date) return date;
  }
  return null;
}
