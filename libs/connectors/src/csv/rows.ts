import type { AttributeValue } from '@provident/domain';

import type { SourceFailure, SourceObject } from '../connector.js';
import type { CsvFile } from './client.js';
import type { CsvSourceConfig } from './config.js';
import type { Column, Header } from './header.js';
import type { CsvRecord } from './splitter.js';

/** What one record comes to. */
export type Row = { readonly object: SourceObject } | { readonly failure: SourceFailure };

export interface RowPlan {
  readonly header: Header;
  /** Columns that are wanted, each under the name that was asked for. */
  readonly wanted: readonly { readonly name: string; readonly column: Column }[];
  readonly repeated: ReadonlySet<string>;
}

/**
 * The anchor that a record carries beyond doubt, else null. With a wrong number of fields only the first one is where it should be,
 * and of a garbled record only what stands before the trouble.
 */
export function anchorOf(record: CsvRecord, { anchor, width }: Header, file: CsvFile, config: CsvSourceConfig): string | null {
  const isPlaced = record.flaw === 'garbled' || record.fields.length === width || anchor.index === 0;
  const field = isPlaced ? record.fields[anchor.index] : undefined;
  const text = field === undefined ? null : file.encoding.decode(field);
  return text === null || text.trim() === '' || text === config.nullLiteral ? null : text;
}

/** Makes rows of records. A record with any flaw becomes a failure; failures name columns and lines, never values. */
export function rowReader(file: CsvFile, config: CsvSourceConfig, { header, wanted, repeated }: RowPlan): (record: CsvRecord) => Row {
  const readValue = valueReader(file, config);
  return (record) => {
    const anchor = anchorOf(record, header, file, config);
    const fail = (code: SourceFailure['code'], message: string): Row => ({
      failure: { anchor, code, message, place: `line ${record.line}` },
    });

    if (record.flaw === 'garbled') return fail('unreadable-record', 'a quote is closed in the wrong place, or never');
    const count = record.fields.length;
    if (count !== header.width) return fail('wrong-field-count', `the record has ${count} fields, the header ${header.width}`);
    const anchorField = record.fields[header.anchor.index] as string;
    if (anchor === null && file.encoding.decode(anchorField) === null) return fail('broken-encoding', brokenIn(header.anchor, config));
    if (anchor === null) return fail('missing-anchor', `the column "${header.anchor.header}" is empty`);
    if (repeated.has(anchor)) return fail('repeated-anchor', `the value of "${header.anchor.header}" stands on more than one line`);

    const attributes: Record<string, AttributeValue> = {};
    for (const { name, column } of wanted) {
      const value = readValue(record.fields[column.index] as string, column);
      if (value === broken) return fail('broken-encoding', brokenIn(column, config));
      if (value === unknownWord) return fail('unreadable-record', `the column "${column.header}" holds no word for yes or no`);
      attributes[name] = value;
    }
    return { object: { anchor, attributes } };
  };
}

const broken = Symbol('bytes that are not text');
const unknownWord = Symbol('neither yes nor no');

function valueReader(
  file: CsvFile,
  config: CsvSourceConfig,
): (field: string, column: Column) => AttributeValue | typeof broken | typeof unknownWord {
  const yes = new Set(config.booleans?.true.map((word) => word.toLowerCase()));
  const no = new Set(config.booleans?.false.map((word) => word.toLowerCase()));
  const readBoolean = (text: string) => {
    const word = text.trim().toLowerCase();
    return yes.has(word) ? true : no.has(word) ? false : unknownWord;
  };
  return (field, { separator, isBoolean }) => {
    if (field === '') return null;
    const text = file.encoding.decode(field);
    if (text === null) return broken;
    if (text === config.nullLiteral) return null;
    if (isBoolean) return readBoolean(text);
    return separator === null ? text : valuesOf(text, separator);
  };
}

function valuesOf(text: string, separator: string): string[] | null {
  const values = text
    .split(separator)
    .map((value) => value.trim())
    .filter((value) => value !== '');
  return values.length > 0 ? values : null;
}

function brokenIn({ header }: Column, { encoding }: CsvSourceConfig): string {
  return `the column "${header}" holds bytes that are not ${encoding}`;
}
