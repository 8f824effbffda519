import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { LocalMasterKey } from '../keys/master-key.js';
import { keyBytes } from '../seal.js';

export interface FakeKms {
  readonly url: string;
  /** Requests so far, with what was sent beside the keys. */
  readonly requests: {
    readonly operation: string;
    readonly key: string;
    readonly items: number;
    readonly authorization: string | undefined;
  }[];
  /** How it answers from now on: with that status, or with that text; null: as it should. */
  answers: number | string | null;
  close(): Promise<void>;
}

interface Asked {
  readonly operation: 'wrap' | 'unwrap';
  readonly key: string;
  readonly items: readonly { readonly context: string; readonly data: string }[];
}

/** A key management service on loopback that keeps one key. */
export async function startFakeKms(): Promise<FakeKms> {
  const master = new LocalMasterKey(randomBytes(keyBytes));
  const kms = { answers: null as FakeKms['answers'], requests: [] as FakeKms['requests'] };
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      const { operation, key, items } = JSON.parse(body) as Asked;
      kms.requests.push({ operation, key, items: items.length, authorization: request.headers.authorization });
      if (typeof kms.answers === 'number') return response.writeHead(kms.answers).end(body);
      if (kms.answers !== null) return response.end(kms.answers);
      const bound = items.map(({ context, data }) => ({ context, bytes: Buffer.from(data, 'base64') }));
      void master[operation](bound).then(
        (keys) => response.end(JSON.stringify({ items: keys.map((each) => ({ data: each.toString('base64') })) })),
        () => response.writeHead(422).end(),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(kms, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
    close: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  });
}
