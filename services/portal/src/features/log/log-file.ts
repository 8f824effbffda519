import type { LogEntryView } from '@provident/contracts/http';

import { csvLine } from '../../shared/download.js';

/** How entries are written to a file that is made in pieces. */
export interface LogFile {
  readonly ending: 'csv' | 'json';
  readonly type: string;
  readonly head: string;
  /** @param isFirst whether nothing was written before */
  readonly piece: (entries: readonly LogEntryView[], isFirst: boolean) => string;
  readonly foot: string;
}

/** @param fields one text for each of the headings */
export const csvFile = (headings: readonly string[], fields: (entry: LogEntryView) => readonly string[]): LogFile => ({
  ending: 'csv',
  type: 'text/csv;charset=utf-8',
  head: csvLine(headings),
  piece: (entries) => entries.map((entry) => csvLine(fields(entry))).join(''),
  foot: '',
});

/** One array with everything that is known of each entry. */
export const jsonFile: LogFile = {
  ending: 'json',
  type: 'application/json',
  head: '[',
  piece: (entries, isFirst) => entries.map((entry, index) => `${isFirst && index === 0 ? '\n' : ',\n'}${JSON.stringify(entry)}`).join(''),
  foot: '\n]\n',
};

/** So much text is handed to the browser at a time, which keeps what it is given on disk. */
const handedOver = 4_000_000;

/** The whole file; `written` hears how many entries it has so far. */
export async function blobOf(
  pieces: AsyncIterable<readonly LogEntryView[]>,
  { type, head, piece, foot }: LogFile,
  written: (count: number) => void,
): Promise<Blob> {
  const kept: Blob[] = [];
  let text = head;
  let count = 0;
  for await (const entries of pieces) {
    text += piece(entries, count === 0);
    count += entries.length;
    written(count);
    if (text.length > handedOver) {
      kept.push(new Blob([text]));
      text = '';
    }
  }
  return new Blob([...kept, text, foot], { type });
}
