import { createHmac } from 'node:crypto';

import type { Message } from '../formats/message.js';
import { type Destination, type DestinationPorts, type Receipt, taken } from './destination.js';
import { Poster } from './post.js';

/** Headers of a delivery. Whoever takes it checks the signature, refuses what is too old, and ignores events whose id was seen before. */
export const webhookHeaders = {
  stream: 'provident-stream',
  /** Seconds since 1970, when it was sent. */
  timestamp: 'provident-timestamp',
  /** `v1=` and the HMAC-SHA256 in hexadecimal of `<timestamp>.<body>` under the shared secret. */
  signature: 'provident-signature',
} as const;

export const signatureOf = (secret: string, timestamp: string, body: string): string =>
  `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;

/** Several messages as one JSON array; security event tokens go alone, as RFC 8935 says. */
export class Webhook implements Destination {
  readonly most: number;
  private readonly poster: Poster;

  constructor(
    private readonly settings: { readonly url: string; readonly secret: string; readonly bearer?: string | undefined },
    private readonly ports: DestinationPorts,
  ) {
    this.most = ports.formatKind === 'set' ? 1 : 200;
    this.poster = new Poster(settings.url, ports.network, ports.now);
  }

  async deliver(messages: readonly Message[], signal: AbortSignal): Promise<Receipt> {
    const [first] = messages;
    if (!first) return taken;
    const isToken = this.ports.formatKind === 'set';
    const body = isToken ? first.text : `[${messages.map(({ text }) => text).join(',')}]`;
    const { secret, bearer } = this.settings;
    const timestamp = String(Math.floor(this.ports.now().getTime() / 1_000));
    const headers = {
      'content-type': isToken ? first.mediaType : this.ports.formatKind === 'cloudevents' ? batchType : 'application/json; charset=utf-8',
      accept: 'application/json',
      [webhookHeaders.stream]: this.ports.streamId,
      [webhookHeaders.timestamp]: timestamp,
      [webhookHeaders.signature]: signatureOf(await this.ports.readSecret(secret), timestamp, body),
      ...(bearer !== undefined && { authorization: `Bearer ${await this.ports.readSecret(bearer)}` }),
    };
    await this.poster.post(headers, body, signal);
    return taken;
  }

  async test(message: Message, signal: AbortSignal): Promise<void> {
    await this.deliver([message], signal);
  }

  async close(): Promise<void> {
    this.poster.close();
  }
}

const batchType = 'application/cloudevents-batch+json; charset=utf-8';
