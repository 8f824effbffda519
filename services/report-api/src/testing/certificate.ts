import { randomUUID } from 'node:crypto';

import { generate } from 'selfsigned';

const dayMs = 86_400_000;

/**
 * A certificate of localhost and 127.0.0.1 that signs itself, and its key, both in PEM: made for one test, and for nothing else. Its name is its own, so that nobody
 * who trusts several of them takes one for another.
 */
export async function certificateOfLocalhost(): Promise<{ cert: string; key: string }> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: `test ${randomUUID()}` }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - dayMs),
    notAfterDate: new Date(Date.now() + dayMs),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { cert, key };
}
