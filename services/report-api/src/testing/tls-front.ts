import { request as httpRequest } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';

import { certificateOfLocalhost } from './certificate.js';

/** A proxy before the API that speaks TLS, as in an installation; this process trusts it from then on. */
export async function startTlsFront(target: string): Promise<{ url: string; close(): Promise<void> }> {
  const { key, cert } = await certificateOfLocalhost();
  setDefaultCACertificates([...getCACertificates('default'), cert]);
  const { port } = new URL(target);
  const server = createServer({ key, cert }, (incoming, answer) => {
    const headers = { ...incoming.headers, 'x-forwarded-proto': 'https', 'x-forwarded-host': incoming.headers.host };
    const forwarded = httpRequest({ host: '127.0.0.1', port, method: incoming.method, path: incoming.url, headers }, (response) => {
      answer.writeHead(response.statusCode!, response.headers);
      response.pipe(answer);
    });
    forwarded.on('error', (error) => answer.writeHead(502).end(String(error)));
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // By its address: what a name leads to is the machine's affair.
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // A client would only say that there was no answer.
  await fetch(url).catch((error: Error) => {
    throw new Error(`the front cannot be reached: ${String(error.cause)}`, { cause: error });
  });
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
