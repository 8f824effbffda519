import { Fault } from '../fault.js';

/** One piece of a .NET custom date format: a run of one letter, or text that stands for itself. */
export type FormatPiece = { readonly letter: string; readonly count: number } | { readonly literal: string };

/** .NET's one-letter standard formats, as its invariant culture spells them out. */
const standardFormats: Readonly<Record<string, string>> = {
  d: 'MM/dd/yyyy',
  D: 'dddd, dd MMMM yyyy',
  f: 'dddd, dd MMMM yyyy HH:mm',
  F: 'dddd, dd MMMM yyyy HH:mm:ss',
  g: 'MM/dd/yyyy HH:mm',
  G: 'MM/dd/yyyy HH:mm:ss',
  m: 'MMMM dd',
  M: 'MMMM dd',
  o: "yyyy-MM-dd'T'HH:mm:ss.fffffffK",
  O: "yyyy-MM-dd'T'HH:mm:ss.fffffffK",
  r: "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
  R: "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
  s: "yyyy-MM-dd'T'HH:mm:ss",
  t: 'HH:mm',
  T: 'HH:mm:ss',
  u: "yyyy-MM-dd HH:mm:ss'Z'",
  U: 'dddd, dd MMMM yyyy HH:mm:ss',
  y: 'yyyy MMMM',
  Y: 'yyyy MMMM',
};

const longestRun: Readonly<Record<string, number>> = { d: 4, M: 4, y: 5, h: 2, H: 2, m: 2, s: 2, f: 7, F: 7, t: 2, z: 3, K: 1 };

/**
 * Takes a .NET date format apart: custom ones, and the one-letter standard ones of the invariant culture.
 * @throws Fault `bad-value` when it is none; eras (`g`) are not supported
 */
export function piecesOf(format: string): FormatPiece[] {
  const custom = format.length === 1 ? standardFormats[format] : format;
  if (!custom) throw new Fault('bad-value', format === '' ? 'a date format must not be empty' : `"${format}" is not a date format`);
  const pieces: FormatPiece[] = [];
  for (let at = 0; at < custom.length; ) {
    const [piece, length] = pieceAt(custom, at);
    if (piece) pieces.push(piece);
    at += length;
  }
  return pieces;
}

/** The piece that begins there, and how many characters it takes. */
function pieceAt(format: string, at: number): [FormatPiece | null, number] {
  const sign = format[at]!;
  if (sign === "'" || sign === '"') return quoted(format, at, sign);
  if (sign === '\\') {
    if (at + 1 === format.length) throw new Fault('bad-value', 'a date format must not end in a backslash');
    return [{ literal: format[at + 1]! }, 2];
  }
  if (sign === '%') return [null, 1]; // "%d" is the custom format d
  if (sign === 'g') throw new Fault('bad-value', 'eras (g) are not supported in a date format');
  const longest = longestRun[sign];
  if (longest === undefined) return [{ literal: sign }, 1];
  let count = 1;
  while (format[at + count] === sign) count++;
  if (count > longest && (sign === 'f' || sign === 'F')) throw new Fault('bad-value', 'a date format has at most seven digits of a second');
  return [{ letter: sign, count: Math.min(count, longest) }, sign === 'K' ? 1 : count];
}

function quoted(format: string, at: number, sign: string): [FormatPiece, number] {
  const end = format.indexOf(sign, at + 1);
  if (end < 0) throw new Fault('bad-value', `a date format has a ${sign} that is not closed`);
  return [{ literal: format.slice(at + 1, end) }, end - at + 1];
}

export const monthNames = 'January February March April May June July August September October November December'.split(' ');
export const dayNames = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
