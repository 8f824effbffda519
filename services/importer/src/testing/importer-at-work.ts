import { randomUUID } from 'node:crypto';

import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { Appender, JobRegistry, connectBroker } from '@provident/bus';
import { MemoryLog, aJob, anInstant, jobConfigured, newEvent, tell } from '@provident/bus/testing';
import { MemoryTarget } from '@provident/connectors/testing';
import {
  CommandAnswer,
  CycleOpened,
  type DataOf,
  type EventDefinition,
  ImportCompleted,
  ImportFailed,
  type LogEvent,
  is,
  jobLane,
} from '@provident/contracts';
import { type JobDefinition, asCycleId } from '@provident/domain';
import { job } from '@provident/domain/testing';
import { testNatsUrl } from '@provident/embedded/testing';
import { eventually } from '@provident/testing';
import type { DataSource } from 'typeorm';

import { type ImporterPorts, JobImporter } from '../job-importer.js';
import { importerDatabase } from './importer-database.js';
import { MemorySource } from './memory-source.js';
import { RestOfPipeline } from './rest-of-pipeline.js';

/** Some cycles have hundreds of people, on machines that have other things to do. */
const longestCycleMs = 120_000;

export const kim = { kind: 'user' as const, name: 'kim' };

type Parts = NonNullable<Parameters<typeof jobConfigured>[0]>;
type Completed = DataOf<typeof ImportCompleted>;
type Kind = 'initial' | 'incremental';

interface CycleOptions {
  /** From where the source is read; from where the last cycle ended, unless given. */
  readonly watermark?: Record<string, unknown> | null;
  readonly drift?: 'report' | 'repair';
}

/** One run of an importer. Whether a failure of it is expected is up to whoever asks for its end; one that nobody asks for fails the test. */
export class ImporterRun {
  private readonly abort = new AbortController();
  private readonly ending: Promise<void>;
  private isAskedFor = false;

  constructor(run: (signal: AbortSignal) => Promise<void>) {
    this.ending = run(this.abort.signal);
    this.ending.catch(() => undefined); // told by `ended` or `over`
  }

  get ended(): Promise<void> {
    this.isAskedFor = true;
    return this.ending;
  }

  stop(): Promise<void> {
    this.abort.abort();
    return this.ended;
  }

  /** Stops it at the end of the test. @throws its failure, unless somebody asked for that */
  async over(): Promise<void> {
    this.abort.abort();
    await (this.isAskedFor ? this.ending.catch(() => undefined) : this.ending);
  }
}

/**
 * The importer of one job at work, on a database and a part of the broker of its own, with a log, a source and a target in memory. All are new for each
 * test, which configures the job and starts importers. Registers what has to be done before and after each.
 */
export class ImporterAtWork {
  log!: MemoryLog;
  source!: MemorySource;
  target!: MemoryTarget;
  registry!: JobRegistry;
  /** Where the log has the rules that cycles are opened with. */
  rules!: number;
  private job!: JobDefinition;
  private former!: RestOfPipeline | null;
  private watermark!: Record<string, unknown> | null;
  private connection!: NatsConnection;
  private own!: string;
  private ending!: AbortController;
  private readonly runs: ImporterRun[] = [];
  private readonly loops: Promise<void>[] = [];
  private readonly tables = importerDatabase();

  constructor(newTarget = (): MemoryTarget => new MemoryTarget()) {
    beforeAll(async () => {
      this.connection = await connectBroker(testNatsUrl(), 'spec');
    });
    afterAll(() => this.connection?.close());
    beforeEach(async () => {
      this.log = new MemoryLog();
      this.source = new MemorySource();
      this.target = newTarget();
      this.own = randomUUID();
      this.former = null;
      this.watermark = null;
      this.ending = new AbortController();
      this.registry = new JobRegistry(this.log);
      await this.registry.start(this.ending.signal);
    });
    afterEach(async () => {
      this.log.fault = null;
      this.ending.abort();
      await Promise.all(this.loops.splice(0));
      const stopped = await Promise.allSettled(this.runs.splice(0).map((run) => run.over()));
      const failed = stopped.find((each) => each.status === 'rejected');
      if (failed) throw failed.reason;
    });
  }

  get database(): DataSource {
    return this.tables.database;
  }

  /** What becomes of that which is imported. */
  get rest(): RestOfPipeline {
    this.former ??= new RestOfPipeline(this.log, this.target, this.job);
    return this.former;
  }

  /** The job, or other rules for it; importers know them from now on. */
  async configure(parts: Parts = {}): Promise<void> {
    const revision = (this.registry.find(aJob)?.configured.revision ?? 0) + 1;
    [this.rules = 0] = await tell(this.log, jobConfigured(parts, revision));
    await eventually(() => this.registry.find(aJob)?.configured.revision === revision);
    this.job = job({ job: aJob, ...parts });
    if (this.former) this.former.job = this.job;
  }

  /** One run of the importer, as the pool would start it. */
  start(): ImporterRun {
    const ports = {
      log: this.log,
      database: this.database,
      connection: this.partOfBroker(),
      registry: this.registry,
      appender: new Appender(this.log),
      now: () => new Date(anInstant),
      assertHeld: () => undefined,
      logger: { error: () => undefined },
      config: { SOURCE_TIMEOUT_MS: 1_000, TARGET_TIMEOUT_MS: 1_000 },
      open: { source: async () => this.source.open(), target: async () => this.target },
    };
    const importer = new JobImporter(aJob, ports as unknown as ImporterPorts);
    const run = new ImporterRun((signal) => importer.run(signal));
    this.runs.push(run);
    return run;
  }

  /** Starts an importer again whenever one fails, as the pool does. */
  keepRunning(): void {
    const over = this.ending.signal;
    const looping = async (): Promise<void> => {
      while (!over.aborted) {
        const run = this.start();
        over.addEventListener('abort', () => void run.stop().catch(() => undefined), { once: true });
        await run.ended.catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    this.loops.push(looping());
  }

  /** Stops every importer. @throws when one had failed */
  async stop(): Promise<void> {
    await Promise.all(this.runs.splice(0).map((run) => run.stop()));
  }

  async openCycle(cycleId: string, kind: Kind = 'incremental', { watermark = this.watermark, drift }: CycleOptions = {}): Promise<void> {
    const from = kind === 'initial' ? null : watermark;
    const opened = { jobId: aJob, cycleId: asCycleId(cycleId), kind, rules: this.rules, watermark: from, by: kim, ...(drift && { drift }) };
    await tell(this.log, newEvent(CycleOpened, opened, { lane: jobLane, stage: 'job-scheduler', id: `${cycleId}.opened` }));
  }

  /** Waits until a cycle is imported. @throws when its import failed */
  async endOf(cycleId: string): Promise<Completed> {
    const ended = await this.ended(cycleId);
    if (!is(ended, ImportCompleted)) throw new Error(`the import of ${cycleId} failed: ${JSON.stringify(ended.data)}`);
    this.watermark = ended.data.watermark;
    return ended.data;
  }

  /** Waits until the import of a cycle has failed. @throws when it did not */
  async failureOf(cycleId: string): Promise<DataOf<typeof ImportFailed>> {
    const ended = await this.ended(cycleId);
    if (!is(ended, ImportFailed)) throw new Error(`the import of ${cycleId} did not fail: ${JSON.stringify(ended.data)}`);
    return ended.data;
  }

  /** A cycle up to the end of its import; nobody carries anything out. */
  async import(cycleId: string, kind?: Kind, options?: CycleOptions): Promise<Completed> {
    await this.openCycle(cycleId, kind, options);
    return this.endOf(cycleId);
  }

  /** A cycle up to its end, with everything carried out that it imported. */
  async cycle(cycleId: string, kind?: Kind, options?: CycleOptions): Promise<Completed> {
    const completed = await this.import(cycleId, kind, options);
    await this.rest.answer();
    return completed;
  }

  /** Carries out what the importer says between cycles, until a condition holds. */
  settled(holds: () => unknown): Promise<unknown> {
    return eventually(async () => (await this.rest.answer(), (await holds()) || undefined));
  }

  /** What was said of one kind, in order. */
  all<Type extends string, Data>(definition: EventDefinition<Type, Data>): Data[] {
    return this.log.events.filter((event) => is(event, definition)).map((event) => event.data as Data);
  }

  /** What a cycle said of one kind, in order. */
  allOf<Type extends string, Data extends { readonly cycleId: string }>(cycleId: string, definition: EventDefinition<Type, Data>): Data[] {
    return this.all(definition).filter((each) => each.cycleId === cycleId);
  }

  /** Asks the importer for something, as another service would, once it listens. */
  request(subject: string, asked: object): Promise<CommandAnswer> {
    const ask = () => this.connection.request(`${this.own}.${subject}`, JSON.stringify(asked), { timeout: 5_000 });
    return eventually(async () => CommandAnswer.parse((await ask()).json()));
  }

  /** The same without waiting for an answer, which may need what nobody does here. */
  async order(subject: string, asked: object): Promise<void> {
    await this.request(subject, {}); // it listens, and refuses what is no request
    this.connection.publish(`${this.own}.${subject}`, JSON.stringify(asked));
  }

  /** A broker of one's own on the server that all specs share: what others ask of a job of the same name does not arrive here. */
  private partOfBroker(): Pick<NatsConnection, 'subscribe'> {
    const { connection, own } = this;
    return { subscribe: (subject, options) => connection.subscribe(`${own}.${subject}`, options) };
  }

  private ended(cycleId: string): Promise<LogEvent> {
    const isEnd = (event: LogEvent): boolean => is(event, ImportCompleted) || is(event, ImportFailed);
    const isOfCycle = ({ data }: LogEvent): boolean => (data as { cycleId: string }).cycleId === cycleId;
    return eventually(() => this.log.events.find((event) => isEnd(event) && isOfCycle(event)), { timeoutMs: longestCycleMs });
  }
}
