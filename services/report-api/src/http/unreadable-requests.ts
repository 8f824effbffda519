import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { graphError } from '../graph/graph-error.js';
import type { ErrorAnswer as FullAnswer } from './error-answer.js';

type ErrorAnswer = Omit<FullAnswer, 'unexpected'>;

/** Who was answered and sends on is read this long, so that the answer is not lost with the connection. */
const lingerMs = 2_000;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * Answers what never becomes a request: a head that is too long, is none, or does not come. Nobody knows then which path was meant, so the
 * answer has the form of Graph, which has all that the API's own form has.
 * @param headers those of every answer
 */
export function answerUnreadable(server: Server, headers: Readonly<Record<string, string>>): void {
  const exchanges = new WeakMap<Duplex, Exchange>();
  const isAnswered = new WeakSet<Duplex>();
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) =>
    exchanges.set(request.socket, { request, response }),
  );
  server.prependListener('checkExpectation', ({ socket }: IncomingMessage) => {
    isAnswered.add(socket);
    close(socket, answerText(expectation, headers));
  });
  server.removeAllListeners('clientError');
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (isAnswered.has(socket)) return;
    const answer = answerTo(error);
    const last = exchanges.get(socket);
    const isAmidBody = last?.request.complete === false;
    if (!answer || !socket.writable || (isAmidBody && last.response.headersSent)) socket.destroy();
    else if (last && !isAmidBody && !last.response.writableFinished) {
      // What came before it is answered still.
      isAnswered.add(socket);
      last.response.once('close', () => (socket as Socket).destroySoon());
    } else {
      isAnswered.add(socket);
      close(socket, answerText(answer, headers));
    }
  });
}

/** Sends it as the last word, and hears out who still speaks: closed under unread bytes, a connection takes the answer with it. */
function close(socket: Duplex, text: string): void {
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(timer));
  socket.on('error', () => socket.destroy());
  socket.end(text);
  socket.resume();
}

const refusal = (status: number, code: string, message: string): ErrorAnswer => ({
  status,
  body: { error: { code, message } },
});

const expectation = refusal(417, 'bad-request', 'nothing can be expected here but "100-continue"');

/** null for what is no HTTP at all, such as a connection that breaks off or fails to agree on TLS. */
function answerTo({ code = '' }: NodeJS.ErrnoException): ErrorAnswer | null {
  if (code === 'HPE_HEADER_OVERFLOW')
    return refusal(
      431,
      'too-large',
      'address and headers of a request may have 16 kB together: ask with a shorter filter, or in several requests',
    );
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return refusal(413, 'too-large', 'the body has too much between its parts');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return refusal(408, 'too-slow-request', 'the request did not come whole in time');
  if (code.startsWith('HPE_'))
    return refusal(400, 'bad-request', `this is no request in HTTP/1.1 (${code.slice(4).toLowerCase().replaceAll('_', ' ')})`);
  return null;
}

function answerText(answer: ErrorAnswer, headers: Readonly<Record<string, string>>): string {
  const id = randomUUID();
  const { status, body } = graphError(answer, id, null);
  const text = JSON.stringify(body);
  const head = {
    ...headers,
    date: new Date().toUTCString(),
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(text)),
    'x-request-id': id,
    'request-id': id,
    connection: 'close',
  };
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${text}`;
}
