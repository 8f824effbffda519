import { createServer } from 'node:net';

/** Below the range from which systems take ports for outgoing connections, so that a stored port stays free. */
const RANGE = { from: 20_000, to: 29_999 };

export function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** A port on the loopback address that nobody listens on right now. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = RANGE.from + Math.floor(Math.random() * (RANGE.to - RANGE.from + 1));
    if (await isPortFree(port)) return port;
  }
  throw new Error(`no free port found between ${RANGE.from} and ${RANGE.to}`);
}
