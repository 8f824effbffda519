import type { LogEntryView } from '@provident/contracts/http';

/** A field of a CSV file. What a spreadsheet would take for a formula is made text by an apostrophe. */
export function csvField(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Lines of a CSV file (RFC 4180) with a header. */
export const csvOf = (rows: readonly (readonly string[])[]): string =>
  rows
    .map((row) => row.map(csvField).join(','))
    .join('\r\n')
    .concat('\r\n');

export const jsonOf = (entries: readonly LogEntryView[]): string => `${JSON.stringify(entries, null, 2)}\n`;

/** Lets the browser keep a text as a file. */
export const saveAs = (name: string, type: string, text: string): void => saveBlob(name, new Blob([text], { type }));

export function saveBlob(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
