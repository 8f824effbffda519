import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { connectBroker, listSessions, openNatsLog, openNatsSimulations, type Session, type SimulationStore } from '@provident/bus';
import { openEscrows } from '@provident/bus/testing';
import {
  AddStream,
  type AddStreamOrder,
  ApplyJob,
  CommandAnswer,
  CycleClosed,
  type DataOf,
  type EventDefinition,
  ListStreams,
  type LinkTarget,
  type LogEvent,
  OnDemandView,
  PauseJob,
  ProvisionOnDemand,
  RejectRemovals,
  ReleaseRemovals,
  RestartJob,
  RetryEscrows,
  type RetryScope,
  RunJob,
  SimulateJob,
  type SimulatedRow,
  type SimulationProgress,
  RemoveConnection,
  RemoveJob,
  RepairConnection,
  StartJob,
  StopJob,
  StreamsView,
  type StreamView,
  is,
} from '@provident/contracts';
import type { RestartScope } from '@provident/domain';
import { testDatabase } from '@provident/embedded/testing';
import { eventually, tempFolder } from '@provident/testing';
import type { NatsConnection } from '@nats-io/transport-node';

import { startBroker } from './broker.js';
import type { JobInput } from './job.js';
import { type Event, LogFollower } from './log-follower.js';
import { type ServiceName, ServiceProcess, pipeline } from './service-process.js';

export interface InstallationOptions {
  readonly replicas?: number;
  readonly services?: readonly ServiceName[];
  readonly env?: NodeJS.ProcessEnv;
  /** What one process has for itself. */
  readonly envOf?: (service: ServiceName, replica: number) => NodeJS.ProcessEnv;
  /** Servers that the test has started and ends itself, in place of the installation's own. */
  readonly servers?: { readonly natsUrl: string; readonly databaseUrl: string };
}

const by = { kind: 'user', name: 'e2e' } as const;
/** One removal of each. */
const chosen = (objectKeys: readonly string[]) => (objectKeys.length > 0 ? { chosen: { objectKeys, count: objectKeys.length } } : {});
/** An answer may take its time, for the scheduler asks both systems what they look like. */
/** A cycle's end is waited for nearly as long as a test may take: a machine that is short of everything is late, not wrong. */
const cycleMs = 110_000;
const answerMs = 30_000;
const patienceMs = 45_000;

/** A whole installation on its own broker and its own database: built services as processes, and what a test asks of them. */
export class Installation {
  readonly processes: ServiceProcess[] = [];
  private readonly ended: (() => Promise<unknown>)[] = [];
  private connection!: NatsConnection;
  private follower!: LogFollower;
  private simulations!: SimulationStore;
  /** Where the job files of this installation lie. */
  folder = '';

  static async start(options: InstallationOptions = {}): Promise<Installation> {
    const installation = new Installation();
    try {
      await installation.begin(options);
      return installation;
    } catch (error) {
      await installation.stop();
      throw error;
    }
  }

  private async begin({ replicas = 1, services = pipeline, env = {}, envOf = () => ({}), servers }: InstallationOptions): Promise<void> {
    const folder = await tempFolder('e2e');
    this.ended.push(() => folder.remove());
    this.folder = folder.path;
    const { natsUrl, databaseUrl } = servers ?? (await this.startServers());
    this.connection = await connectBroker(natsUrl, 'e2e');
    this.ended.push(() => this.connection.close());
    this.follower = new LogFollower(await openNatsLog(this.connection));
    this.ended.push(() => this.follower.end());
    this.simulations = await openNatsSimulations(this.connection);
    mkdirSync(join(folder.path, 'logs'));
    const common = {
      NATS_URL: natsUrl,
      NATS_SYNC: 'always',
      DATABASE_URL: databaseUrl,
      PROVIDENT_STREAM: 'PROVISIONING',
      LOG_LEVEL: 'warn',
      ...env,
    };
    for (const service of services) {
      for (let replica = 1; replica <= replicas; replica++) {
        const instance = `${service}-${replica}`;
        this.processes.push(
          new ServiceProcess(service, instance, { ...common, ...envOf(service, replica) }, join(folder.path, 'logs', `${instance}.log`)),
        );
      }
    }
    await Promise.all(this.processes.map((each) => each.untilReady()));
  }

  private async startServers(): Promise<NonNullable<InstallationOptions['servers']>> {
    const database = await testDatabase();
    this.ended.push(() => database.drop());
    const broker = await startBroker();
    this.ended.push(() => broker.stop());
    return { natsUrl: broker.url, databaseUrl: database.url };
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.map((each) => each.stop()));
    for (const end of this.ended.splice(0).reverse()) {
      await end().catch((error: unknown) => process.stderr.write(`could not be cleaned up: ${String(error)}\n`));
    }
  }

  process(service: ServiceName, replica = 1): ServiceProcess {
    return this.processes.find(({ instance }) => instance === `${service}-${replica}`)!;
  }

  /** Starts a service again that was killed for good. */
  async restartService(service: ServiceName): Promise<void> {
    const at = this.processes.findIndex((each) => each.service === service);
    this.processes[at] = this.processes[at]!.successor();
    await this.processes[at].untilReady();
  }

  // ---------------------------------------------------------------- commands

  /** @throws Error when the job is refused */
  apply(job: JobInput, { links, revision }: { links?: 'keep' | 'forget'; revision?: number } = {}): Promise<CommandAnswer> {
    return this.command(ApplyJob.subject, { definition: job, baseDir: this.folder, links, revision, by });
  }

  /** Runs one cycle from its beginning to its end; one that is open already is waited for first. */
  async run(
    jobId: string,
    { fresh = false, drift, timeoutMs = cycleMs }: { fresh?: boolean; drift?: 'report' | 'repair'; timeoutMs?: number } = {},
  ): Promise<DataOf<typeof CycleClosed>> {
    for (;;) {
      const { result } = await this.command(RunJob.subject, { jobId, fresh, drift, by }).catch(whenCycleIsOpen);
      const closed = await this.find(jobId, CycleClosed, ({ data }) => data.cycleId === result['cycleId'], timeoutMs);
      if (result['opened'] === true) return closed.data;
    }
  }

  /** Opens a cycle and does not wait for it. @returns its id */
  async open(jobId: string): Promise<string> {
    return String((await this.command(RunJob.subject, { jobId, fresh: false, by })).result['cycleId']);
  }

  pause(jobId: string): Promise<CommandAnswer> {
    return this.command(PauseJob.subject, { jobId, by });
  }

  restart(jobId: string, ...scopes: RestartScope[]): Promise<CommandAnswer> {
    return this.command(RestartJob.subject, { jobId, scopes, by });
  }

  stopJob(jobId: string): Promise<CommandAnswer> {
    return this.command(StopJob.subject, { jobId, by });
  }

  async provision(jobId: string, ids: readonly string[], allowRemoval = false): Promise<OnDemandView> {
    const subjects = ids.map((id) => ({ id }));
    return OnDemandView.parse((await this.command(ProvisionOnDemand.subject, { jobId, subjects, allowRemoval, by })).result);
  }

  removeConnection(jobId: string, id: string): Promise<CommandAnswer> {
    return this.command(RemoveConnection.subject, { jobId, subject: { id }, by });
  }

  repairConnection(jobId: string, id: string, to: LinkTarget): Promise<CommandAnswer> {
    return this.command(RepairConnection.subject, { jobId, subject: { id }, to, by });
  }

  deleteJob(jobId: string): Promise<CommandAnswer> {
    return this.command(RemoveJob.subject, { jobId, by });
  }

  retry(jobId: string, scope: RetryScope): Promise<CommandAnswer> {
    return this.command(RetryEscrows.subject, { jobId, scope, by });
  }

  startJob(jobId: string): Promise<CommandAnswer> {
    return this.command(StartJob.subject, { jobId, by });
  }

  /** @param objectKeys whose: of all when nobody is named */
  release(jobId: string, cycleId: string, ...objectKeys: string[]): Promise<CommandAnswer> {
    return this.command(ReleaseRemovals.subject, { jobId, cycleId, ...chosen(objectKeys), by });
  }

  reject(jobId: string, cycleId: string, ...objectKeys: string[]): Promise<CommandAnswer> {
    return this.command(RejectRemovals.subject, { jobId, cycleId, ...chosen(objectKeys), by });
  }

  /** Simulates a job to its end, under its own rules or those of a file that is not applied. */
  async simulate(
    jobId: string | null,
    { job, compare = false }: { job?: JobInput; compare?: boolean } = {},
  ): Promise<{ progress: SimulationProgress; rows: readonly SimulatedRow[] }> {
    const draft = job === undefined ? null : { definition: job, baseDir: this.folder };
    const { result } = await this.command(SimulateJob.subject, { jobId, draft, compare, by });
    const id = String(result['simulationId']);
    const progress = await eventually(
      async () => {
        const found = await this.simulations.find(id);
        return found?.progress.state === 'running' ? null : found?.progress;
      },
      { timeoutMs: 60_000 },
    );
    return { progress, rows: (await this.simulations.listRows(id, { limit: 100_000 })).rows };
  }

  /** Lets events be sent to another system. @throws Error when it is refused */
  addStream(order: AddStreamOrder): Promise<CommandAnswer> {
    return this.command(AddStream.subject, { order, by });
  }

  async streams(): Promise<readonly StreamView[]> {
    return StreamsView.parse((await this.command(ListStreams.subject, {})).result).streams;
  }

  /** Asks until somebody answers: the one who should may have been killed a moment ago. */
  private async command(subject: string, data: unknown): Promise<CommandAnswer> {
    const request = JSON.stringify({ id: '1', pattern: subject, data });
    for (const until = Date.now() + patienceMs; ; ) {
      try {
        const message = await this.connection.request(subject, request, { timeout: answerMs });
        const { response } = message.json<{ response?: unknown }>();
        const answer = CommandAnswer.parse(response);
        if (!answer.ok) throw new Refused(`${subject}: ${answer.message} ${JSON.stringify(answer.issues)}`, answer.result);
        return answer;
      } catch (error) {
        if (Date.now() > until || (error instanceof Refused && !/nobody keeps|: not done: /.test(error.message))) throw error;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  // ---------------------------------------------------------------- the log

  /** The n-th cycle of a job that closed. */
  async cycleClosed(jobId: string, n = 1, timeoutMs = cycleMs): Promise<DataOf<typeof CycleClosed>> {
    const closed = () => this.follower.known(jobId).filter((event) => is(event, CycleClosed));
    await this.find(jobId, CycleClosed, () => closed().length >= n, timeoutMs);
    return closed()[n - 1]!.data;
  }

  events(jobId: string): Promise<LogEvent[]> {
    return this.follower.read(jobId);
  }

  /**
   * The events once nobody is in escrow any more, or after a while whatever there is. A cycle closes with its last outcome; what the escrow-retrier
   * says of that outcome comes a moment later.
   */
  async eventsAtRest(jobId: string): Promise<LogEvent[]> {
    for (const until = Date.now() + 20_000; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
      const events = await this.events(jobId);
      if (openEscrows(events).length === 0 || Date.now() > until) return events;
    }
  }

  /** Events of one kind that a job has in the log now. */
  async list<Definition extends EventDefinition>(jobId: string, definition: Definition): Promise<DataOf<Definition>[]> {
    return (await this.events(jobId)).filter((event): event is Event<Definition> => is(event, definition)).map(({ data }) => data);
  }

  find<Definition extends EventDefinition>(
    jobId: string,
    definition: Definition,
    fits?: (event: Event<Definition>) => boolean,
    timeoutMs?: number,
  ): Promise<Event<Definition>> {
    return this.follower.find(jobId, definition, fits, timeoutMs);
  }

  /** Instances that are at work, and how much of it each has. */
  sessions(): Promise<Session[]> {
    return listSessions(this.connection);
  }

  // ---------------------------------------------------------------- troubles

  /** What services complained about as errors, and processes that ended by themselves. */
  troubles(): string[] {
    return this.processes.flatMap(({ instance, logFile, crashes }) => [...crashes, ...errorsIn(readFileSync(logFile, 'utf8'), instance)]);
  }

  /** What the services have written. */
  output(): string {
    return this.processes.map(({ instance, logFile }) => `--- ${instance}\n${readFileSync(logFile, 'utf8')}`).join('\n');
  }
}

class Refused extends Error {
  constructor(
    message: string,
    readonly result: CommandAnswer['result'],
  ) {
    super(message);
  }
}

/** A cycle that does less than is asked for is waited for like any other. */
function whenCycleIsOpen(error: unknown): Pick<CommandAnswer, 'result'> {
  if (error instanceof Refused && error.result['state'] === 'running') return error;
  throw error;
}

function errorsIn(text: string, instance: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !/^\{"level":"(warn|info|debug)"/.test(line))
    .map((line) => `${instance}: ${line.slice(0, 1_500)}`);
}
