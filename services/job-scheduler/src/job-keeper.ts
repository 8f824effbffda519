import { randomUUID } from 'node:crypto';

import { type Said, StaleWriter } from '@provident/bus';
import {
  CycleOpened,
  ImportCompleted,
  ImportFailed,
  JobConfigured,
  JobStateChanged,
  type Lane,
  type LogEvent,
  PageImported,
  RemovalsHeld,
  RemovalsReleased,
  configLane,
  is,
  jobLane,
  subjectOf,
} from '@provident/contracts';
import { type CycleId, type JobId, type JobLife, asCycleId, foldJob, isJobFact, unknownJob } from '@provident/domain';
import { type ServicePorts, StateFold } from '@provident/service-kit';
import type { Msg } from '@nats-io/transport-node';
import type { DataSource, EntityManager } from 'typeorm';

import { answerOrder } from './commands/answer-order.js';
import { ownerSubject } from './commands/job-owners.js';
import { CountReader } from './count-reader.js';
import { nothingCounted } from './cycle-count.js';
import { type JobState, nextStep } from './next-step.js';
import { JobLifeRow } from './state/schema.js';

export interface KeeperPorts extends ServicePorts {
  readonly database: DataSource;
  readonly assertHeld: () => void;
}

const tickMs = 250;

/** Keeps one job: folds its life from the log, opens and closes its cycles, decides upon removals, takes orders. */
export class JobKeeper {
  private life: JobLife = unknownJob;
  private decided: CycleId | null = null;
  private openedSequence = 0;
  private read = 0;
  private counter: CountReader | null = null;
  private fold!: StateFold;
  private readonly stop = new AbortController();
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly jobId: JobId,
    private readonly ports: KeeperPorts,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    const { log, database, connection } = this.ports;
    signal.addEventListener('abort', () => this.stop.abort());
    const kept = await database.getRepository(JobLifeRow).findOneBy({ jobId: this.jobId });
    if (kept) {
      this.life = kept.life;
      this.decided = kept.decidedCycleId as CycleId | null;
    }
    this.fold = await StateFold.open(log, database, {
      name: this.jobId,
      filters: [
        subjectOf(this.jobId, configLane, 'job-scheduler'),
        subjectOf(this.jobId, jobLane, 'job-scheduler'),
        subjectOf(this.jobId, jobLane, 'importer'),
      ],
      apply: (events, manager) => this.apply(events, manager),
      folded: () => void this.take(),
    });
    await this.fold.catchUp(this.stop.signal);
    const orders = connection.subscribe(ownerSubject(this.jobId), { callback: (_error, message) => void this.order(message) });
    const timer = setInterval(() => void this.take(), tickMs);
    try {
      await this.fold.run(this.stop.signal);
    } finally {
      clearInterval(timer);
      orders.unsubscribe();
      this.stop.abort();
      this.counter?.end();
      await this.turn;
    }
    if (this.failure) throw this.failure;
  }

  private failure: unknown = null;

  /** One step at a time; a step that fails ends the run, and the next one starts from the log. */
  private take(): Promise<void> {
    const step = this.turn
      .then(() => this.step())
      .catch((error: unknown) => {
        this.failure ??= error;
        this.stop.abort();
      });
    this.turn = step;
    return step;
  }

  private async step(): Promise<void> {
    if (this.stop.signal.aborted) return;
    await this.keepCounting();
    const said = nextStep(this.state(), this.ports.now().getTime(), asCycleId(randomUUID()));
    if (said.length > 0) await this.say(said);
  }

  private state(): JobState {
    const { life, jobId, read } = this;
    const isDecided = life.running !== null && this.decided === life.running.cycleId;
    return { jobId, life, read, isDecided, count: this.counter?.count ?? nothingCounted };
  }

  private async keepCounting(): Promise<void> {
    const running = this.life.running?.cycleId ?? null;
    if (this.counter && this.counter.cycleId !== running) {
      this.counter.end();
      this.counter = null;
    }
    if (running === null || this.counter) return;
    const { log, database } = this.ports;
    const openedAt = this.openedSequence || (await this.findOpened(running));
    this.counter = await CountReader.start(log, database, this.jobId, running, openedAt, () => void this.take());
  }

  /** After a takeover: where the open cycle began. */
  private async findOpened(cycleId: CycleId): Promise<number> {
    const last = await this.ports.log.findLast(subjectOf(this.jobId, jobLane, 'job-scheduler'));
    for (let event = last; event; event = await this.ports.log.find(event.cause)) {
      if (is(event, CycleOpened) && event.data.cycleId === cycleId) return event.sequence;
    }
    throw new Error(`cycle ${cycleId} is open, but its beginning is not in the log`);
  }

  /** Appends what is said of the job, and waits until it is folded: the next step is decided from it. @throws StaleWriter */
  async say(said: readonly Said[]): Promise<void> {
    const { appender, assertHeld, log, now } = this.ports;
    assertHeld();
    const lanes = said.map(laneFor);
    const expected = new Map<string, number>();
    const previous = new Map<Lane, number>();
    for (const lane of new Set(lanes)) {
      const subject = subjectOf(this.jobId, lane, 'job-scheduler');
      const last = (await log.findLast(subject))?.sequence ?? 0;
      if (last > this.fold.position) return; // not folded yet: decided too early
      expected.set(subject, last);
      previous.set(lane, last);
    }
    const at = now().toISOString();
    // Each event of the job names the one before it as its cause, so that a cycle's beginning can be found from its latest event.
    const events = said.map((each, index) => ({
      ...each,
      jobId: this.jobId,
      lane: lanes[index]!,
      stage: 'job-scheduler' as const,
      at,
      cause: previous.get(lanes[index]!) ?? 0,
      position: this.fold.position,
    }));
    try {
      const sequences = await appender.append(events, expected);
      await Promise.race([this.fold.waitFor(sequences.at(-1)!), this.stopped()]);
    } catch (error) {
      if (!(error instanceof StaleWriter)) throw error; // somebody else wrote: fold it first, then decide again
    }
  }

  private stopped(): Promise<void> {
    const { signal } = this.stop;
    return new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })));
  }

  private async apply(events: readonly LogEvent[], manager: EntityManager): Promise<void> {
    for (const event of events) this.foldEvent(event);
    await manager
      .getRepository(JobLifeRow)
      .upsert({ jobId: this.jobId, life: this.life as never, decidedCycleId: this.decided }, ['jobId']);
  }

  private foldEvent(event: LogEvent): void {
    if (isJobFact(event)) this.life = foldJob(this.life, event);
    if (is(event, CycleOpened)) {
      this.openedSequence = event.sequence;
      this.read = 0;
    }
    if (is(event, PageImported) || is(event, ImportCompleted) || is(event, ImportFailed)) this.read = event.data.read;
    if (is(event, RemovalsHeld) || is(event, RemovalsReleased)) this.decided = this.life.running?.cycleId ?? null;
  }

  private async order(message: Msg): Promise<void> {
    const answered = this.turn.then(() =>
      answerOrder(message.json(), { state: this.state(), say: (said) => this.say(said), newCycleId: () => asCycleId(randomUUID()) }),
    );
    this.turn = answered.catch(() => undefined); // told to whoever asked
    message.respond(
      JSON.stringify(
        await answered.catch((error: unknown) => ({ ok: false, message: `not done: ${(error as Error).message}`, issues: [], result: {} })),
      ),
    );
  }
}

const laneFor = ({ definition }: Said): Lane =>
  definition.type === JobConfigured.type || definition.type === JobStateChanged.type ? configLane : jobLane;
