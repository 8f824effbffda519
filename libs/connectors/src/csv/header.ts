import type { AttributeDescription } from '../connector.js';
import { ConnectorError } from '../connector-error.js';
import type { CsvFile } from './client.js';
import type { CsvSourceConfig } from './config.js';
import { nearest } from './nearest.js';
import type { CsvRecord } from './splitter.js';

/** One column, by its name in the header and the name that mappings use. */
export interface Column {
  readonly index: number;
  readonly header: string;
  readonly attribute: string;
  readonly separator: string | null;
  readonly isBoolean: boolean;
}

export interface Header {
  readonly columns: readonly Column[];
  readonly anchor: Column;
  /** Fields that every record must have. */
  readonly width: number;
}

/**
 * The columns of a file, as its first record and the configuration say.
 * @param known columns that the last completed read saw, to tell a vanished one from one that never was
 * @throws ConnectorError `misconfigured`: a name stands twice, or a column that the configuration names is not there
 */
export function readHeader(record: CsvRecord, file: CsvFile, config: CsvSourceConfig, known: readonly string[]): Header {
  if (record.flaw === 'garbled') throw misconfigured('csv-broken-header', `the header of ${file.shownAs} has a quote in the wrong place`);
  const names = record.fields.map((field) => file.encoding.decode(field)?.trim() ?? null);
  if (names.includes(null) || names.some((name) => name?.includes('\0'))) throw wrongEncoding(file, config);
  if (names.some((name) => name?.includes('\r')))
    throw misconfigured('csv-line-breaks', `the lines of ${file.shownAs} do not end in LF or CRLF`);
  const present = names as string[];
  refuseDuplicates(present, file);
  const configured = [
    config.anchor,
    ...Object.keys(config.columns ?? {}),
    ...Object.keys(config.multiValue ?? {}),
    ...(config.booleans?.columns ?? []),
  ];
  requireNames(configured, present, known, file);

  const columns = present.map((header, index) => describeColumn(header, index, config)).filter(({ header }) => header !== '');
  refuseDuplicates(
    columns.map(({ attribute }) => attribute),
    file,
  );
  const anchor = columns.find(({ header }) => same(header, config.anchor)) as Column;
  return { columns, anchor, width: record.fields.length };
}

/**
 * The columns of the attributes that are asked for, in their order.
 * @throws ConnectorError `misconfigured`, naming the columns that vanished or, for one that never was, the nearest name
 */
export function columnsFor(
  attributes: readonly string[],
  header: Header,
  file: CsvFile,
  config: CsvSourceConfig,
  known: readonly string[],
): Column[] {
  const present = header.columns.map(({ attribute }) => attribute);
  const knownAttributes = known.map((name) => valueFor(config.columns, name) ?? name);
  requireNames(attributes, present, knownAttributes, file);
  return attributes.map((name) => header.columns.find(({ attribute }) => same(attribute, name)) as Column);
}

export function describeColumns({ columns, anchor }: Header): AttributeDescription[] {
  return columns.map((column) => ({
    name: column.attribute,
    type: column.isBoolean ? 'boolean' : 'string',
    multiValued: column.separator !== null,
    required: column === anchor,
    readOnly: true,
  }));
}

function describeColumn(header: string, index: number, config: CsvSourceConfig): Column {
  return {
    index,
    header,
    attribute: valueFor(config.columns, header) ?? header,
    separator: valueFor(config.multiValue, header) ?? null,
    isBoolean: config.booleans?.columns.some((name) => same(name, header)) ?? false,
  };
}

function requireNames(needed: readonly string[], present: readonly string[], known: readonly string[], file: CsvFile): void {
  const missing = needed.filter((name) => !present.some((other) => same(name, other)));
  const vanished = missing.filter((name) => known.some((other) => same(name, other)));
  if (vanished.length > 0) {
    throw misconfigured('csv-header-changed', `${file.shownAs} no longer has the column ${quoted(vanished)}, which the last read had`);
  }
  const [unknown] = missing;
  if (unknown === undefined) return;
  const guess = nearest(unknown, present);
  const hint = guess ? `did you mean "${guess}"?` : `it has ${quoted(present.filter((name) => name !== ''))}`;
  throw misconfigured('csv-unknown-column', `${file.shownAs} has no column "${unknown}"; ${hint}`);
}

function refuseDuplicates(names: readonly string[], file: CsvFile): void {
  const lower = names.map((name) => name.toLowerCase());
  const twice = names.filter((name, index) => name !== '' && lower.indexOf(name.toLowerCase()) !== index);
  if (twice.length > 0) throw misconfigured('csv-duplicate-header', `${file.shownAs} has the column ${quoted(twice)} more than once`);
}

function valueFor(record: Readonly<Record<string, string>> | undefined, header: string): string | undefined {
  return Object.entries(record ?? {}).find(([name]) => same(name, header))?.[1];
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}

function wrongEncoding(file: CsvFile, { encoding }: CsvSourceConfig): ConnectorError {
  return misconfigured('csv-encoding', `the header of ${file.shownAs} is not ${encoding}; set "encoding" to what the file is in`);
}

function misconfigured(code: string, message: string): ConnectorError {
  return new ConnectorError({ kind: 'misconfigured', code, message });
}
