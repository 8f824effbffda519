import type { Msg, NatsConnection } from '@nats-io/transport-node';

import type { SimProcess, World } from '../world.js';

interface Listener {
  readonly process: SimProcess;
  readonly subject: string;
  readonly callback: (error: Error | null, message: Msg) => void;
}

/** Messages that are in no log: progress and orders. They may be lost. */
export class Wire {
  private listeners: Listener[] = [];

  constructor(
    private readonly world: World,
    /** What becomes of an answer on its way. */
    private readonly onItsWay: (answer: string) => string = (answer) => answer,
  ) {}

  /** What a process may do on it. */
  connection(process: SimProcess): NatsConnection {
    const facade = {
      subscribe: (subject: string, { callback }: { callback: Listener['callback'] }) => {
        const listener = { process, subject, callback };
        this.listeners.push(listener);
        return { unsubscribe: () => this.forget(listener) };
      },
      publish: (subject: string, payload: string) => this.publish(subject, payload),
    };
    return facade as unknown as NatsConnection;
  }

  publish(subject: string, payload: string, respond: (answer: string) => void = () => undefined): void {
    const { world } = this;
    this.listeners = this.listeners.filter(({ process }) => process.isAlive);
    const message = {
      json: () => JSON.parse(payload) as unknown,
      respond: (answer: string) => respond(this.onItsWay(answer)),
    } as unknown as Msg;
    for (const { process, callback } of this.listeners.filter((listener) => listener.subject === subject)) {
      if (!world.random.chance(0.05)) world.schedule(world.travelMs(), process, () => callback(null, message));
    }
  }

  private forget(listener: Listener): void {
    this.listeners = this.listeners.filter((each) => each !== listener);
  }
}
