/** The characters that give a file its structure. */
export interface Dialect {
  readonly delimiter: string;
  readonly quote: string;
}

/** One record as it stands in the file; its fields are not decoded yet. */
export interface CsvRecord {
  readonly fields: readonly string[];
  /** Physical line that the record starts on, from 1. */
  readonly line: number;
  /** Where the next record starts: units from the start of the text, and the physical line. */
  readonly next: { readonly offset: number; readonly line: number };
  /**
   * - `garbled`: text follows a closing quote, or a quoted field runs on over records; the next line is read as a new record,
   *   so a stray quote costs one record and never hides its successors
   * - `unclosed`: a quote is still open where the text ends
   * - `unbroken`: the last record, without a line break
   */
  readonly flaw: 'garbled' | 'unclosed' | 'unbroken' | null;
}

export interface Splitter {
  /** Records that are complete with this stretch of text. */
  readonly push: (text: string) => CsvRecord[];
  /** What is left once the text has ended. */
  readonly finish: () => CsvRecord[];
  /** Units that wait for the rest of their record. */
  readonly pending: () => number;
}

/**
 * Splits a text that arrives in stretches into RFC 4180 records: CRLF or LF, quoted fields with line breaks and doubled quotes.
 * A quote inside an unquoted field is an ordinary character; empty lines are skipped.
 * @param start units and lines that lie before the first stretch, and the fields that a record should have: null takes them from the
 *              first record. A quoted field over several lines that leads to another number of fields counts as garbled.
 */
export function createSplitter(
  dialect: Dialect,
  start: { readonly offset: number; readonly line: number; readonly width: number | null },
): Splitter {
  let { offset, line, width } = start;
  let rest = '';

  const split = (text: string, isEnd: boolean): CsvRecord[] => {
    const records: CsvRecord[] = [];
    let at = 0;
    let nextQuote = -1;
    while (at < text.length) {
      if (nextQuote < at) nextQuote = indexOrEnd(text, dialect.quote, at);
      const lineBreak = text.indexOf('\n', at);
      const isPlain = lineBreak !== -1 && nextQuote > lineBreak;
      const found = isPlain ? plainRecord(text, at, lineBreak, dialect) : quotedRecord(text, at, isEnd, width, dialect);
      if (!found) break;
      if (found.fields.length > 1 || found.fields[0] !== '' || found.flaw) {
        const next = { offset: offset + found.end, line: line + found.lines };
        records.push({ fields: found.fields, line, next, flaw: found.flaw });
        width ??= found.fields.length;
      }
      line += found.lines;
      at = found.end;
    }
    offset += at;
    rest = text.slice(at);
    return records;
  };

  return {
    push: (text) => split(rest + text, false),
    finish: () => split(rest, true),
    pending: () => rest.length,
  };
}

interface Found {
  readonly fields: readonly string[];
  readonly end: number;
  readonly lines: number;
  readonly flaw: CsvRecord['flaw'];
}

function plainRecord(text: string, start: number, lineBreak: number, { delimiter }: Dialect): Found {
  const fields = text.slice(start, beforeBreak(text, start, lineBreak)).split(delimiter);
  return { fields, end: lineBreak + 1, lines: 1, flaw: null };
}

/** The record at `start`, field by field; null when the text ends before the record does and more text may come. */
function quotedRecord(text: string, start: number, isEnd: boolean, width: number | null, dialect: Dialect): Found | null {
  const fields: string[] = [];
  let at = start;
  for (;;) {
    const field = text[at] === dialect.quote ? quotedField(text, at, dialect.quote) : plainField(text, at, dialect.delimiter);
    if (!field) return isEnd ? { fields, end: text.length, lines: 1, flaw: 'unclosed' } : null;
    fields.push(field.value);
    at = field.end;
    const after = whatFollows(text, at, dialect.delimiter);
    if (after === 'end') return isEnd ? settle(text, start, text.length, fields, width, 'unbroken') : null;
    if (after === 'garbage') return isEnd || text.includes('\n', at) ? garbled(text, start, fields.slice(0, -1)) : null;
    at += after.length;
    if (after !== dialect.delimiter) return settle(text, start, at, fields, width, null);
  }
}

/** A whole record, unless it runs over several lines to a wrong number of fields: then a quote was most likely never closed. */
function settle(text: string, start: number, end: number, fields: string[], width: number | null, flaw: 'unbroken' | null): Found {
  const lines = countBreaks(text, start, end) + (flaw === 'unbroken' ? 1 : 0);
  const runsOn = lines > 1 && width !== null && fields.length !== width;
  return runsOn ? garbled(text, start, fields) : { fields, end, lines, flaw };
}

/** Only the first line of the record, with the fields that surely lie on it. */
function garbled(text: string, start: number, fields: string[]): Found {
  const lineBreak = text.indexOf('\n', start);
  const runningOn = fields.findIndex((field) => field.includes('\n'));
  const readable = runningOn === -1 ? fields : fields.slice(0, runningOn);
  return { fields: readable, end: lineBreak === -1 ? text.length : lineBreak + 1, lines: 1, flaw: 'garbled' };
}

function plainField(text: string, start: number, delimiter: string): { value: string; end: number } {
  const lineBreak = indexOrEnd(text, '\n', start);
  const line = text.slice(start, beforeBreak(text, start, lineBreak));
  const comma = line.indexOf(delimiter);
  const value = comma === -1 ? line : line.slice(0, comma);
  return { value, end: start + value.length };
}

/** The value of the quoted field at `start`, up to behind its closing quote; null when there is none. */
function quotedField(text: string, start: number, quote: string): { value: string; end: number } | null {
  let value = '';
  let from = start + 1;
  for (;;) {
    const closing = text.indexOf(quote, from);
    if (closing === -1) return null;
    if (text[closing + 1] !== quote) return { value: value + text.slice(from, closing), end: closing + 1 };
    value += text.slice(from, closing + 1);
    from = closing + 2;
  }
}

/** Delimiter or line break at `at`, or why there is none. A carriage return at the very end counts as the end. */
function whatFollows(text: string, at: number, delimiter: string): string {
  const next = text[at];
  if (next === undefined) return 'end';
  if (next === delimiter || next === '\n') return next;
  if (next !== '\r') return 'garbage';
  if (at + 1 === text.length) return 'end';
  return text[at + 1] === '\n' ? '\r\n' : 'garbage';
}

function beforeBreak(text: string, start: number, lineBreak: number): number {
  return lineBreak > start && text.charCodeAt(lineBreak - 1) === 13 ? lineBreak - 1 : lineBreak;
}

function indexOrEnd(text: string, wanted: string, from: number): number {
  const index = text.indexOf(wanted, from);
  return index === -1 ? text.length : index;
}

function countBreaks(text: string, start: number, end: number): number {
  let breaks = 0;
  for (let at = text.indexOf('\n', start); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) breaks += 1;
  return breaks;
}
