import { z } from 'zod';

import type { SourceCursor } from '../connector.js';
import { fingerprint } from './client.js';
import type { CsvSourceConfig } from './config.js';
import type { Survey } from './survey.js';

/** Within a read: behind the last record of a page. */
const Cursor = z.object({ sha256: z.string(), offset: z.int().min(0), line: z.int().min(1) });
export type Cursor = z.infer<typeof Cursor>;

/** After a read: what was read, and how. */
const Watermark = z.object({ sha256: z.string(), header: z.array(z.string()), rules: z.string() });
export type Watermark = z.infer<typeof Watermark>;

const roomForHeader = 3 * 1024;

/** null when there is none, or one that another connector wrote. */
export function parseCursor(cursor: SourceCursor | null): Cursor | null {
  return Cursor.safeParse(cursor).data ?? null;
}

/** null when there is none, or one that another connector wrote: then everything is read. */
export function parseWatermark(watermark: SourceCursor | null): Watermark | null {
  return Watermark.safeParse(watermark).data ?? null;
}

/** The header is kept as far as a watermark has room: all names, else those that matter, else none. */
export function watermarkOf({ sha256, header }: Survey, attributes: readonly string[], config: CsvSourceConfig): Watermark {
  const all = header.columns.map((column) => column.header);
  const used = header.columns
    .filter((column) => column === header.anchor || attributes.includes(column.attribute))
    .map((column) => column.header);
  const kept = [all, used].find((names) => Buffer.byteLength(JSON.stringify(names)) <= roomForHeader) ?? [];
  return { sha256, header: kept, rules: rulesOf(attributes, config) };
}

/** Stands for everything but the bytes of the file that decides what a read yields. */
export function rulesOf(attributes: readonly string[], config: CsvSourceConfig): string {
  return fingerprint([[...attributes].sort(), { ...config, file: '', quietSeconds: 0 }]);
}
