import type { EventLog } from '@provident/bus';
import { type DataOf, type EventDefinition, type LogEvent, everything, is } from '@provident/contracts';
import { eventually } from '@provident/testing';

export type Event<Definition> = LogEvent<DataOf<Definition>>;

/** Everything that the log says, as it comes. */
export class LogFollower {
  readonly events: LogEvent[] = [];
  private readonly stop = new AbortController();
  private position = 0;
  private readonly following: Promise<void>;

  constructor(private readonly log: EventLog) {
    this.following = this.follow();
  }

  /** All events of a job that are in the log now. */
  async read(jobId: string): Promise<LogEvent[]> {
    const head = await this.log.head();
    await eventually(() => this.position >= head, { timeoutMs: 20_000 });
    return this.known(jobId);
  }

  known(jobId: string): LogEvent[] {
    return this.events.filter((event) => event.jobId === jobId);
  }

  /** The first event of that kind that fits, now or later. */
  async find<Definition extends EventDefinition>(
    jobId: string,
    definition: Definition,
    fits: (event: Event<Definition>) => boolean = () => true,
    timeoutMs = 30_000,
  ): Promise<Event<Definition>> {
    const search = (): Event<Definition> | undefined =>
      this.events.find((event): event is Event<Definition> => event.jobId === jobId && is(event, definition) && fits(event));
    try {
      return await eventually(search, { timeoutMs });
    } catch {
      const tail = this.known(jobId).slice(-8);
      const told = tail.map(({ sequence, type, data }) => `  ${sequence} ${type} ${JSON.stringify(data).slice(0, 200)}`).join('\n');
      throw new Error(`no ${definition.type} of ${jobId} that fits within ${timeoutMs} ms; the log ends with\n${told}`);
    }
  }

  async end(): Promise<void> {
    this.stop.abort();
    await this.following;
  }

  private async follow(): Promise<void> {
    for await (const batch of this.log.read({ filters: [everything], after: 0, signal: this.stop.signal, batch: 1_000 })) {
      this.events.push(...batch);
      this.position = batch.at(-1)!.sequence;
    }
  }
}
