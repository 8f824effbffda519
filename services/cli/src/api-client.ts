import type { EventView as Event, LinksChoice } from '@provident/contracts';
import {
  apiPaths,
  type CauseView,
  CausesView,
  CommandAnswer,
  CycleView,
  ErrorView,
  EscrowPageView,
  escrowPaths,
  EventView,
  HealthView,
  Issue,
  JobStatusView,
  LogPageView,
  QuarantinesView,
  ReadModelCheckView,
  OnDemandView,
  type SimulatedAction,
  SimulatedRowsView,
  SimulationView,
} from '@provident/contracts';
import { z } from 'zod';

import { CliError, messageOf } from './cli-error.js';
import { readLines } from './read-lines.js';

const JobsView = z.object({ jobs: z.array(JobStatusView) });
const CyclesView = z.object({ cycles: z.array(CycleView) });
const EventsView = z.object({ events: z.array(EventView) });

/** What may be asked of the provisioning log; instants are UTC. */
export interface LogQuery {
  readonly user?: string;
  readonly job?: string;
  readonly since?: string;
  readonly until?: string;
  readonly status?: string;
  readonly activity?: string;
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
  readonly state?: string;
  readonly limit?: number;
}

/** Who is tried again: one of them. */
export interface RetryOrder {
  readonly user?: string;
  readonly cause?: string;
  readonly all?: boolean;
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

type Query = Record<string, string | number | undefined>;

/** The API as the commands see it. Every answer is checked against its view. @throws CliError from every method */
export class ApiClient {
  constructor(
    readonly url: string,
    private readonly timeoutMs = 30_000,
  ) {}

  health = (): Promise<HealthView> => this.get(HealthView, apiPaths.health);
  jobs = async (): Promise<JobStatusView[]> => (await this.get(JobsView, apiPaths.jobs)).jobs;
  status = (jobId: string): Promise<JobStatusView> => this.get(JobStatusView, at(apiPaths.job, { jobId }));
  cycles = async (jobId: string): Promise<CycleView[]> => (await this.get(CyclesView, at(apiPaths.cycles, { jobId }))).cycles;
  log = (query: LogQuery): Promise<LogPageView> => this.get(LogPageView, apiPaths.log, { ...query });
  events = async (query: EventQuery): Promise<Event[]> => (await this.get(EventsView, apiPaths.events, { ...query })).events;

  escrows = (jobId: string, query: EscrowQuery): Promise<EscrowPageView> =>
    this.get(EscrowPageView, at(escrowPaths.escrows, { jobId }), { ...query });
  causes = async (jobId: string): Promise<CauseView[]> => (await this.get(CausesView, at(escrowPaths.causes, { jobId }))).causes;
  quarantines = (jobId: string): Promise<QuarantinesView> => this.get(QuarantinesView, at(escrowPaths.quarantines, { jobId }));
  retry = (jobId: string, order: RetryOrder): Promise<CommandAnswer> => this.order(at(escrowPaths.retry, { jobId }), order);

  validate = (draft: JobDraft): Promise<CommandAnswer> => this.order(apiPaths.validate, this.sent(draft));
  apply = (draft: JobDraft, links?: LinksChoice): Promise<CommandAnswer> =>
    this.order(apiPaths.jobs, { ...this.sent(draft), ...(links && { links }) });
  run = (jobId: string, fresh: boolean): Promise<CommandAnswer> => this.order(at(apiPaths.run, { jobId }), { fresh });
  start = (jobId: string): Promise<CommandAnswer> => this.order(at(apiPaths.start, { jobId }), {});
  pause = (jobId: string): Promise<CommandAnswer> => this.order(at(apiPaths.pause, { jobId }), {});
  restart = (jobId: string, scopes: readonly string[]): Promise<CommandAnswer> => this.order(at(apiPaths.restart, { jobId }), { scopes });
  stop = (jobId: string): Promise<CommandAnswer> => this.order(at(apiPaths.stop, { jobId }), {});
  provision = (jobId: string, order: DemandOrder): Promise<OnDemandView> =>
    this.post(OnDemandView, at(apiPaths.provisionOnDemand, { jobId }), order);
  release = (jobId: string, cycleId: string): Promise<CommandAnswer> => this.order(at(apiPaths.release, { jobId, cycleId }), {});

  checkReadModels = (kind: ReadModelCheckView['kind']): Promise<CommandAnswer> => this.order(apiPaths.readModelChecks, { kind });
  readModelCheck = (checkId: string): Promise<ReadModelCheckView> => this.get(ReadModelCheckView, at(apiPaths.readModelCheck, { checkId }));
  simulate = ({ jobId, draft, compare }: SimulationWish): Promise<CommandAnswer> =>
    jobId === null
      ? this.order(apiPaths.simulate, draft && this.sent(draft))
      : this.order(at(apiPaths.simulateJob, { jobId }), { ...(draft && this.sent(draft)), compare });
  simulation = (simulationId: string): Promise<SimulationView> => this.get(SimulationView, at(apiPaths.simulation, { simulationId }));
  simulatedRows = ({ simulationId, ...query }: RowsQuery): Promise<SimulatedRowsView> =>
    this.get(SimulatedRowsView, at(apiPaths.simulatedRows, { simulationId }), query);
  cancelSimulation = (simulationId: string): Promise<CommandAnswer> => this.order(at(apiPaths.cancelSimulation, { simulationId }), {});

  /** The rows of a simulation as CSV, piece by piece, however long that takes. */
  async *simulatedCsv({ simulationId, action }: RowsQuery): AsyncGenerator<string> {
    const response = await this.send(at(apiPaths.simulatedCsv, { simulationId }), {
      query: { action },
      signal: new AbortController().signal,
    });
    if (!response.ok || !response.body) throw await refusal(response);
    yield* response.body.pipeThrough(new TextDecoderStream());
  }

  /** The whole log, compressed, as it comes. */
  async backup(): Promise<ReadableStream<Uint8Array>> {
    const response = await this.send(apiPaths.backup, { signal: new AbortController().signal });
    if (!response.ok || !response.body) throw await refusal(response);
    return response.body;
  }

  /** True once the API answers and can serve reports. */
  async isReady(): Promise<boolean> {
    const response = await fetch(new URL(apiPaths.ready, this.url), { signal: AbortSignal.timeout(2_000) }).catch(() => null);
    await response?.body?.cancel();
    return response?.ok === true;
  }

  /** Events as they are appended, from `after` on; ends when the API ends it or the signal says so. */
  async *follow(query: EventQuery, signal: AbortSignal): AsyncGenerator<Event> {
    const response = await this.send(apiPaths.follow, { query: { ...query }, signal, headers: { accept: 'text/event-stream' } });
    if (!response.ok || !response.body) throw await refusal(response);
    for await (const line of readLines(response.body)) {
      if (line.startsWith('data:')) yield this.checked(EventView, parseJson(line.slice(5)));
    }
  }

  private async get<Schema extends z.ZodType>(schema: Schema, path: string, query: Query = {}): Promise<z.infer<Schema>> {
    const response = await this.send(path, { query });
    if (!response.ok) throw await refusal(response);
    return this.checked(schema, await bodyOf(response));
  }

  /** An order that is answered with a view. */
  private async post<Schema extends z.ZodType>(schema: Schema, path: string, body: unknown): Promise<z.infer<Schema>> {
    const response = await this.send(path, { body });
    if (!response.ok) throw await refusal(response);
    return this.checked(schema, await bodyOf(response));
  }

  /** The folder means something only where the API sees the same folders. */
  private sent({ definition, baseDir }: JobDraft): { definition: unknown; baseDir?: string } {
    return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(this.url).hostname) ? { definition, baseDir } : { definition };
  }

  /** A refusal that is an answer to the command, such as issues of a job file, is an answer here too. */
  private async order(path: string, body: unknown): Promise<CommandAnswer> {
    const response = await this.send(path, { body });
    const json = await bodyOf(response);
    const answer = CommandAnswer.safeParse(json);
    if (answer.success) return answer.data;
    const error = ErrorView.safeParse(json);
    if (error.success && refusals.has(error.data.error.code)) return refusedAnswer(error.data);
    if (!response.ok) throw refusalOf(response.status, json);
    return this.checked(CommandAnswer, json);
  }

  private async send(path: string, { query = {}, body, signal, headers = {} }: Sending): Promise<Response> {
    const url = new URL(path, this.url);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
    const sent =
      body === undefined ? {} : { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } };
    try {
      return await fetch(url, { headers, ...sent, signal: signal ?? AbortSignal.timeout(this.timeoutMs) });
    } catch (cause) {
      if (signal?.aborted) throw cause;
      throw this.unreachable(cause);
    }
  }

  private unreachable(cause: unknown): CliError {
    const timedOut = cause instanceof Error && cause.name === 'TimeoutError';
    const what = timedOut ? `${this.url} does not answer within ${this.timeoutMs / 1_000} s` : `nothing answers at ${this.url}`;
    return new CliError(`${what}: start Provident with "npm start", or set PROVIDENT_URL to where it runs`, 2, 'not-reachable', { cause });
  }

  private checked<Schema extends z.ZodType>(schema: Schema, json: unknown): z.infer<Schema> {
    const parsed = schema.safeParse(json);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const where = issue ? ` (${issue.path.join('.') || 'answer'}: ${issue.message})` : '';
    throw new CliError(`${this.url} answers in another shape${where}: is it a Provident of this version?`, 1, 'unexpected-answer');
  }
}

interface Sending {
  readonly query?: Query;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  readonly headers?: Record<string, string>;
}

/** A path of the API with its parameters filled in. */
export function at(path: string, parameters: Record<string, string>): string {
  return path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(parameters[name] ?? ''));
}

async function bodyOf(response: Response): Promise<unknown> {
  return parseJson(await response.text());
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const refusal = async (response: Response): Promise<CliError> => refusalOf(response.status, await bodyOf(response).catch(messageOf));

function refusalOf(status: number, json: unknown): CliError {
  const error = ErrorView.safeParse(json);
  if (error.success) return new CliError(error.data.error.message, 1, error.data.error.code);
  return new CliError(`the API answers with HTTP status ${status}`, 1, `http-${status}`);
}

/** Codes with which a command that was understood is not carried out. */
const refusals: ReadonlySet<string> = new Set(['refused', 'job-refused']);

function refusedAnswer({ error: { message, issues } }: ErrorView): CommandAnswer {
  return { ok: false, message, issues: z.array(Issue).safeParse(issues).data ?? [], result: {} };
}
