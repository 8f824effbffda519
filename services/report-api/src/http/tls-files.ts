import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Server } from 'node:https';
import { dirname } from 'node:path';
import { createSecureContext } from 'node:tls';

/** Where the certificate, with those that it rests on, and its private key are. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

interface Pair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Certificate and key cannot be used. */
export class TlsUnusable extends Error {
  override readonly name = 'TlsUnusable';
}

const settleMs = 500;

/** @throws TlsUnusable */
export async function readTls({ cert, key }: TlsFiles): Promise<Pair> {
  const read = (name: string, file: string): Promise<Buffer> =>
    readFile(file).catch((cause: Error) => {
      throw new TlsUnusable(`${name} cannot be read: ${cause.message}`, { cause });
    });
  const pair = { cert: await read('PROVIDENT_TLS_CERT', cert), key: await read('PROVIDENT_TLS_KEY', key) };
  try {
    createSecureContext(pair);
  } catch (cause) {
    throw new TlsUnusable(`PROVIDENT_TLS_CERT and PROVIDENT_TLS_KEY are no certificate and its key: ${(cause as Error).message}`, {
      cause,
    });
  }
  return pair;
}

/**
 * Takes a new certificate when the files change; one that cannot be used leaves the old one in place. Folders are watched, because files are mostly
 * renamed into their place.
 * @returns what ends the watching
 */
export function keepTlsCurrent(server: Server, files: TlsFiles, onReload: (error: unknown) => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const reload = (): void => {
    readTls(files).then(
      (pair) => {
        server.setSecureContext(pair);
        onReload(null);
      },
      (error: unknown) => onReload(error),
    );
  };
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(reload, settleMs);
    timer.unref();
  };
  const watchers = [...new Set([files.cert, files.key].map((file) => dirname(file)))].map((folder) =>
    watch(folder, { persistent: false }, soon),
  );
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}
