import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

import { CliError, messageOf } from './cli-error.js';

/**
 * Saves a backup as it comes, reading along; what is not whole to its last line leaves no file behind, and an older file as it is.
 * @returns the events in it
 * @throws CliError
 */
export async function saveWhole(body: ReadableStream<Uint8Array>, file: string): Promise<number> {
  const partial = `${file}.partial`;
  try {
    const copy = new PassThrough();
    const [events] = await Promise.all([
      readEvents(copy),
      pipeline(Readable.fromWeb(body as never), teeTo(copy), createWriteStream(partial, { mode: 0o600 })),
    ]);
    await rename(partial, file);
    return events;
  } catch (error) {
    await rm(partial, { force: true });
    throw error instanceof CliError ? error : new CliError(`the backup could not be saved: ${messageOf(error)}`);
  }
}

/** Everything that goes through goes into the copy too, at the pace of the slower. */
function teeTo(copy: PassThrough): (chunks: AsyncIterable<Buffer>) => AsyncGenerator<Buffer> {
  return async function* (chunks) {
    try {
      for await (const chunk of chunks) {
        if (!copy.write(chunk)) await new Promise((resolve) => copy.once('drain', resolve));
        yield chunk;
      }
      copy.end();
    } catch (error) {
      copy.destroy(error as Error);
      throw error;
    }
  };
}

async function readEvents(copy: Readable): Promise<number> {
  const text = createGunzip();
  copy.once('error', (error) => text.destroy(error));
  let last = '';
  for await (const line of createInterface({ input: copy.pipe(text) })) last = line;
  const { events, failed } = tailOf(last);
  if (events !== undefined) return events;
  throw new CliError(
    failed === undefined ? 'the backup broke off: the log of report-api says why' : `there is no backup: ${failed}`,
    1,
    'not-whole',
  );
}

/** How many events there are, or why it is not whole; neither when it just ends. */
function tailOf(line: string): { events?: number; failed?: string } {
  try {
    const { sha256, events, failed } = JSON.parse(line) as Record<string, unknown>;
    if (typeof failed === 'string') return { failed };
    return typeof sha256 === 'string' && typeof events === 'number' ? { events } : {};
  } catch {
    return {};
  }
}
