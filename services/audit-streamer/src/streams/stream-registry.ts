import { type EventLog, endsInOrder } from '@provident/bus';
import {
  installationId,
  is,
  type LogEvent,
  StreamAdded,
  type StreamDefinition,
  streamLane,
  StreamPaused,
  StreamRemoved,
  StreamStarted,
  subjectOf,
} from '@provident/contracts';

export const streamSubject = subjectOf(installationId, streamLane, 'audit-streamer');

/** A stream as the log says it is. */
export interface KnownStream {
  readonly definition: StreamDefinition;
  /** Log sequence of the event that added it: tells it from one of the same name before. */
  readonly added: number;
  readonly addedAt: string;
  readonly addedBy: string;
  /** Log sequence of the newest order about it. */
  readonly revision: number;
  readonly isPaused: boolean;
  /** Log sequence behind which it is to begin, and the order that said so. */
  readonly from: { readonly sequence: number; readonly saidAt: number };
}

type Streams = ReadonlyMap<string, KnownStream>;

/** The streams after one more event. Pure. */
export function foldStream(streams: Streams, event: LogEvent): Streams {
  if (is(event, StreamAdded)) {
    const { definition, from, by } = event.data;
    const known: KnownStream = {
      definition,
      added: event.sequence,
      addedAt: event.at,
      addedBy: by.name,
      revision: event.sequence,
      isPaused: false,
      from: { sequence: from, saidAt: event.sequence },
    };
    return new Map([...streams, [definition.streamId, known]]);
  }
  if (is(event, StreamRemoved)) return new Map([...streams].filter(([id]) => id !== event.data.streamId));
  const known = is(event, StreamPaused) || is(event, StreamStarted) ? streams.get(event.data.streamId) : undefined;
  if (!known) return streams;
  const from = is(event, StreamStarted) ? event.data.from : null;
  const changed: KnownStream = {
    ...known,
    revision: event.sequence,
    isPaused: is(event, StreamPaused),
    ...(from !== null && { from: { sequence: from, saidAt: event.sequence } }),
  };
  return new Map([...streams, [known.definition.streamId, changed]]);
}

/** Which streams there are now, as the log says. */
export class StreamRegistry {
  private streams: Streams = new Map();
  private at = 0;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly log: EventLog) {}

  /** Reads what there is, then follows until the signal is given. Resolves when it has caught up; a failure later on is the process's end. */
  async start(signal: AbortSignal): Promise<void> {
    const newest = (await this.log.findLast(streamSubject))?.sequence ?? 0;
    endsInOrder(this.follow(signal));
    await this.reached(newest);
  }

  /** Sequence of the newest order that is known here. */
  get position(): number {
    return this.at;
  }

  list(): KnownStream[] {
    return [...this.streams.values()];
  }

  find(streamId: string): KnownStream | undefined {
    return this.streams.get(streamId);
  }

  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  /** Resolves once the order at the sequence is known here. */
  reached(sequence: number): Promise<void> {
    if (this.at >= sequence) return Promise.resolve();
    return new Promise((resolve) => {
      const listener = (): void => {
        if (this.at < sequence) return;
        this.listeners.delete(listener);
        resolve();
      };
      this.listeners.add(listener);
    });
  }

  private async follow(signal: AbortSignal): Promise<void> {
    for await (const events of this.log.read({ filters: [streamSubject], after: 0, signal })) {
      for (const event of events) {
        this.streams = foldStream(this.streams, event);
        this.at = event.sequence;
      }
      for (const listener of this.listeners) listener();
    }
  }
}
