import { z } from 'zod';

import type { Message } from '../formats/message.js';
import { logsRequest } from '../formats/otlp-logs.js';
import { type Destination, type DestinationPorts, type Receipt, taken, withoutAddresses } from './destination.js';
import { Poster } from './post.js';

const PartialSuccess = z.object({
  partialSuccess: z
    .object({ rejectedLogRecords: z.coerce.number().int().nonnegative().default(0), errorMessage: z.string().default('') })
    .optional(),
});

/** A collector that takes logs over OTLP/HTTP, in JSON. */
export class OtlpLogs implements Destination {
  readonly most = 200;
  private readonly poster: Poster;

  constructor(
    private readonly settings: { readonly url: string; readonly bearer?: string | undefined },
    private readonly ports: DestinationPorts,
  ) {
    this.poster = new Poster(logsAddress(settings.url), ports.network, ports.now);
  }

  /** What the collector says it rejects must not be sent again, as OTLP has it: it is counted, and shown. */
  async deliver(messages: readonly Message[], signal: AbortSignal): Promise<Receipt> {
    const { bearer } = this.settings;
    const headers = {
      'content-type': 'application/json',
      ...(bearer !== undefined && { authorization: `Bearer ${await this.ports.readSecret(bearer)}` }),
    };
    const request = logsRequest(messages, { streamId: this.ports.streamId, observedAt: this.ports.now() });
    const { body } = await this.poster.post(headers, JSON.stringify(request), signal);
    const told = PartialSuccess.safeParse(jsonOf(body)).data?.partialSuccess;
    if (!told || told.rejectedLogRecords === 0) return taken;
    const { rejectedLogRecords: refused, errorMessage } = told;
    return {
      refused,
      words: `the collector rejected ${refused} of ${messages.length} records: ${withoutAddresses(errorMessage).slice(0, 300)}`,
    };
  }

  async test(message: Message, signal: AbortSignal): Promise<void> {
    await this.deliver([message], signal);
  }

  async close(): Promise<void> {
    this.poster.close();
  }
}

/** The path of logs is added where an address names none. */
function logsAddress(address: string): string {
  const url = new URL(address);
  if (url.pathname === '/') url.pathname = '/v1/logs';
  return url.href;
}

/** A collector may answer with nothing, or in another format. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
