import { Agent as PlainAgent, request as sendPlainly } from 'node:http';
import { Agent as SecureAgent, request as sendSecurely } from 'node:https';
import type { LookupFunction } from 'node:net';

import { assertAllowed, guardedLookup, type NetworkPolicy, readRetryAfter } from '@provident/connectors/config';

import { Undelivered, undelivered } from './destination.js';

export interface Answer {
  readonly status: number;
  /** Its beginning. */
  readonly body: string;
}

const timeoutMs = 15_000;
const mostOfAnswer = 16_384;

/** Posts to one address, over a connection to what was looked at, that is used again. A redirect is not followed: it may lead anywhere. */
export class Poster {
  private readonly agent: PlainAgent;

  constructor(
    private readonly url: string,
    private readonly network: NetworkPolicy,
    private readonly now: () => Date,
  ) {
    const options = { keepAlive: true, maxSockets: 1 };
    this.agent = new URL(url).protocol === 'https:' ? new SecureAgent(options) : new PlainAgent(options);
  }

  /** @throws Undelivered unless it is answered with any 2xx */
  async post(headers: Readonly<Record<string, string>>, body: string, signal: AbortSignal): Promise<Answer> {
    const { status, retryAfterMs, text } = await this.send(headers, body, signal).catch((error: unknown) => {
      throw undelivered('it could not be reached', error);
    });
    if (status >= 200 && status <= 299) return { status, body: text };
    const what = status >= 300 && status <= 399 ? `it answered ${status}, a redirect, which is not followed` : `it answered ${status}`;
    throw new Undelivered(what, { retryAfterMs, isTooMuch: status === 413 });
  }

  close(): void {
    this.agent.destroy();
  }

  private async send(headers: Readonly<Record<string, string>>, body: string, signal: AbortSignal): Promise<Told> {
    assertAllowed(this.url, this.network);
    const send = new URL(this.url).protocol === 'https:' ? sendSecurely : sendPlainly;
    const ending = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    return new Promise((resolve, reject) => {
      const lookup = guardedLookup(this.network) as LookupFunction;
      const all = { 'user-agent': 'provident', 'content-length': String(Buffer.byteLength(body)), ...headers };
      const request = send(this.url, { method: 'POST', headers: all, lookup, agent: this.agent, signal: ending }, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (part: string) => {
          text += part.slice(0, mostOfAnswer - text.length);
          if (text.length >= mostOfAnswer) answer.destroy();
        });
        answer.on('error', () => undefined); // what was answered is known by its status
        answer.on('close', () =>
          resolve({ status: answer.statusCode ?? 0, retryAfterMs: readRetryAfter(answer.headers, this.now().getTime()), text }),
        );
      });
      request.on('error', reject);
      request.end(body);
    });
  }
}

interface Told {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  readonly text: string;
}
