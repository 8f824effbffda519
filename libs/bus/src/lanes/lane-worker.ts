import type { LogEvent } from '@provident/contracts';
import { subjectOf } from '@provident/contracts';

import type { Appender } from '../appender.js';
import { type EventLog, type NewEvent, spanNow } from '../event-log.js';
import type { LaneWatch } from './lane-watch.js';
import type { Answer, LaneContext, LaneProgram, LaneSession, Said, Unit } from './lane-program.js';

interface Entry {
  readonly event: LogEvent;
  readonly beganAt: number;
  answer: Answer | null;
}

export interface WorkerPorts {
  readonly log: EventLog;
  readonly appender: Appender;
  readonly now: () => Date;
  readonly assertHeld: () => void;
  readonly watch?: LaneWatch;
}

const dueEveryMs = 1_000;
const mostPerAppend = 500;
const drainMs = 4_000;

/**
 * Runs one stage in one lane from where its last output stands: inputs are handled several at once, answered in order, and what is ready is
 * appended in one batch that carries the new position. Any doubt (a stale append, a lost answer, a handler's bug) ends the run; the caller
 * starts another, which reads the position from the log again.
 */
export class LaneWorker {
  private readonly entries: Entry[] = [];
  private readonly chains = new Map<string, Promise<void>>();
  private readonly subject: string;
  private readonly stop = new AbortController();
  private readonly effects = new AbortController();
  private session!: LaneSession;
  private lastOwn = 0;
  private position = 0;
  /** Inputs taken, from the first that an earlier instance may have had in hand without having been able to say so. */
  private handled = 0;
  private hasSaid = false;
  private hasGivenUp = false;
  private behind = 0;
  private flushing: Promise<void> | null = null;
  private failure: unknown = null;
  private room: (() => void) | null = null;

  constructor(
    private readonly program: LaneProgram,
    private readonly unit: Unit,
    private readonly ports: WorkerPorts,
  ) {
    this.subject = subjectOf(unit.jobId, unit.lane, program.stage);
  }

  /** Works until the signal is given. @throws what ended the run early */
  async run(signal: AbortSignal): Promise<void> {
    const end = (): void => this.halt(null);
    signal.addEventListener('abort', end);
    const { log, assertHeld } = this.ports;
    const last = await log.findLast(this.subject);
    this.lastOwn = last?.sequence ?? 0;
    const head = await log.head();
    const context: LaneContext = { ...this.unit, position: last?.position ?? 0, head, assertHeld, signal: this.effects.signal };
    this.session = await this.program.open(context);
    this.position = Math.max(context.position, this.session.startAfter ?? 0);
    const timer = setInterval(() => void this.sayWhatIsDue(), dueEveryMs);
    const endWatch = this.ports.watch?.begin(this.program.stage, this.unit, () => ({
      waiting: this.entries.length + this.behind,
      oldestAt: this.entries[0]?.event.at ?? null,
    }));
    try {
      if (signal.aborted) return;
      for await (const events of log.read({
        filters: this.program.hears(this.unit),
        after: this.position,
        signal: this.stop.signal,
        batch: this.program.window,
        onBehind: (events) => (this.behind = events),
      })) {
        for (const event of events) {
          await this.waitForRoom();
          if (this.stop.signal.aborted) break;
          this.take(event, head);
        }
      }
      await this.drain();
    } finally {
      clearInterval(timer);
      endWatch?.();
      signal.removeEventListener('abort', end);
      this.stop.abort();
      this.effects.abort();
      await this.session.close?.();
    }
    if (this.failure) throw this.failure;
  }

  /** Lets what is being handled come to its end and be told; what takes too long is given up and done again by the successor. */
  private async drain(): Promise<void> {
    const limit = setTimeout(() => this.giveUp(), drainMs);
    await Promise.allSettled(this.chains.values());
    clearTimeout(limit);
    while (this.flushing !== null || (this.failure === null && this.hasCompleteHead())) await (this.flushing ?? this.flush());
  }

  private giveUp(): void {
    this.hasGivenUp = true;
    this.effects.abort();
  }

  private halt(failure: unknown): void {
    this.failure ??= failure;
    this.stop.abort();
    if (this.failure !== null) this.effects.abort();
    this.room?.();
  }

  private async waitForRoom(): Promise<void> {
    while (this.entries.length >= this.program.window && !this.stop.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.room = resolve;
      });
    }
  }

  private take(event: LogEvent, head: number): void {
    const entry: Entry = { event, beganAt: spanNow(), answer: null };
    this.entries.push(entry);
    const inDoubt = event.sequence <= head && this.handled < this.program.window;
    this.handled++;
    const key = this.session.keyOf(event);
    const heard = { event, inDoubt, earlier: this.earlier };
    const before = this.chains.get(key);
    if (before === undefined) {
      const answer = this.attempt(() => this.session.handle(heard));
      if (!(answer instanceof Promise)) return this.answered(entry, answer);
      this.chain(
        key,
        answer.then((value) => this.answered(entry, value)),
      );
    } else {
      this.chain(
        key,
        before.then(async () => {
          if (!this.stop.signal.aborted) this.answered(entry, await this.session.handle(heard));
        }),
      );
    }
  }

  private readonly earlier = (key: string): Promise<void> | undefined => this.chains.get(key);

  private attempt(handle: () => Answer | Promise<Answer>): Answer | Promise<Answer> {
    try {
      return handle();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  private chain(key: string, work: Promise<void>): void {
    const tail = work
      .catch((error: unknown) => this.halt(this.hasGivenUp ? null : error))
      .finally(() => {
        if (this.chains.get(key) === tail) this.chains.delete(key);
      });
    this.chains.set(key, tail);
  }

  private answered(entry: Entry, answer: Answer): void {
    // After a lost append, an answer that comes late would pass over the lost ones; after giving up, it may tell of nothing but that.
    if (this.failure !== null || this.hasGivenUp) return;
    entry.answer = answer;
    if (this.flushing === null && this.hasCompleteHead()) void this.flush();
  }

  private flush(): Promise<void> {
    // A turn of the event loop later, so that answers that are ready at the same time travel together.
    this.flushing = new Promise<void>((resolve) => setImmediate(resolve))
      .then(() => this.appendReady())
      .catch((error: unknown) => this.halt(error))
      .finally(() => {
        this.flushing = null;
        if (this.failure === null && this.hasCompleteHead()) void this.flush();
      });
    return this.flushing;
  }

  /** Whether some answer at the head of the queue can be appended now. */
  private hasCompleteHead(): boolean {
    for (const { answer } of this.entries) {
      if (answer === null) return false;
      if (answer !== 'together') return true;
    }
    return false;
  }

  private async appendReady(): Promise<void> {
    if (this.failure !== null) return;
    const ready = this.takeReady();
    if (ready.length === 0) return;
    this.noteSilence(ready);
    const position = ready.at(-1)!.event.sequence;
    const said = ready.flatMap(({ event, beganAt, answer }) =>
      (answer as readonly Said[] | 'together') === 'together'
        ? []
        : (answer as readonly Said[]).map((each) => ({ each, cause: event.sequence, beganAt })),
    );
    if (said.length === 0) {
      this.position = position;
      await this.session.passed?.(position);
    } else {
      await this.append(said, position);
    }
    if (this.ports.watch) for (const { event } of ready) this.ports.watch.answered(this.program.stage, event);
    this.room?.();
  }

  /** Nothing in the log tells how far an earlier instance had passed inputs that need no word: those before the first word leave the doubt as it is. */
  private noteSilence(ready: readonly Entry[]): void {
    if (this.hasSaid) return;
    const first = ready.findIndex(({ answer }) => answer !== 'together' && answer !== null && answer.length > 0);
    this.hasSaid = first >= 0;
    this.handled -= this.hasSaid ? first : ready.length;
  }

  /** The answered head of the queue, up to the last entry that is not waiting for the next one. What is too much for one append goes alone. */
  private takeReady(): Entry[] {
    let end = 0;
    let outputs = 0;
    for (const [index, { answer }] of this.entries.entries()) {
      if (answer === null || outputs >= mostPerAppend) break;
      if (answer === 'together') continue;
      if (outputs > 0 && outputs + answer.length > mostPerAppend) break;
      outputs += answer.length;
      end = index + 1;
    }
    return this.entries.splice(0, end);
  }

  private async append(said: readonly { each: Said; cause: number; beganAt?: number }[], position: number): Promise<void> {
    const at = this.ports.now().toISOString();
    const { jobId, lane } = this.unit;
    const { stage } = this.program;
    const events = said.map(
      ({ each, cause, beganAt }): NewEvent => ({ ...each, jobId, lane, stage, at, cause, position, span: { beganAt } }),
    );
    for (let from = 0; from < events.length; from += mostPerAppend) {
      const part = events.slice(from, from + mostPerAppend);
      const isLast = from + mostPerAppend >= events.length;
      // Only the last part says that the inputs are answered.
      const stamped = isLast ? part : part.map((event) => ({ ...event, position: this.position }));
      const sequences = await this.ports.appender.append(stamped, new Map([[this.subject, this.lastOwn]]));
      this.lastOwn = sequences.at(-1)!;
      if (isLast) this.position = position;
      await this.session.settled?.(
        stamped.map((event, index) => ({ ...event, type: event.definition.type, sequence: sequences[index]! })),
        this.position,
      );
    }
  }

  private async sayWhatIsDue(): Promise<void> {
    if (!this.session.due || this.flushing !== null || this.stop.signal.aborted) return;
    this.flushing = this.session
      .due()
      .then((said) =>
        said.length > 0
          ? this.append(
              said.map((each) => ({ each, cause: 0 })),
              this.position,
            )
          : undefined,
      )
      .catch((error: unknown) => this.halt(error))
      .finally(() => {
        this.flushing = null;
        if (this.failure === null && this.hasCompleteHead()) void this.flush();
      });
    await this.flushing;
  }
}
