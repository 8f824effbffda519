import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';

import { ConnectorError, type ConnectorErrorFacts } from '../connector-error.js';
import type { CsvSourceConfig } from './config.js';
import { encodingOf, type Encoding } from './encoding.js';
import { createSplitter, type CsvRecord, type Dialect, type Splitter } from './splitter.js';

const chunkBytes = 256 * 1024;
const longestRecord = 1024 * 1024;

/** A file that is being read, with all it takes to make sense of its bytes. */
export interface CsvFile {
  readonly path: string;
  /** The path as the configuration says it, for messages. */
  readonly shownAs: string;
  readonly encoding: Encoding;
  readonly dialect: Dialect;
}

/** What tells one state of a file from another. */
export interface FileState {
  readonly bytes: number;
  readonly stamp: string;
  readonly modifiedAtMs: number;
}

/** Where to start: bytes before the first record that is wanted, the line it stands on, and the fields that records have. */
export interface Position {
  readonly offset: number;
  readonly line: number;
  readonly width: number;
}

export function describeFile(path: string, config: CsvSourceConfig): CsvFile {
  const delimiter = config.delimiter === 'tab' ? '\t' : config.delimiter;
  return { path, shownAs: config.file, encoding: encodingOf(config.encoding), dialect: { delimiter, quote: config.quote } };
}

/** @throws ConnectorError as `classifyFileError` says */
export async function stateOf(file: CsvFile): Promise<FileState> {
  const found = await stat(file.path, { bigint: true }).catch((cause: unknown) => {
    throw fileError(file, cause);
  });
  if (found.isDirectory()) throw fileError(file, Object.assign(new Error('it is a folder'), { code: 'EISDIR' }));
  const stamp = `${found.dev}:${found.ino}:${found.size}:${found.mtimeNs}`;
  return { bytes: Number(found.size), stamp, modifiedAtMs: Number(found.mtimeMs) };
}

/**
 * Records of the file from a position on, or from the header on, in batches as they come off the disk.
 * @param onBytes sees every byte of the file, in order; only with a null position
 * @throws ConnectorError when the file cannot be read or a record has no end
 */
export async function* readRecords(
  file: CsvFile,
  from: Position | null,
  signal: AbortSignal,
  onBytes: (bytes: Buffer) => void = () => {},
): AsyncGenerator<CsvRecord[]> {
  const { unitBytes, units, byteOrderMark } = file.encoding;
  let splitter: Splitter | null = null;
  for await (const chunk of readBytes(file, from?.offset ?? 0, signal)) {
    onBytes(chunk);
    const skipped = !splitter && !from && startsWith(chunk, byteOrderMark) ? byteOrderMark.length : 0;
    splitter ??= createSplitter(file.dialect, { line: 1, width: null, ...from, offset: (from?.offset ?? skipped) / unitBytes });
    yield splitter.push(units(chunk.subarray(skipped)));
    if (splitter.pending() > longestRecord) throw endlessRecord(file);
  }
  yield splitter?.finish() ?? [];
}

function startsWith(bytes: Buffer, mark: Buffer): boolean {
  return mark.length > 0 && bytes.subarray(0, mark.length).equals(mark);
}

/** Bytes from an offset to the end, in stretches of an even length except for the last one. */
async function* readBytes(file: CsvFile, offset: number, signal: AbortSignal): AsyncGenerator<Buffer> {
  const handle = await open(file.path).catch((cause: unknown) => {
    throw fileError(file, cause);
  });
  try {
    for (let at = offset; ; ) {
      if (signal.aborted) throw interrupted(file, signal);
      const chunk = await fill(file, handle, at);
      if (chunk.length === 0) return;
      yield chunk;
      at += chunk.length;
    }
  } finally {
    await handle.close();
  }
}

/** The next stretch; shorter than a full one only at the end of the file. */
async function fill(file: CsvFile, handle: Awaited<ReturnType<typeof open>>, at: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(chunkBytes);
  let filled = 0;
  while (filled < chunkBytes) {
    const { bytesRead } = await handle.read(buffer, filled, chunkBytes - filled, at + filled).catch((cause: unknown) => {
      throw fileError(file, cause);
    });
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** A short, stable name of any JSON value. */
export function fingerprint(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}

/** What a failed file operation means, by its system code. Pure. */
export function classifyFileError(code: string | undefined, shownAs: string, words: string): ConnectorErrorFacts {
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return { kind: 'misconfigured', code: 'csv-missing', message: `the file ${shownAs} does not exist` };
  const isSetting = code === 'EACCES' || code === 'EPERM' || code === 'EISDIR' || code === 'ELOOP';
  const message = `the file ${shownAs} cannot be read: ${isSetting && code === 'EISDIR' ? 'it is a folder' : (code ?? words)}`;
  return { kind: isSetting ? 'misconfigured' : 'unavailable', code: 'csv-unreadable', message };
}

function fileError(file: CsvFile, cause: unknown): ConnectorError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new ConnectorError(classifyFileError(code, file.shownAs, message), { cause });
}

function interrupted(file: CsvFile, signal: AbortSignal): ConnectorError {
  const message = `reading ${file.shownAs} was interrupted`;
  return new ConnectorError({ kind: 'unavailable', code: 'interrupted', message }, { cause: signal.reason });
}

function endlessRecord(file: CsvFile): ConnectorError {
  const message = `${file.shownAs} holds a record longer than 1 MiB: a quote is never closed, or lines do not end in LF or CRLF`;
  return new ConnectorError({ kind: 'misconfigured', code: 'csv-endless-record', message });
}
