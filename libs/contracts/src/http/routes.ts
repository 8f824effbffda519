import { z } from 'zod';

import { CheckReadModels, CommandAnswer } from '../commands.js';
import { SimulatedRowsView, SimulationView } from '../simulation.js';
import { accessPaths, MeView, SignInView, TokenMadeView, TokensView } from './access-views.js';
import { AttemptDifferenceView } from './attempts.js';
import { ConnectionTestView, credentialPaths, CredentialsView } from './credentials.js';
import { ConnectionPageView, connectionPaths, RemoveConnectionOrder, RepairConnectionOrder } from './connection-views.js';
import { DriftPageView, driftPath } from './drift-views.js';
import { CycleReportView } from './cycle-report.js';
import { CausesView, EscrowPageView, escrowPaths, QuarantinesView } from './escrow-views.js';
import {
  AcquireAccessTokenOrder,
  AttributeMappingFunctionSchema,
  collectionOf,
  DirectoryAudit,
  DirectoryDefinition,
  FilterOperatorSchema,
  ObjectConnection,
  ParseExpressionOrder,
  ParseExpressionResponse,
  ProvisioningObjectSummary,
  ProvisionOnDemandOrder,
  ProvisionOnDemandResponse,
  RestartCriteriaOrder,
  ServicePrincipal,
  Synchronization,
  SynchronizationJob,
  SynchronizationJobOrder,
  SynchronizationOrder,
  SynchronizationSchema,
  SynchronizationSchemaOrder,
  SynchronizationSecret,
  SynchronizationSecretsOrder,
  SynchronizationTemplate,
  ValidateCredentialsOrder,
} from './graph/index.js';
import { EraseOrder, erasePath } from './erasure.js';
import { HeldPageView } from './held-views.js';
import { JobChangesView } from './job-changes.js';
import { JobDaysView, jobDaysPath } from './job-days.js';
import { OnDemandView } from './on-demand-view.js';
import { PersonStoryView, WhyView } from './people.js';
import { PeopleFoundView, peoplePath } from './people-found.js';
import {
  ApplyOrder,
  AttemptsQuery,
  ConnectionsQuery,
  CyclesQuery,
  DaysQuery,
  DemandOrder,
  DriftQuery,
  EmptyOrder,
  EscrowsQuery,
  EventsQuery,
  ExportAuditsQuery,
  ExportLogQuery,
  ExportProvisioningQuery,
  FollowQuery,
  HeldOrder,
  HeldQuery,
  JobDraft,
  LogQuery,
  NoQuery,
  ODataListOptions,
  ODataOptions,
  ODataSelect,
  PeopleQuery,
  PreviewOrder,
  RestartOrder,
  RetryOrder,
  RunOrder,
  SimulatedCsvQuery,
  SimulatedRowsQuery,
  SimulateOrder,
  StoryQuery,
  TokenOrder,
  WhyQuery,
} from './queries.js';
import { ReadModelCheckView } from './read-model-check.js';
import { RulesPreviewView, RulesVocabularyView, rulesPaths, SystemsView } from './rules.js';
import { DeleteSecretQuery, secretPaths, SecretsView, SetSecretOrder, VaultView } from './secrets.js';
import { AddStreamOrder, StartStreamOrder, StreamKeysView, streamPaths, StreamsView } from './streams.js';
import { apiPaths, CycleView, EventView, HealthView, JobStatusView, LogPageView } from './views.js';

/** One path of the API with what it takes and gives: clients and the OpenAPI document are made from this. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Parameters are written `:name`. */
  readonly path: string;
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Whether the body may be left out. */
  readonly isBodyOptional?: boolean;
  readonly status: 200 | 201 | 202 | 204;
  /** Of a JSON answer. */
  readonly answer?: z.ZodType;
  /** Media types of any other answer. */
  readonly media?: readonly string[];
}

const get = <const Path extends string, Query extends z.ZodObject, Answer extends z.ZodType>(
  path: Path,
  summary: string,
  query: Query,
  answer: Answer,
) => ({ method: 'GET', path, summary, query, status: 200, answer }) as const;
const order = <const Path extends string, Body extends z.ZodType>(path: Path, summary: string, body: Body, status: 200 | 202 = 200) =>
  ({ method: 'POST', path, summary, body, status, answer: CommandAnswer }) as const;
const stream = <const Path extends string, Query extends z.ZodObject>(
  path: Path,
  summary: string,
  query: Query,
  media: readonly string[],
) => ({ method: 'GET', path, summary, query, status: 200, media }) as const;
const action = <const Path extends string>(path: Path, summary: string, body: z.ZodType = z.unknown()) =>
  ({ method: 'POST', path, summary, body, isBodyOptional: true, status: 204 }) as const;

/** With `$select`, an item has the members that it names and no others. */
const pageOf = <Item extends z.ZodObject>(item: Item) => collectionOf(item.partial());
const withContext = <Item extends z.ZodObject>(item: Item) => item.extend({ '@odata.context': z.string() });
const entityOf = <Item extends z.ZodObject>(item: Item) => withContext(item.partial());
const valuesOf = <Item extends z.ZodObject>(item: Item) => pageOf(item);

const exports = ['text/csv', 'application/jsonl'] as const;
const synchronization = '/v1.0/servicePrincipals/:principal/synchronization' as const;
const jobs = `${synchronization}/jobs` as const;
const job = `${jobs}/:jobId` as const;

/** Every path of the API. Those of Graph stand under `/beta` too, and `servicePrincipals/…/synchronization` under `applications` as well. */
export const routes = {
  live: get(apiPaths.live, 'The process runs', NoQuery, z.object({ status: z.literal('ok') })),
  ready: get(apiPaths.ready, 'Reports can be answered', NoQuery, z.object({ status: z.literal('ok') })),
  metrics: stream(apiPaths.metrics, 'Metrics of this service and of all jobs, for Prometheus', NoQuery, ['text/plain']),
  health: get(apiPaths.health, 'Services, log, database and broker', NoQuery, HealthView),
  openapi: get(apiPaths.openapi, 'This document', NoQuery, z.record(z.string(), z.unknown())),

  signIn: get(accessPaths.signIn, 'How one signs in', NoQuery, SignInView),
  me: get(accessPaths.me, 'Who asks, and what they may do', NoQuery, MeView),
  tokens: get(accessPaths.tokens, 'API tokens, without the tokens themselves', NoQuery, TokensView),
  makeToken: {
    method: 'POST',
    path: accessPaths.tokens,
    summary: 'Makes an API token; this answer alone shows it',
    body: TokenOrder,
    status: 200,
    answer: TokenMadeView,
  },
  revokeToken: {
    method: 'DELETE',
    path: accessPaths.token,
    summary: 'Refuses an API token from now on',
    status: 200,
    answer: CommandAnswer,
  },

  jobs: get(apiPaths.jobs, 'Summary reports of all jobs', NoQuery, z.object({ jobs: z.array(JobStatusView) })),
  job: get(apiPaths.job, 'Summary report of a job', NoQuery, JobStatusView),
  jobChanges: get(apiPaths.jobChanges, 'Who did what to a job, with what each configuration changed', CyclesQuery, JobChangesView),
  cycles: get(
    apiPaths.cycles,
    'Cycles of a job, newest first',
    CyclesQuery,
    z.object({ cycles: z.array(CycleView), next: z.string().nullable() }),
  ),
  jobDays: get(jobDaysPath, 'What a job did on each of the last days', DaysQuery, JobDaysView),
  cycle: get(apiPaths.cycle, 'One cycle', NoQuery, CycleView),
  cycleReport: get(apiPaths.cycleReport, 'One cycle with its latencies and its causes of failures and skips', NoQuery, CycleReportView),
  validate: order(apiPaths.validate, 'Checks a job file; its problems are the answer', JobDraft),
  credentials: get(
    credentialPaths.credentials,
    'What a job shows to get in, by name, and whether it was let in last',
    NoQuery,
    CredentialsView,
  ),
  testConnection: {
    method: 'POST',
    path: credentialPaths.testConnection,
    summary: 'Asks a system of a job, with the saved credentials, whether it lets us in; that it does not is an answer',
    body: EmptyOrder,
    status: 200,
    answer: ConnectionTestView,
  },
  rulesVocabulary: get(rulesPaths.vocabulary, 'Functions of expressions, and operators of scoping filters', NoQuery, RulesVocabularyView),
  rulesSystems: {
    method: 'POST',
    path: rulesPaths.systems,
    summary: 'Attributes of both systems of a job file',
    body: JobDraft,
    status: 200,
    answer: SystemsView,
  },
  rulesPreview: {
    method: 'POST',
    path: rulesPaths.preview,
    summary: 'What the rules of a job file make of somebody in the source; nothing is written',
    body: PreviewOrder,
    status: 200,
    answer: RulesPreviewView,
  },
  apply: order(apiPaths.jobs, 'Applies a job file', ApplyOrder),
  run: order(apiPaths.run, 'Opens a cycle now', RunOrder, 202),
  start: order(apiPaths.start, 'Lifts pause, stop and quarantine', EmptyOrder),
  pause: order(apiPaths.pause, 'Finishes what was imported, and begins nothing more', EmptyOrder),
  stop: order(apiPaths.stop, 'Writes nothing more to the target from now on', EmptyOrder),
  deleteJob: {
    method: 'DELETE',
    path: apiPaths.job,
    summary: 'Ends a job for good; its accounts and its history stay',
    status: 200,
    answer: CommandAnswer,
  },
  restart: order(apiPaths.restart, 'Begins anew, in part or as a whole', RestartOrder),
  provisionOnDemand: {
    method: 'POST',
    path: apiPaths.provisionOnDemand,
    summary: 'Provisions a few objects now, and tells every step',
    body: DemandOrder,
    status: 200,
    answer: OnDemandView,
  },
  held: get(apiPaths.held, 'Removals that wait for a person or for the next cycle, by name', HeldQuery, HeldPageView),
  release: order(apiPaths.release, 'Does removals that a cycle held: all of them, or those of some', HeldOrder),
  reject: order(apiPaths.reject, 'Lets removals that a cycle held be: all of them, or those of some', HeldOrder),

  escrows: get(escrowPaths.escrows, 'Objects that failed and are kept', EscrowsQuery, EscrowPageView),
  causes: get(escrowPaths.causes, 'Why they fail, the commonest first', NoQuery, CausesView),
  quarantines: get(escrowPaths.quarantines, 'When a job was in quarantine, and who was told', NoQuery, QuarantinesView),
  retry: order(escrowPaths.retry, 'Tries kept objects again now', RetryOrder, 202),

  drift: get(driftPath, 'What a cycle found changed by hand in the target', DriftQuery, DriftPageView),
  connections: get(connectionPaths.connections, 'Who is linked to which account', ConnectionsQuery, ConnectionPageView),
  removeConnection: order(
    connectionPaths.remove,
    'Takes a link away; nothing is written, and the next cycle matches anew',
    RemoveConnectionOrder,
  ),
  repairConnection: order(
    connectionPaths.repair,
    'Links somebody to another account that exists and is linked to nobody else; nothing is written before the next cycle',
    RepairConnectionOrder,
  ),

  simulateJob: order(apiPaths.simulateJob, 'Begins to simulate a job, under its own rules or those of a file', SimulateOrder, 202),
  simulate: order(apiPaths.simulate, 'Begins to simulate a job file', JobDraft, 202),
  simulation: get(apiPaths.simulation, 'How far a simulation is, and how it ended', NoQuery, SimulationView),
  simulatedRows: get(apiPaths.simulatedRows, 'What would become of people', SimulatedRowsQuery, SimulatedRowsView),
  simulatedCsv: stream(apiPaths.simulatedCsv, 'The same of all of them, as a file', SimulatedCsvQuery, ['text/csv']),
  cancelSimulation: order(apiPaths.cancelSimulation, 'Ends a simulation', EmptyOrder),

  checkReadModels: order(
    apiPaths.readModelChecks,
    'Compares the read models with the log, or builds them anew',
    CheckReadModels.schema.pick({ kind: true }),
    202,
  ),
  readModelCheck: get(apiPaths.readModelCheck, 'How far a check of the read models is', NoQuery, ReadModelCheckView),

  secrets: get(secretPaths.secrets, 'Secrets that jobs may refer to, without their values', NoQuery, SecretsView),
  setSecret: {
    method: 'PUT',
    path: secretPaths.secret,
    summary: 'Sets a secret; nobody can read it back',
    body: SetSecretOrder,
    status: 200,
    answer: CommandAnswer,
  },
  deleteSecret: {
    method: 'DELETE',
    path: secretPaths.secret,
    summary: 'Deletes a secret that no job and no stream refers to',
    query: DeleteSecretQuery,
    status: 200,
    answer: CommandAnswer,
  },
  vault: get(secretPaths.vault, 'Under which master key the vault is', NoQuery, VaultView),
  rotateVault: order(secretPaths.rotateVault, 'Brings the vault under the newest master key', EmptyOrder),

  streams: get(streamPaths.streams, 'Where events are sent, and how far that is', NoQuery, StreamsView),
  addStream: order(streamPaths.streams, 'Lets events be sent to another system', AddStreamOrder),
  removeStream: {
    method: 'DELETE',
    path: streamPaths.stream,
    summary: 'Sends nothing more there',
    status: 200,
    answer: CommandAnswer,
  },
  pauseStream: order(streamPaths.pause, 'Sends nothing more there until it is started', EmptyOrder),
  startStream: order(streamPaths.start, 'Sends again, from where it was or from another place in the log', StartStreamOrder),
  testStream: order(streamPaths.test, 'Sends one event of no consequence', EmptyOrder),
  streamKeys: get(streamPaths.keys, 'Public keys that security event tokens are verified with', NoQuery, StreamKeysView),
  erase: {
    method: 'POST',
    path: erasePath,
    summary: 'Makes the values of a person unreadable for good',
    body: EraseOrder,
    status: 200,
    answer: CommandAnswer,
  },

  log: get(apiPaths.log, 'The provisioning log, newest first', LogQuery, LogPageView),
  people: get(peoplePath, 'People whose name, matching value or id begins so', PeopleQuery, PeopleFoundView),
  story: get(apiPaths.story, 'One person over all jobs, as of now or of a past instant', StoryQuery, PersonStoryView),
  why: get(apiPaths.why, 'Why a person has an account in the targets or has none, and what would change that', WhyQuery, WhyView),
  attemptDifference: get(apiPaths.attempts, 'What differs between two attempts', AttemptsQuery, AttemptDifferenceView),
  events: get(apiPaths.events, 'Events in the order of the log', EventsQuery, z.object({ events: z.array(EventView) })),
  follow: stream(apiPaths.follow, 'Events as they come, server-sent', FollowQuery, ['text/event-stream']),
  backup: stream(apiPaths.backup, 'The whole log, as gzipped lines of JSON; the last line says that it is whole', NoQuery, [
    'application/gzip',
  ]),
  backupKeys: stream(
    apiPaths.backupKeys,
    'Secrets and keys of people as they are sealed under the master key, as gzipped lines of JSON; without them a backup of the log cannot be read',
    NoQuery,
    ['application/gzip'],
  ),
  exportLog: stream(apiPaths.exportLog, 'All entries of the provisioning log that fit, newest first, as a file', ExportLogQuery, [
    'application/jsonl',
  ]),
  exportProvisioning: stream(apiPaths.exportProvisioning, 'The provisioning log as a file', ExportProvisioningQuery, exports),
  exportAudits: stream(apiPaths.exportAudits, 'The audit log as a file', ExportAuditsQuery, exports),

  graphProvisioning: get('/v1.0/auditLogs/provisioning', 'The provisioning log', ODataOptions, pageOf(ProvisioningObjectSummary)),
  graphProvisioningCount: stream('/v1.0/auditLogs/provisioning/$count', 'Number of entries', ODataOptions, ['text/plain']),
  graphProvisioningEntry: get('/v1.0/auditLogs/provisioning/:id', 'One entry', ODataSelect, entityOf(ProvisioningObjectSummary)),
  graphAudits: get('/v1.0/auditLogs/directoryAudits', 'The audit log', ODataOptions, pageOf(DirectoryAudit)),
  graphAuditsCount: stream('/v1.0/auditLogs/directoryAudits/$count', 'Number of events', ODataOptions, ['text/plain']),
  graphAudit: get('/v1.0/auditLogs/directoryAudits/:id', 'One event', ODataSelect, entityOf(DirectoryAudit)),
  graphPrincipals: get('/v1.0/servicePrincipals', 'The applications that jobs provision', ODataOptions, pageOf(ServicePrincipal)),
  graphPrincipal: get('/v1.0/servicePrincipals/:principal', 'One of them', ODataSelect, entityOf(ServicePrincipal)),
  graphSynchronization: get(
    synchronization,
    'What an application is provisioned with; secrets without their values',
    ODataSelect,
    entityOf(Synchronization),
  ),
  graphPutSynchronization: {
    method: 'PUT',
    path: synchronization,
    summary: 'Sets the secrets that the job of an application refers to; nobody can read them back',
    body: SynchronizationOrder,
    status: 204,
  },
  graphAcquireAccessToken: action(
    `${synchronization}/acquireAccessToken`,
    'Saves the token or password that is given, and asks the target whether it lets us in with it',
    AcquireAccessTokenOrder,
  ),
  graphJobs: get(jobs, 'Jobs of an application', ODataListOptions, valuesOf(SynchronizationJob)),
  graphCreateJob: {
    method: 'POST',
    path: jobs,
    summary: 'Makes a job from the template of an application; it waits until it is started',
    body: SynchronizationJobOrder,
    status: 201,
    answer: withContext(SynchronizationJob),
  },
  graphJob: get(job, 'A job with its status', ODataSelect, entityOf(SynchronizationJob)),
  graphSchema: get(`${job}/schema`, 'The rules of a job', ODataSelect, entityOf(SynchronizationSchema)),
  graphPutSchema: {
    method: 'PUT',
    path: `${job}/schema`,
    summary: 'Changes the rules of a job',
    body: SynchronizationSchemaOrder,
    status: 204,
  },
  graphResetSchema: {
    method: 'DELETE',
    path: `${job}/schema`,
    summary: 'Gives a job the rules of its template again',
    status: 204,
  },
  graphDirectories: get(
    `${job}/schema/directories`,
    'Attributes of both systems that the rules name',
    ODataListOptions,
    valuesOf(DirectoryDefinition),
  ),
  graphDirectory: get(`${job}/schema/directories/:directoryId`, 'Those of one system', ODataSelect, entityOf(DirectoryDefinition)),
  graphDiscover: {
    method: 'POST',
    path: `${job}/schema/directories/:directoryId/discover`,
    summary: 'Asks a system of a job which attributes it has',
    body: z.unknown(),
    isBodyOptional: true,
    status: 200,
    answer: withContext(DirectoryDefinition),
  },
  graphFunctions: get(`${job}/schema/functions`, 'Functions of expressions', ODataListOptions, valuesOf(AttributeMappingFunctionSchema)),
  graphOperators: get(`${job}/schema/filterOperators`, 'Operators of scoping filters', ODataListOptions, valuesOf(FilterOperatorSchema)),
  graphParseExpression: {
    method: 'POST',
    path: `${job}/schema/parseExpression`,
    summary: 'Reads and tries an expression',
    body: ParseExpressionOrder,
    status: 200,
    answer: withContext(ParseExpressionResponse),
  },
  graphTemplates: get(`${synchronization}/templates`, 'Templates of an application', ODataListOptions, valuesOf(SynchronizationTemplate)),
  graphTemplate: get(`${synchronization}/templates/:templateId`, 'One template', ODataSelect, entityOf(SynchronizationTemplate)),
  graphTemplateSchema: get(
    `${synchronization}/templates/:templateId/schema`,
    'The rules that a job from the template has',
    ODataSelect,
    entityOf(SynchronizationSchema),
  ),
  graphDeleteJob: { method: 'DELETE', path: job, summary: 'Ends a job for good; its accounts and its history stay', status: 204 },
  graphShownSecrets: get(
    `${synchronization}/secrets`,
    'What the job of an application refers to, without values; and settings that are no secrets',
    ODataListOptions,
    valuesOf(SynchronizationSecret),
  ),
  graphSecrets: {
    method: 'PUT',
    path: `${synchronization}/secrets`,
    summary: 'Sets the secrets that the job of an application refers to; nobody can read them back',
    body: SynchronizationSecretsOrder,
    status: 204,
  },
  graphStart: action(`${job}/start`, 'Lifts pause, stop and quarantine'),
  graphPause: action(`${job}/pause`, 'Finishes what was imported, and begins nothing more'),
  graphRestart: action(`${job}/restart`, 'Begins anew, in part or as a whole', RestartCriteriaOrder),
  graphProvisionOnDemand: {
    method: 'POST',
    path: `${job}/provisionOnDemand`,
    summary: 'Provisions a few objects now; the answer is JSON in texts',
    body: ProvisionOnDemandOrder,
    status: 200,
    answer: withContext(ProvisionOnDemandResponse),
  },
  graphValidateTemplate: action(`${jobs}/validateCredentials`, 'The same for the template of an application', ValidateCredentialsOrder),
  graphValidate: action(`${job}/validateCredentials`, 'Asks both systems with the saved credentials', ValidateCredentialsOrder),
  graphObjectConnection: get(
    `${job}/:connection`,
    "A person and the account: objectConnections('id')",
    ODataSelect,
    entityOf(ObjectConnection),
  ),
  graphDeleteObjectConnection: {
    method: 'DELETE',
    path: `${job}/:connection`,
    summary: "Takes a link away, in a paused job: objectConnections('id')",
    status: 204,
  },
} as const satisfies Record<string, Route>;
export type Routes = typeof routes;
