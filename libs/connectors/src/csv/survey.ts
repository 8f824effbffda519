import { createHash } from 'node:crypto';

import { ConnectorError } from '../connector-error.js';
import { type CsvFile, type FileState, readRecords, stateOf } from './client.js';
import type { CsvSourceConfig } from './config.js';
import { type Header, readHeader } from './header.js';
import { createHashTally, hash52 } from './repeats.js';
import { anchorOf } from './rows.js';
import type { CsvRecord } from './splitter.js';

/** What the first pass over a file finds out; nothing of it grows with the length of the file but the hashes of its anchors. */
export interface Survey {
  readonly sha256: string;
  readonly state: FileState;
  readonly header: Header;
  /** Records behind the header, sound or not. */
  readonly rows: number;
  /** Anchors that stand on more than one record. */
  readonly repeated: ReadonlySet<string>;
}

/**
 * Reads the file once, from end to end, before anything of it is used.
 * @param known columns that the last completed read saw
 * @param anchorsAre whether an anchor that stands on more than one record is a fault of them
 * @throws ConnectorError `csv-empty`, `csv-truncated`, a header's fault, or `csv-changed-while-reading`
 */
export async function surveyFile(
  file: CsvFile,
  config: CsvSourceConfig,
  known: readonly string[],
  signal: AbortSignal,
  anchorsAre: 'unique' | 'anchors-repeat' = 'unique',
): Promise<Survey> {
  const state = await stateOf(file);
  refuseUnquiet(state, file, config);
  const hash = createHash('sha256');
  const anchors = createHashTally();
  let header: Header | null = null;
  let rows = 0;
  for await (const batch of readRecords(file, null, signal, (bytes) => hash.update(bytes))) {
    for (const record of batch) {
      refuseTruncated(record, header, file);
      if (!header) {
        header = readHeader(record, file, config, known);
        continue;
      }
      rows += 1;
      if (anchorsAre === 'anchors-repeat') continue;
      const anchor = anchorOf(record, header, file, config);
      if (anchor !== null) anchors.add(anchor);
    }
  }
  if (!header) throw misconfigured('csv-empty', `the file ${file.shownAs} is empty: it has no header`);
  if (state.bytes % file.encoding.unitBytes !== 0) throw truncated(file, 'its last character is cut off');
  const repeated = await confirmRepeats(file, config, header, anchors.repeated(), signal);
  await refuseChanged(file, state);
  return { sha256: hash.digest('hex'), state, header, rows, repeated };
}

/** @throws ConnectorError `csv-changed-while-reading` when the file is not as it was */
export async function refuseChanged(file: CsvFile, before: FileState): Promise<void> {
  const now = await stateOf(file);
  if (now.stamp !== before.stamp) throw changed(file);
}

export function changed(file: CsvFile): ConnectorError {
  const message = `${file.shownAs} changed while it was being read; the read starts again later`;
  return new ConnectorError({ kind: 'unavailable', code: 'csv-changed-while-reading', message });
}

/** Tells anchors that really repeat from those that share a hash, by another pass; none is made when no hash came twice. */
async function confirmRepeats(
  file: CsvFile,
  config: CsvSourceConfig,
  header: Header,
  candidates: ReadonlySet<number>,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const once = new Set<string>();
  const repeated = new Set<string>();
  if (candidates.size === 0) return repeated;
  for await (const batch of readRecords(file, null, signal)) {
    for (const record of batch) {
      const anchor = anchorOf(record, header, file, config);
      if (anchor === null || !candidates.has(hash52(anchor))) continue;
      if (once.has(anchor)) repeated.add(anchor);
      once.add(anchor);
    }
  }
  return repeated;
}

function refuseUnquiet(state: FileState, file: CsvFile, { quietSeconds }: CsvSourceConfig): void {
  const quietMs = Date.now() - state.modifiedAtMs;
  if (quietMs >= quietSeconds * 1000 || quietSeconds === 0) return;
  const message = `${file.shownAs} changed less than ${quietSeconds} s ago and may still be written`;
  throw new ConnectorError({ kind: 'unavailable', code: 'csv-not-quiet', message, retryAfterMs: quietSeconds * 1000 - quietMs });
}

function refuseTruncated(record: CsvRecord, header: Header | null, file: CsvFile): void {
  if (record.flaw === 'unclosed') throw truncated(file, `the quote that opens in the record on line ${record.line} is never closed`);
  if (record.flaw !== 'unbroken' || !header || record.fields.length >= header.width) return;
  throw truncated(file, `its last record, on line ${record.line}, has ${record.fields.length} of ${header.width} fields and no line break`);
}

function truncated(file: CsvFile, reason: string): ConnectorError {
  return misconfigured('csv-truncated', `${file.shownAs} is not complete: ${reason}`);
}

function misconfigured(code: string, message: string): ConnectorError {
  return new ConnectorError({ kind: 'misconfigured', code, message });
}
