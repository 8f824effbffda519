import { ApiRefusal, ApiUnreachable, ProvidentClient, UnexpectedAnswer } from '@provident/client';
import {
  type AddStreamOrder,
  apiPaths,
  type CauseView,
  type CommandAnswer,
  type ConnectionPageView,
  type CycleView,
  type DriftPageView,
  type EscrowPageView,
  type EscrowView,
  type EventView,
  type HealthView,
  type HeldOrder,
  type HeldPageView,
  Issue,
  revealHeader,
  type JobStatusView,
  type LinksChoice,
  type LogEntryView,
  type LogPageView,
  type LoggedActivity,
  type MeView,
  type OnDemandView,
  type QuarantinesView,
  type ReadModelCheckView,
  type RemoveConnectionOrder,
  type RepairConnectionOrder,
  type RestartOrder,
  type RetryOrder,
  type RunOrder,
  type SecretView,
  type SimulatedAction,
  type SimulatedRowsView,
  type SimulationView,
  type VaultView,
  type StreamView,
  type TokenMadeView,
  type TokenOrder,
  type TokenView,
  type EraseOrder,
} from '@provident/contracts';
import { z } from 'zod';

import { CliError } from './cli-error.js';

/** What may be asked of the provisioning log; instants are UTC. */
export interface LogQuery {
  readonly user?: string;
  readonly job?: string;
  readonly since?: string;
  readonly until?: string;
  readonly status?: LogEntryView['status'];
  readonly activity?: LoggedActivity;
  readonly limit?: number;
}

export interface EventQuery {
  /** Log sequence behind which to begin. */
  readonly after?: number;
  readonly job?: string;
  readonly limit?: number;
}

/** Whom to provision now: ids in the source, or of their accounts. */
export interface DemandOrder {
  readonly subjects: readonly { readonly objectType: string; readonly id: string }[];
  readonly allowRemoval: boolean;
}

export interface EscrowQuery {
  readonly cause?: string;
  readonly state?: EscrowView['state'];
  readonly limit?: number;
}

/** Which of the removals that wait are asked for. */
export interface HeldRequest {
  readonly cycle?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

/** What was found changed by hand. */
export interface DriftRequest {
  readonly cycle?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

/** Which links are asked for. */
export interface ConnectionsRequest {
  /** Of one person or group. */
  readonly user?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

/** A job file as it goes to the API. */
export interface JobDraft {
  readonly definition: unknown;
  readonly baseDir: string;
}

/** Which rows of a simulation are asked for. */
export interface RowsQuery {
  readonly simulationId: string;
  readonly action?: SimulatedAction | undefined;
  readonly after?: string | undefined;
  readonly limit?: number;
}

export interface SimulationWish {
  /** null: the job of the draft. */
  readonly jobId: string | null;
  /** null: the rules that apply. */
  readonly draft: JobDraft | null;
  readonly compare: boolean;
}

/** The API as the commands see it. Every answer is checked against its view. @throws CliError from every method */
export class ApiClient {
  private readonly client: ProvidentClient;

  constructor(
    readonly url: string,
    private readonly token?: string,
    private readonly timeoutMs = 30_000,
    /** Whether sensitive values are asked for too. */
    reveals = false,
  ) {
    const headers = reveals ? { [revealHeader.name]: revealHeader.value } : {};
    this.client = new ProvidentClient({ url, timeoutMs, token, headers });
  }

  me = (): Promise<MeView> => this.told(this.client.call('me'));
  tokens = async (): Promise<TokenView[]> => (await this.told(this.client.call('tokens'))).tokens;
  makeToken = (order: TokenOrder): Promise<TokenMadeView> => this.told(this.client.call('makeToken', { body: order }));
  revokeToken = (tokenId: string): Promise<CommandAnswer> => this.ordered(this.client.call('revokeToken', { path: { tokenId } }));

  health = (): Promise<HealthView> => this.told(this.client.call('health'));
  jobs = async (): Promise<JobStatusView[]> => (await this.told(this.client.call('jobs'))).jobs;
  status = (jobId: string): Promise<JobStatusView> => this.told(this.client.call('job', { path: { jobId } }));
  cycles = async (jobId: string): Promise<CycleView[]> => (await this.told(this.client.call('cycles', { path: { jobId } }))).cycles;
  log = (query: LogQuery): Promise<LogPageView> => this.told(this.client.call('log', { query }));
  events = async (query: EventQuery): Promise<EventView[]> => (await this.told(this.client.call('events', { query }))).events;

  validate = (draft: JobDraft): Promise<CommandAnswer> => this.ordered(this.client.call('validate', { body: this.sent(draft) }));
  apply = (draft: JobDraft, links?: LinksChoice): Promise<CommandAnswer> =>
    this.ordered(this.client.call('apply', { body: { ...this.sent(draft), ...(links && { links }) } }));
  run = (jobId: string, order: RunOrder): Promise<CommandAnswer> => this.ordered(this.client.call('run', { path: { jobId }, body: order }));
  drift = (jobId: string, query: DriftRequest): Promise<DriftPageView> => this.told(this.client.call('drift', { path: { jobId }, query }));
  start = (jobId: string): Promise<CommandAnswer> => this.ordered(this.client.call('start', { path: { jobId }, body: {} }));
  pause = (jobId: string): Promise<CommandAnswer> => this.ordered(this.client.call('pause', { path: { jobId }, body: {} }));
  restart = (jobId: string, scopes: RestartOrder['scopes']): Promise<CommandAnswer> =>
    this.ordered(this.client.call('restart', { path: { jobId }, body: { scopes } }));
  deleteJob = (jobId: string): Promise<CommandAnswer> => this.ordered(this.client.call('deleteJob', { path: { jobId } }));
  stop = (jobId: string): Promise<CommandAnswer> => this.ordered(this.client.call('stop', { path: { jobId }, body: {} }));
  provision = (jobId: string, { subjects, allowRemoval }: DemandOrder): Promise<OnDemandView> =>
    this.told(this.client.call('provisionOnDemand', { path: { jobId }, body: { subjects: [...subjects], allowRemoval } }));
  held = (jobId: string, query: HeldRequest): Promise<HeldPageView> => this.told(this.client.call('held', { path: { jobId }, query }));
  release = (jobId: string, cycleId: string, order: HeldOrder): Promise<CommandAnswer> =>
    this.ordered(this.client.call('release', { path: { jobId, cycleId }, body: order }));
  reject = (jobId: string, cycleId: string, order: HeldOrder): Promise<CommandAnswer> =>
    this.ordered(this.client.call('reject', { path: { jobId, cycleId }, body: order }));

  connections = (jobId: string, query: ConnectionsRequest): Promise<ConnectionPageView> =>
    this.told(this.client.call('connections', { path: { jobId }, query }));
  removeConnection = (jobId: string, order: RemoveConnectionOrder): Promise<CommandAnswer> =>
    this.ordered(this.client.call('removeConnection', { path: { jobId }, body: order }));
  repairConnection = (jobId: string, order: RepairConnectionOrder): Promise<CommandAnswer> =>
    this.ordered(this.client.call('repairConnection', { path: { jobId }, body: order }));

  checkReadModels = (kind: ReadModelCheckView['kind']): Promise<CommandAnswer> =>
    this.ordered(this.client.call('checkReadModels', { body: { kind } }));
  readModelCheck = (checkId: string): Promise<ReadModelCheckView> => this.told(this.client.call('readModelCheck', { path: { checkId } }));

  secrets = async (): Promise<SecretView[]> => (await this.told(this.client.call('secrets'))).secrets;
  setSecret = (name: string, value: string): Promise<CommandAnswer> =>
    this.ordered(this.client.call('setSecret', { path: { name }, body: { value } }));
  deleteSecret = (name: string, force: boolean): Promise<CommandAnswer> =>
    this.ordered(this.client.call('deleteSecret', { path: { name }, query: { force: force ? 'true' : 'false' } }));
  vault = (): Promise<VaultView> => this.told(this.client.call('vault'));
  erase = (value: string, order: z.input<typeof EraseOrder>): Promise<CommandAnswer> =>
    this.ordered(this.client.call('erase', { path: { value }, body: order }));
  rotateVault = (): Promise<CommandAnswer> => this.ordered(this.client.call('rotateVault', { body: {} }));

  streams = async (): Promise<StreamView[]> => (await this.told(this.client.call('streams'))).streams;
  addStream = (order: AddStreamOrder): Promise<CommandAnswer> => this.ordered(this.client.call('addStream', { body: order }));
  removeStream = (streamId: string): Promise<CommandAnswer> => this.ordered(this.client.call('removeStream', { path: { streamId } }));
  pauseStream = (streamId: string): Promise<CommandAnswer> =>
    this.ordered(this.client.call('pauseStream', { path: { streamId }, body: {} }));
  startStream = (streamId: string, from?: number): Promise<CommandAnswer> =>
    this.ordered(this.client.call('startStream', { path: { streamId }, body: { ...(from !== undefined && { from }) } }));
  testStream = (streamId: string): Promise<CommandAnswer> => this.ordered(this.client.call('testStream', { path: { streamId }, body: {} }));

  escrows = (jobId: string, query: EscrowQuery): Promise<EscrowPageView> =>
    this.told(this.client.call('escrows', { path: { jobId }, query }));
  causes = async (jobId: string): Promise<CauseView[]> => (await this.told(this.client.call('causes', { path: { jobId } }))).causes;
  quarantines = (jobId: string): Promise<QuarantinesView> => this.told(this.client.call('quarantines', { path: { jobId } }));
  retry = (jobId: string, order: RetryOrder): Promise<CommandAnswer> =>
    this.ordered(this.client.call('retry', { path: { jobId }, body: order }));

  simulate = ({ jobId, draft, compare }: SimulationWish): Promise<CommandAnswer> =>
    this.ordered(
      jobId === null
        ? this.client.call('simulate', { body: draft ? this.sent(draft) : { definition: undefined } })
        : this.client.call('simulateJob', { path: { jobId }, body: { ...(draft && this.sent(draft)), compare } }),
    );
  simulation = (simulationId: string): Promise<SimulationView> => this.told(this.client.call('simulation', { path: { simulationId } }));
  simulatedRows = ({ simulationId, ...query }: RowsQuery): Promise<SimulatedRowsView> =>
    this.told(this.client.call('simulatedRows', { path: { simulationId }, query }));
  cancelSimulation = (simulationId: string): Promise<CommandAnswer> =>
    this.ordered(this.client.call('cancelSimulation', { path: { simulationId }, body: {} }));

  /** The rows of a simulation as CSV, piece by piece, however long that takes. */
  async *simulatedCsv({ simulationId, action }: RowsQuery): AsyncGenerator<string> {
    const body = bodyOf(await this.told(this.client.stream('simulatedCsv', { path: { simulationId }, query: { action } })));
    yield* body.pipeThrough(new TextDecoderStream());
  }

  /** The whole log, compressed, as it comes. */
  async backupKeys(): Promise<ReadableStream<Uint8Array>> {
    return bodyOf(await this.told(this.client.stream('backupKeys')));
  }

  async backup(): Promise<ReadableStream<Uint8Array>> {
    return bodyOf(await this.told(this.client.stream('backup')));
  }

  /** True once the API answers and can serve reports. */
  async isReady(): Promise<boolean> {
    const response = await fetch(new URL(apiPaths.ready, this.url), { signal: AbortSignal.timeout(2_000) }).catch(() => null);
    await response?.body?.cancel();
    return response?.ok === true;
  }

  /** Events as they are appended, from `after` on; ends when the API ends it or the signal says so. */
  async *follow(query: EventQuery, signal: AbortSignal): AsyncGenerator<EventView> {
    try {
      yield* this.client.follow({ ...query }, signal);
    } catch (error) {
      throw this.cliError(error);
    }
  }

  /** The folder means something only where the API sees the same folders. */
  private sent({ definition, baseDir }: JobDraft): { definition: unknown; baseDir?: string } {
    return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(this.url).hostname) ? { definition, baseDir } : { definition };
  }

  private told<Answer>(answer: Promise<Answer>): Promise<Answer> {
    return answer.catch((error: unknown) => {
      throw this.cliError(error);
    });
  }

  /** A refusal that is an answer to the command, such as issues of a job file, is an answer here too. */
  private ordered(answer: Promise<CommandAnswer>): Promise<CommandAnswer> {
    return answer.catch((error: unknown) => {
      if (error instanceof ApiRefusal && refusals.has(error.code))
        return { ok: false, message: error.message, issues: z.array(Issue).safeParse(error.issues).data ?? [], result: {} };
      throw this.cliError(error);
    });
  }

  private signInHint({ message }: ApiRefusal): string {
    return `${message}: ${this.token === undefined ? 'give an API token' : 'give another API token'} with PROVIDENT_TOKEN or --token`;
  }

  /** In words for the terminal; anything unknown stays what it is. */
  private cliError(error: unknown): unknown {
    if (error instanceof ApiRefusal) return new CliError(error.status === 401 ? this.signInHint(error) : error.message, 1, error.code);
    if (error instanceof UnexpectedAnswer)
      return new CliError(`${error.message}: is it a Provident of this version?`, 1, 'unexpected-answer');
    if (!(error instanceof ApiUnreachable)) return error;
    const what = error.isTimeout ? `${this.url} does not answer within ${this.timeoutMs / 1_000} s` : `nothing answers at ${this.url}`;
    const remedy = 'start Provident with "npm start", or set PROVIDENT_URL to where it runs';
    return new CliError(`${what}: ${remedy}`, 2, 'not-reachable', { cause: error });
  }
}

/** Codes with which a command that was understood is not carried out. */
const refusals: ReadonlySet<string> = new Set(['refused', 'job-refused']);

function bodyOf({ body, url }: Response): NonNullable<Response['body']> {
  if (!body) throw new CliError(`${new URL(url).origin} answers without a body`, 1, 'unexpected-answer');
  return body;
}
