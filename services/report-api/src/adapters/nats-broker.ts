import type { NatsConnection } from '@nats-io/transport-node';
import { archiveLog, type EventLog, listSessions } from '@provident/bus';
import type { HealthView } from '@provident/contracts';

import { Broker } from '../ports.js';

/** How long an answer is good for: reports say how fresh they are, they need not ask each time. */
const goodForMs = 200;
const patienceMs = 1_500;

/** Asks NATS, but neither too often nor for too long. */
export class NatsBroker extends Broker {
  private asked: { readonly at: number; readonly head: Promise<number | null> } | null = null;

  constructor(
    private readonly connection: NatsConnection,
    private readonly log: EventLog,
    private readonly stream: string,
  ) {
    super();
  }

  head(): Promise<number | null> {
    const now = performance.now();
    if (!this.asked || now - this.asked.at > goodForMs) this.asked = { at: now, head: orNull(this.log.head()) };
    return this.asked.head;
  }

  archive(signal: AbortSignal): AsyncIterable<string> {
    return archiveLog(this.connection, { stream: this.stream, madeAt: new Date().toISOString(), signal });
  }

  async sessions(): Promise<HealthView['services']> {
    const sessions = (await orNull(listSessions(this.connection))) ?? [];
    return sessions.map(({ service, instance, at, units }) => ({ service, instance, seenAt: at, lanes: units }));
  }
}

function orNull<Answer>(asked: Promise<Answer>): Promise<Answer | null> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, patienceMs, null);
  });
  return Promise.race([asked.catch(() => null), tooLong]).finally(() => clearTimeout(timer));
}
