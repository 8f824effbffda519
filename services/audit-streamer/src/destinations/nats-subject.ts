import { jetstream } from '@nats-io/jetstream';
import { type NatsConnection, RequestError, headers as newHeaders } from '@nats-io/transport-node';

import type { Message } from '../formats/message.js';
import { type Destination, type Receipt, Undelivered, taken, undelivered } from './destination.js';

const ackMs = 10_000;

/** A subject of the broker that a stream of one's own takes up: only what is stored is acknowledged. The message id spares that stream most duplicates. */
export class NatsSubject implements Destination {
  readonly most = 200;

  constructor(
    private readonly subject: string,
    private readonly connection: NatsConnection,
  ) {}

  async deliver(messages: readonly Message[]): Promise<Receipt> {
    const stream = jetstream(this.connection);
    const sent = messages.map(({ id, mediaType, text }) => {
      const headers = newHeaders();
      headers.set('content-type', mediaType);
      return stream.publish(this.subject, text, { msgID: id, headers, timeout: ackMs });
    });
    const failed = (await Promise.allSettled(sent)).find(({ status }) => status === 'rejected');
    if (failed) throw this.refusalOf((failed as PromiseRejectedResult).reason);
    return taken;
  }

  private refusalOf(reason: unknown): Undelivered {
    // Nobody at all answers where no stream takes the subject up; the client's own words for it name another cause.
    const { cause } = Object(reason) as { cause?: unknown };
    if (cause instanceof RequestError && cause.isNoResponders()) return new Undelivered(`no stream of the broker takes ${this.subject}`);
    return undelivered(`the broker did not store what was sent to ${this.subject}`, reason);
  }

  async test(message: Message): Promise<void> {
    await this.deliver([message]);
  }

  async close(): Promise<void> {
    // The connection is the service's own.
  }
}
