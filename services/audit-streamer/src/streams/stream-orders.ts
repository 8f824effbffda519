import { randomUUID } from 'node:crypto';

import { type Appender, type EventLog, StaleWriter } from '@provident/bus';
import {
  type AddStream,
  type CommandAnswer,
  type DataOf,
  type EventDefinition,
  type Initiator,
  installationId,
  type StartStream,
  StreamAdded,
  type StreamDefinition,
  streamLane,
  StreamPaused,
  StreamRemoved,
  StreamStarted,
} from '@provident/contracts';
import type { z } from 'zod';

import { type Destination, Undelivered } from '../destinations/destination.js';
import type { Format } from '../formats/message.js';
import type { SigningKey } from '../formats/signing-key.js';
import { type KnownStream, type StreamRegistry, streamSubject } from './stream-registry.js';

export interface OrderPorts {
  readonly registry: StreamRegistry;
  readonly log: Pick<EventLog, 'findLast' | 'head'>;
  readonly appender: Pick<Appender, 'append'>;
  readonly now: () => Date;
  /** Why a stream cannot be sent as it is, such as for a secret that is not there; null when it can. */
  readonly findProblem: (definition: StreamDefinition) => Promise<string | null>;
  /** @throws Undelivered */
  readonly open: (definition: StreamDefinition) => { readonly destination: Destination; readonly format: Format };
  readonly signingKeyOf: (secret: string) => Promise<SigningKey>;
}

const mostAttempts = 20;
const mostStreams = 100;
const testMs = 20_000;

/** Takes orders about streams and writes them to the log; whoever sends follows it. */
export class StreamOrders {
  constructor(private readonly ports: OrderPorts) {}

  async add({ order, by }: z.infer<typeof AddStream.schema>): Promise<CommandAnswer> {
    const { registry, findProblem, log } = this.ports;
    const { from, ...definition } = order;
    const { streamId } = definition;
    const problem = await findProblem(definition);
    if (problem !== null) return refused(problem);
    const head = await log.head();
    if (from !== undefined && from > head) return refused(`the log ends at ${head}: a stream cannot begin behind ${from}`);
    return this.order(
      () => {
        if (registry.find(streamId)) return `there is a stream "${streamId}" already: remove it first`;
        if (registry.list().length >= mostStreams) return `there are ${mostStreams} streams already`;
        const { destination } = definition;
        const isSame = (other: KnownStream): boolean =>
          destination.kind === 'file' &&
          other.definition.destination.kind === 'file' &&
          other.definition.destination.file === destination.file;
        const same = registry.list().find(isSame);
        if (same) return `the stream "${same.definition.streamId}" writes that file already`;
        return this.event(StreamAdded, by, { streamId, definition, from: from ?? head });
      },
      `the stream "${streamId}" sends what happens behind ${from ?? head} of the log`,
    );
  }

  remove(streamId: string, by: Initiator): Promise<CommandAnswer> {
    return this.order(
      () => this.known(streamId, ({ definition }) => this.event(StreamRemoved, by, { streamId, definition })),
      `the stream "${streamId}" is removed`,
    );
  }

  pause(streamId: string, by: Initiator): Promise<CommandAnswer> {
    const decide = ({ isPaused }: KnownStream): Decision =>
      isPaused ? `the stream "${streamId}" is paused already` : this.event(StreamPaused, by, { streamId });
    return this.order(() => this.known(streamId, decide), `the stream "${streamId}" is paused: nothing is lost meanwhile`);
  }

  async start({ streamId, from, by }: z.infer<typeof StartStream.schema>): Promise<CommandAnswer> {
    const head = await this.ports.log.head();
    if (from !== undefined && from > head) return refused(`the log ends at ${head}: a stream cannot go on behind ${from}`);
    return this.order(
      () => this.known(streamId, () => this.event(StreamStarted, by, { streamId, from: from ?? null })),
      `the stream "${streamId}" ${from === undefined ? 'goes on where it was' : `goes on behind ${from} of the log`}`,
    );
  }

  async test(streamId: string): Promise<CommandAnswer> {
    await this.upToDate();
    const stream = this.ports.registry.find(streamId);
    if (!stream) return refused(noStream(streamId));
    try {
      const { destination, format } = this.ports.open(stream.definition);
      try {
        await destination.test(await format.test(randomUUID()), AbortSignal.timeout(testMs));
      } finally {
        await destination.close();
      }
      return done(`the destination of "${streamId}" has taken a test`);
    } catch (error) {
      if (!(error instanceof Undelivered)) throw error;
      return refused(`the destination of "${streamId}" does not take anything: ${error.message}`);
    }
  }

  /** Public keys of all streams that sign; a stream whose key cannot be read has none at the moment. */
  async keys(): Promise<CommandAnswer> {
    await this.upToDate();
    const names = new Set(
      this.ports.registry.list().flatMap(({ definition: { format } }) => (format.kind === 'set' ? [format.token.signingKey] : [])),
    );
    const keys = await Promise.allSettled([...names].map((name) => this.ports.signingKeyOf(name)));
    const broken = keys.find((key) => key.status === 'rejected' && !(key.reason instanceof Undelivered)) as
      | PromiseRejectedResult
      | undefined;
    if (broken) throw broken.reason;
    return done('', { keys: keys.flatMap((key) => (key.status === 'fulfilled' ? [key.value.publicKey] : [])) });
  }

  /** @returns what is known now, before anybody orders anything else */
  async upToDate(): Promise<void> {
    await this.ports.registry.reached((await this.ports.log.findLast(streamSubject))?.sequence ?? 0);
  }

  private known(streamId: string, decide: (stream: KnownStream) => Decision): Decision {
    const stream = this.ports.registry.find(streamId);
    return stream ? decide(stream) : noStream(streamId);
  }

  /** Decides upon what is there and writes it, again when another instance was faster. */
  private async order(decide: () => Decision, message: string): Promise<CommandAnswer> {
    const { registry, appender } = this.ports;
    for (let attempt = 1; ; attempt++) {
      await this.upToDate();
      const seen = registry.position;
      const decision = decide();
      if (typeof decision === 'string') return refused(decision);
      try {
        const [sequence] = await appender.append([decision], new Map([[streamSubject, seen]]));
        await registry.reached(sequence!);
        return done(message);
      } catch (error) {
        if (!(error instanceof StaleWriter) || attempt >= mostAttempts) throw error;
      }
    }
  }

  private event<Definition extends EventDefinition>(definition: Definition, by: Initiator, said: Omit<DataOf<Definition>, 'jobId' | 'by'>) {
    return {
      jobId: installationId,
      lane: streamLane,
      stage: 'audit-streamer',
      definition,
      id: randomUUID(),
      at: this.ports.now().toISOString(),
      cause: 0,
      position: 0,
      about: installationId,
      data: { ...said, jobId: installationId, by },
    } as const;
  }
}

/** An event to write, or why not. */
type Decision = ReturnType<StreamOrders['event']> | string;

const noStream = (streamId: string): string => `there is no stream "${streamId}"`;
const done = (message: string, result: Record<string, unknown> = {}): CommandAnswer => ({ ok: true, message, issues: [], result });
const refused = (message: string): CommandAnswer => ({ ok: false, message, issues: [], result: {} });
