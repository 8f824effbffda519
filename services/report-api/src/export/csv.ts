export type Cell = string | number | null;

/** A spreadsheet takes what begins like this for a formula. */
const formula = /^[=+\-@\t\r\n＝＋－＠]/;
/** What is not written as it is: all of that, and what would end a cell. */
const special = /^[=+\-@\t＝＋－＠]|[",\r\n]/;

/** One cell of a CSV file (RFC 4180). A text that a spreadsheet would run as a formula gets an apostrophe before it; numbers stay numbers. */
export function csvCell(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  if (!special.test(value)) return value;
  const safe = formula.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export const csvLine = (cells: readonly Cell[]): string => `${cells.map(csvCell).join(',')}\r\n`;

/** The lines of a table, and the names of its columns. */
export interface CsvTable<Item> {
  readonly columns: readonly string[];
  readonly rows: (item: Item) => readonly (readonly Cell[])[];
}
