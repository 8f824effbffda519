import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

/** What is done instead of the answer. */
export type QuirkAction =
  | {
      readonly do: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Readonly<Record<string, unknown>>;
    }
  /** Bytes that are no HTTP. */
  | { readonly do: 'garbage'; readonly bytes: string }
  /** Never answers; with `afterEffect` the request is carried out first. */
  | { readonly do: 'hang'; readonly afterEffect?: boolean }
  | { readonly do: 'reset'; readonly afterEffect?: boolean }
  /** The true answer, one byte at a time. */
  | { readonly do: 'drip'; readonly everyMs: number }
  /** The true answer's first half, then the connection ends. */
  | { readonly do: 'half-body' }
  /** A body of so many bytes. */
  | { readonly do: 'flood'; readonly bytes: number };

/** One line of the fault script. */
export class QuirkFault {
  private played = 0;

  constructor(
    readonly action: QuirkAction,
    private readonly when: { readonly method?: string; readonly url?: RegExp; readonly after?: number; readonly times?: number } = {},
  ) {}

  /** Whether it is this fault's turn; asking counts. */
  matches({ method, url }: { method: string; url: string }): boolean {
    const { when } = this;
    if ((when.method !== undefined && when.method !== method) || (when.url && !when.url.test(url))) return false;
    this.played += 1;
    const after = when.after ?? 0;
    return this.played > after && this.played <= after + (when.times ?? Number.POSITIVE_INFINITY);
  }
}

/** @param carryOut does what the request asks for and gives the true answer */
export async function playFault(
  action: QuirkAction,
  request: IncomingMessage,
  response: ServerResponse,
  carryOut: () => { status: number; text: string },
): Promise<void> {
  const { socket } = request;
  switch (action.do) {
    case 'answer':
      response.writeHead(action.status, { 'content-type': 'application/scim+json', ...action.headers });
      response.end(typeof action.body === 'object' ? JSON.stringify(action.body) : action.body);
      return;
    case 'garbage':
      socket.end(action.bytes);
      return;
    case 'hang':
      if (action.afterEffect) carryOut();
      return;
    case 'reset':
      if (action.afterEffect) carryOut();
      socket.resetAndDestroy();
      return;
    case 'drip':
      return drip(response, carryOut(), action.everyMs);
    case 'half-body':
      return cutShort(response, carryOut());
    case 'flood':
      response.writeHead(200, { 'content-type': 'application/scim+json' });
      response.end(Buffer.alloc(action.bytes, ' '));
  }
}

async function drip(response: ServerResponse, { status, text }: { status: number; text: string }, everyMs: number): Promise<void> {
  response.writeHead(status, { 'content-type': 'application/scim+json', 'content-length': Buffer.byteLength(text) });
  for (const byte of Buffer.from(text)) {
    if (response.destroyed) return;
    response.write(Buffer.of(byte));
    await pause(everyMs);
  }
  response.end();
}

function cutShort(response: ServerResponse, { status, text }: { status: number; text: string }): void {
  const body = Buffer.from(text);
  response.writeHead(status, { 'content-type': 'application/scim+json', 'content-length': body.length });
  response.write(body.subarray(0, body.length >> 1), () => response.socket?.destroy());
}
