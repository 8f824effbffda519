import type { NatsConnection } from '@nats-io/transport-node';
import type { NetworkPolicy } from '@provident/connectors/config';
import type { StreamFormat } from '@provident/contracts';

import type { Message } from '../formats/message.js';

/** What became of messages that were sent. */
export interface Receipt {
  /** Messages that the destination has said it does not take: sending them again is of no use. */
  readonly refused: number;
  readonly words: string | null;
}

export const taken: Receipt = { refused: 0, words: null };

/** The destination did not take what was sent: it is sent again later. The message names no address and no credential. */
export class Undelivered extends Error {
  override readonly name = 'Undelivered';
  /** How long the destination wants to be left alone, where it says so. */
  readonly retryAfterMs: number | undefined;
  /** Fewer at a time may do. */
  readonly isTooMuch: boolean;

  constructor(
    message: string,
    { retryAfterMs, isTooMuch = false, ...options }: ErrorOptions & { retryAfterMs?: number | undefined; isTooMuch?: boolean } = {},
  ) {
    super(message, options);
    this.retryAfterMs = retryAfterMs;
    this.isTooMuch = isTooMuch;
  }
}

/** Another system that takes messages. */
export interface Destination {
  /** Messages in one delivery at most. */
  readonly most: number;
  /** Resolves once they are safe there. @throws Undelivered */
  deliver(messages: readonly Message[], signal: AbortSignal): Promise<Receipt>;
  /** Shows that it could be done, with a message of no consequence where that leaves nothing behind. @throws Undelivered */
  test(message: Message, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** What went wrong in a sentence, without what must not be written down. */
export function undelivered(what: string, error: unknown): Undelivered {
  const { message, code, cause } = Object(error) as { message?: unknown; code?: unknown; cause?: unknown };
  const inner = Object(cause) as { message?: unknown; code?: unknown };
  const words = [message, inner.message, code ?? inner.code].filter((each) => typeof each === 'string' && each !== '');
  return new Undelivered(`${what}: ${withoutAddresses([...new Set(words)].join('; ')).slice(0, 300)}`, { cause: error });
}

export const withoutAddresses = (text: string): string =>
  text
    .replace(/\b[a-z]+:\/\/\S+/gi, '…')
    .replace(/[^\s<>"',;]+@[^\s<>"',;]+/g, '…')
    .replace(/[\s\p{Cc}]+/gu, ' ');

/** What destinations stand on. */
export interface DestinationPorts {
  readonly streamId: string;
  readonly formatKind: StreamFormat['kind'];
  /** Read at each use, so that a secret can be changed. @throws Undelivered which names it and never holds it */
  readonly readSecret: (name: string) => Promise<string>;
  /** Where it may be. */
  readonly network: NetworkPolicy;
  readonly connection: NatsConnection;
  /** Folder of files; null when there is none. */
  readonly folder: string | null;
  readonly now: () => Date;
}
