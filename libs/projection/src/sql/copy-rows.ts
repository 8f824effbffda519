import { finished } from 'node:stream/promises';

import { from as copyFrom } from 'pg-copy-streams';

import type { Connection } from './connection.js';
import { storableText } from './clean-json.js';

const special = /[\\\n\r\t\0]/;
const escapes: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\0': '\ufffd' };

/** One value in COPY's text format. */
export function copyValue(value: string | number | boolean | null | undefined): string {
  if (value === null || value === undefined) return '\\N';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 't' : 'f';
  return special.test(value) ? value.replace(/[\\\n\r\t\0]/g, (found) => escapes[found]!) : value;
}

/**
 * Rows on their way into a table as one COPY: measured 1.4 to 3 times as fast as `insert … select unnest(…)` for 500 to
 * 5,000 rows. The server works on the rows that were sent while the next are being made; the connection takes nothing else meanwhile.
 */
export class CopyRows {
  private readonly stream;
  private readonly done: Promise<void>;

  constructor(connection: Connection, into: string) {
    this.stream = connection.query(copyFrom(`copy ${into} from stdin`));
    this.done = finished(this.stream);
    this.done.catch(() => undefined); // told by end()
  }

  /** @param text rows in COPY's text format, each with its line break */
  send(text: string): void {
    if (text !== '') this.stream.write(text);
  }

  /** @throws what the server says against the rows */
  async end(): Promise<void> {
    this.stream.end();
    await this.done;
  }

  /** Takes everything back; the transaction is broken then. */
  async abort(): Promise<void> {
    this.stream.destroy(new Error('broken off'));
    await this.done.catch(() => undefined);
  }
}

/** Sends rows that are all there already. */
export async function copyRows(connection: Connection, into: string, text: string): Promise<void> {
  const rows = new CopyRows(connection, into);
  rows.send(text);
  await rows.end();
}

/** A list as the literal of a `text[]`: what `pg` does too, only faster where nothing needs an escape. */
export function textArray(values: readonly (string | null)[]): string {
  const items = values.map((value) => {
    if (value === null) return 'NULL';
    return needsEscape.test(value) ? `"${storableText(value).replace(/[\\"]/g, '\\$&')}"` : `"${value}"`;
  });
  return `{${items.join(',')}}`;
}
const needsEscape = /[\\"\0]/;

/** The same for numbers and booleans. */
export const plainArray = (values: readonly (number | boolean | null)[]): string =>
  `{${values.map((value) => (value === null ? 'NULL' : String(value))).join(',')}}`;
