import { randomUUID } from 'node:crypto';

import { type Said, StaleWriter } from '@provident/bus';
import {
  type CommandAnswer,
  CycleProgress,
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
import {
  type CycleId,
  JobDefinition,
  type JobId,
  type JobLife,
  asCycleId,
  countOf,
  foldJob,
  isJobFact,
  noticeOf,
  standingOf,
  unknownJob,
} from '@provident/domain';
import { BaseDir, type ServicePorts, StateFold } from '@provident/service-kit';
import type { SecretReader } from '@provident/vault';
import type { Msg } from '@nats-io/transport-node';
import type { DataSource, EntityManager } from 'typeorm';

import { answerOrder } from './commands/answer-order.js';
import { type Change, changeAfter, contradiction } from './commands/contradiction.js';
import type { OrderContext } from './commands/order-context.js';
import { type Order, ownerSubject, refused, refusedIn, wasDeleted } from './commands/job-owners.js';
import { askService } from './ask-service.js';
import type { SchedulerConfig } from './config.js';
import { ConnectionProbe } from './connection-probe.js';
import { CountReader } from './count-reader.js';
import { HeldReader, heldSince } from './held-reader.js';
import { nothingCounted } from './cycle-count.js';
import { type JobState, nextStep } from './next-step.js';
import { type News, foldNotices } from './notices/fold-notices.js';
import { NoticeSender } from './notices/notice-sender.js';
import { JobLifeRow } from './state/schema.js';

export interface KeeperPorts extends ServicePorts {
  readonly config: SchedulerConfig;
  readonly database: DataSource;
  readonly vault?: SecretReader;
  readonly assertHeld: () => void;
}

const tickMs = 250;
const mostAttempts = 5;
const probeTimeoutMs = 20_000;

/** Keeps one job: folds its life from the log, opens and closes its cycles, decides upon removals, takes orders. */
export class JobKeeper {
  private life: JobLife = unknownJob;
  private decided: CycleId | null = null;
  private openedSequence = 0;
  private read = 0;
  private counter: CountReader | null = null;
  private heldReader: HeldReader | null = null;
  private fold!: StateFold;
  private readonly stop = new AbortController();
  private turn: Promise<unknown> = Promise.resolve();
  private failure: unknown = null;
  private readonly probe: ConnectionProbe;
  private readonly notices: NoticeSender;
  /** Who comes later than that, and did not know of it, is told. */
  private changed: Change | null = null;
  private configured: OrderContext['configured'] = null;
  /** What there is to tell people of the events that are being folded. */
  private news: News[] = [];

  constructor(
    private readonly jobId: JobId,
    private readonly ports: KeeperPorts,
  ) {
    const { connection, config, registry, database, vault, now, assertHeld } = ports;
    const baseDir = (): string => new BaseDir(config.PROVIDENT_BASE_DIR).for(registry.find(jobId)?.configured.baseDir ?? '.');
    this.probe = new ConnectionProbe((subject, data) => askService(connection, subject, data, probeTimeoutMs), baseDir);
    this.notices = new NoticeSender({
      jobId,
      database,
      mail: config,
      now,
      baseDir,
      vault,
      network: config.PROVIDENT_ALLOWED_NETWORKS,
      definition: () => this.life.definition,
      tell: (said) => this.tell(said),
      assertHeld,
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    const { log, database, connection } = this.ports;
    signal.addEventListener('abort', () => this.stop.abort());
    const kept = await database.getRepository(JobLifeRow).findOneBy({ jobId: this.jobId });
    if (kept) {
      this.life = withDefaults(kept.life);
      this.decided = kept.decidedCycleId as CycleId | null;
      this.read = kept.read;
      this.openedSequence = Number(kept.openedSequence);
    }
    this.fold = await StateFold.open(log, database, {
      name: this.jobId,
      filters: [
        subjectOf(this.jobId, configLane, 'job-scheduler'),
        subjectOf(this.jobId, jobLane, 'job-scheduler'),
        subjectOf(this.jobId, jobLane, 'importer'),
      ],
      apply: (events, manager) => this.apply(events, manager),
      folded: () => {
        if (this.news.length > 0) this.notices.wake();
        void this.take();
      },
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
      this.heldReader?.end();
      await this.turn;
      await this.notices.ended();
    }
    if (this.failure) throw this.failure;
  }

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
    this.keepReadingHeld();
    this.probe.look(this.life, this.ports.now().getTime(), () => void this.take());
    this.notices.kick((error) => this.ports.logger.warn({ err: error, jobId: this.jobId }, 'notices wait'));
    const knownUntil = this.fold.position;
    const said = nextStep(this.state(), this.ports.now().getTime(), asCycleId(randomUUID()));
    if (said.length > 0) await this.say(said, knownUntil).catch(ignoreStale);
    this.tellProgress();
  }

  private tellProgress(): void {
    if (!this.counter) return;
    const progress: CycleProgress = { cycleId: this.counter.cycleId, settled: countOf(this.counter.count.outcomes) };
    this.ports.connection.publish(CycleProgress.subject(this.jobId), JSON.stringify(progress));
  }

  private state(): JobState {
    const { jobId, read } = this;
    const held = this.heldReader?.stillHeld(this.life.held);
    const life = held ? { ...this.life, held } : this.life;
    const isDecided = life.running !== null && this.decided === life.running.cycleId;
    return { jobId, life, read, isDecided, count: this.counter?.count ?? nothingCounted, isReachable: this.probe.isReachable };
  }

  private async keepCounting(): Promise<void> {
    const running = this.life.running?.cycleId ?? null;
    if (this.counter && this.counter.cycleId !== running) {
      this.counter.end();
      this.counter = null;
    }
    if (running === null || this.counter) return;
    const { log, database } = this.ports;
    this.counter = await CountReader.start(log, database, this.jobId, running, this.openedSequence, () => void this.take());
  }

  private keepReadingHeld(): void {
    const since = heldSince(this.life.held);
    if (since === null) {
      this.heldReader?.end();
      this.heldReader = null;
      return;
    }
    this.heldReader ??= HeldReader.start(this.ports.log, this.jobId, since, () => void this.take());
  }

  /**
   * Appends what is said of the job, and waits until it is folded: the next step is decided from it.
   * @param knownUntil how far the log was folded when that was decided
   * @throws StaleWriter
   */
  private async say(said: readonly Said[], knownUntil: number): Promise<void> {
    const { appender, assertHeld, log, now } = this.ports;
    assertHeld();
    const lanes = said.map(laneFor);
    const expected = new Map<string, number>();
    for (const lane of new Set(lanes)) {
      const subject = subjectOf(this.jobId, lane, 'job-scheduler');
      const last = (await log.findLast(subject))?.sequence ?? 0;
      if (last > knownUntil) await this.refuseStale(last);
      expected.set(subject, last);
    }
    const at = now().toISOString();
    const events = said.map((each, index) => ({
      ...each,
      jobId: this.jobId,
      lane: lanes[index]!,
      stage: 'job-scheduler' as const,
      at,
      cause: 0,
      position: knownUntil,
    }));
    const sequences = await appender.append(events, expected);
    await Promise.race([this.fold.waitFor(sequences.at(-1)!), this.stopped()]);
  }

  /** Says one thing at its turn, whatever was said meanwhile. */
  private tell(said: Said): Promise<void> {
    const told = this.turn.then(async () => {
      for (let attempt = 1; !this.stop.signal.aborted; attempt++) {
        try {
          return await this.say([said], this.fold.position);
        } catch (error) {
          if (!(error instanceof StaleWriter) || attempt >= mostAttempts) throw error;
        }
      }
    });
    this.turn = told.catch(() => undefined); // told to whoever wanted it said
    return told;
  }

  /** Somebody else wrote of this job: that is folded first, and then decided anew. */
  private async refuseStale(sequence: number): Promise<never> {
    await Promise.race([this.fold.waitFor(sequence), this.stopped()]);
    throw new StaleWriter(`something was said of job ${this.jobId} at ${sequence} that was not known yet`);
  }

  private stopped(): Promise<void> {
    const { signal } = this.stop;
    return new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })));
  }

  private async apply(events: readonly LogEvent[], manager: EntityManager): Promise<void> {
    this.news = [];
    for (const event of events) this.foldEvent(event);
    await foldNotices(this.jobId, this.news, events, this.ports.now(), manager);
    const { jobId, life, decided: decidedCycleId, read, openedSequence } = this;
    await manager
      .getRepository(JobLifeRow)
      .upsert({ jobId, life: life as never, decidedCycleId, read, openedSequence: String(openedSequence) }, ['jobId']);
  }

  private foldEvent(event: LogEvent): void {
    if (isJobFact(event)) {
      const notice = noticeOf(this.life, event);
      if (notice) this.news.push({ notice, event, definition: this.life.definition });
      this.life = foldJob(this.life, event);
    }
    this.changed = changeAfter(this.changed, event);
    if (is(event, JobConfigured)) this.configured = { sequence: event.sequence, by: event.data.by };
    if (is(event, CycleOpened)) {
      this.openedSequence = event.sequence;
      this.read = 0;
    }
    if (is(event, PageImported) || is(event, ImportCompleted) || is(event, ImportFailed)) this.read = event.data.read;
    // A person who releases removals of earlier cycles decides nothing about those of the open one.
    const isDecision = is(event, RemovalsHeld) || (is(event, RemovalsReleased) && event.data.by.kind === 'system');
    if (isDecision) this.decided = this.life.running?.cycleId ?? null;
  }

  private async order(message: Msg): Promise<void> {
    const knownUntil = this.fold.position;
    const answered = this.turn.then(() => this.carryOut(message.json(), knownUntil));
    this.turn = answered.catch(() => undefined); // told to whoever asked
    message.respond(JSON.stringify(await answered.catch((error: unknown) => refused(`not done: ${(error as Error).message}`))));
  }

  /** Of an order that contradicts the job's state. */
  private refusalOf({ name }: Order, knownUntil: number): CommandAnswer | null {
    const { jobId, life } = this;
    // The keeper of a deleted job ends, maybe before it has folded why.
    const isDeleted = life.isRemoved || this.ports.registry.find(jobId)?.state === 'removed';
    if (isDeleted) return refusedIn('deleted', wasDeleted(jobId));
    const contradicted = contradiction(name, knownUntil, this.changed);
    return contradicted === null ? null : refusedIn(standingOf(life) ?? 'active', `job "${jobId}" ${contradicted}`);
  }

  private async carryOut(order: Order, knownUntil: number): Promise<CommandAnswer> {
    for (let attempt = 1; ; attempt++) {
      const refusal = this.refusalOf(order, knownUntil);
      if (refusal) return refusal;
      const { position } = this.fold;
      try {
        return await answerOrder(order, {
          state: this.state(),
          position,
          configured: this.configured,
          say: (said) => this.say(said, position),
          newCycleId: () => asCycleId(randomUUID()),
        });
      } catch (error) {
        if (!(error instanceof StaleWriter)) throw error;
        if (attempt < mostAttempts && !this.stop.signal.aborted) continue;
        const why = this.refusalOf(order, knownUntil);
        if (why) return why;
        throw error;
      }
    }
  }
}

/** The next step is decided from what was written by somebody else. */
function ignoreStale(error: unknown): void {
  if (!(error instanceof StaleWriter)) throw error;
}

/** A life that an older version has kept, with what job files have learned to say since. */
function withDefaults(life: JobLife): JobLife {
  return { ...unknownJob, ...life, definition: life.definition && JobDefinition.parse(life.definition) };
}

const laneFor = ({ definition }: Said): Lane =>
  definition.type === JobConfigured.type || definition.type === JobStateChanged.type ? configLane : jobLane;
