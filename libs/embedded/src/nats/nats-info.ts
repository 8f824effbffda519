import { connect } from 'node:net';

/** What a NATS server says of itself to whoever connects. */
export interface NatsInfo {
  readonly server_id: string;
  readonly server_name: string;
  readonly version: string;
  readonly jetstream?: boolean;
}

/** The greeting of whatever listens there; nothing when nobody does, or it is no NATS server. */
export function readNatsInfo(port: number, host = '127.0.0.1', timeoutMs = 2_000): Promise<NatsInfo | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    let text = '';
    const done = (info?: NatsInfo) => {
      socket.destroy();
      resolve(info);
    };
    socket.setTimeout(timeoutMs, () => done());
    socket.on('error', () => done());
    socket.on('close', () => done());
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      if (text.includes('\r\n')) done(parseNatsInfo(text));
      else if (text.length > 64_000) done();
    });
  });
}

export function parseNatsInfo(greeting: string): NatsInfo | undefined {
  const body = /^INFO (\{.*\})\s*\r\n/.exec(greeting)?.[1];
  if (!body) return undefined;
  try {
    return JSON.parse(body) as NatsInfo;
  } catch {
    return undefined;
  }
}
