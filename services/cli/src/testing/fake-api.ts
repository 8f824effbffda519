import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { revealHeader } from '@provident/contracts';

export interface FakeAnswer {
  readonly status?: number;
  readonly body: unknown;
}

export interface FakeApi {
  readonly url: string;
  /** `GET /path?query` of every request, and its body where it had one. */
  readonly requests: { line: string; body: unknown }[];
  /** `Authorization` of every request; null where there was none. */
  readonly authorizations: (string | null)[];
  /** The same of the header that asks for sensitive values. */
  readonly reveals: (string | null)[];
  close(): Promise<void>;
}

/** An HTTP server with fixed answers by `GET /path`; 404 in the API's own form for the rest. A string body is sent as it is. */
export async function startFakeApi(answers: Record<string, FakeAnswer>): Promise<FakeApi> {
  const requests: FakeApi['requests'] = [];
  const authorizations: FakeApi['authorizations'] = [];
  const reveals: FakeApi['reveals'] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const text = await textOf(request);
    authorizations.push(request.headers.authorization ?? null);
    reveals.push((request.headers[revealHeader.name] as string | undefined) ?? null);
    requests.push({ line: `${request.method} ${request.url}`, body: text === '' ? null : JSON.parse(text) });
    const { status = 200, body } = answers[`${request.method} ${request.url?.split('?', 1)[0]}`] ?? notFound;
    response.writeHead(status, { 'content-type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const server = createServer((request, response) => {
    void answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, authorizations, reveals, close };
}

const notFound: FakeAnswer = { status: 404, body: { error: { code: 'not-found', message: 'there is no such thing' } } };

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
