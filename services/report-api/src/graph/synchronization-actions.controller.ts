import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { Body, Controller, Delete, Header, Headers, HttpCode, Inject, Param, Post, Put, Res, UseInterceptors } from '@nestjs/common';
import {
  AcquireAccessTokenOrder,
  ApplyJob,
  type CommandAnswer,
  DescribeJobSystems,
  type DirectoryDefinition,
  OnDemandView,
  PauseJob,
  ProvisionOnDemand,
  ProvisionOnDemandOrder,
  RemoveConnection,
  RemoveJob,
  type ProvisionOnDemandResponse,
  RestartCriteriaOrder,
  RestartJob,
  StartJob,
  type SynchronizationJob,
  SynchronizationJobOrder,
  SynchronizationOrder,
  SynchronizationSecretsOrder,
  SystemsView,
  ValidateCredentialsOrder,
  systemsOfJob,
} from '@provident/contracts';
import {
  definitionFromSchema,
  directoryIn,
  discoveredDirectory,
  findConnection,
  getConfiguration,
  getJobStatus,
  getSchemaParts,
  getSynchronizationJob,
  getSynchronizationSchema,
  isJob,
  jobFromTemplate,
  jobOfServicePrincipal,
  NotFound,
  onDemandResponse,
  partId,
  SchemaRefused,
} from '@provident/report';
import type { JobDefinition } from '@provident/domain';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';

import { orderedBy } from '../access/caller.js';
import { Connections } from '../access/connections.js';
import { BadRequest } from '../http/bad-request.js';
import { CommandRefused } from '../http/error-answer.js';
import { parsedBody } from '../http/parsed.pipe.js';
import { PositionInterceptor } from '../http/position.interceptor.js';
import { assertMatches } from '../http/precondition.js';
import { type Command, Commands, CommandUnanswered, Secrets } from '../ports.js';
import { READ_MODELS, type ReadModels } from '../tokens.js';
import { graphContentType } from './collection-answer.js';
import { GraphAnswerInterceptor } from './graph-answer.interceptor.js';
import { restartScopesOf } from './reset-scope.js';
import { secretsToSet } from './synchronization-secrets.js';
import { connectionIn } from './object-connection.js';
import { jobUnder, synchronizationTrees } from './synchronization-tree.js';

/** What may be done with a job, as Graph's synchronization API names it. */
@Controller(synchronizationTrees)
@UseInterceptors(PositionInterceptor, GraphAnswerInterceptor)
export class SynchronizationActionsController {
  constructor(
    @Inject(READ_MODELS) private readonly models: ReadModels,
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Secrets) private readonly secrets: Secrets,
    @Inject(Connections) private readonly connections: Connections,
  ) {}

  /** Another job for the same two systems, with the rules of the first, under a name of its own. It does nothing before somebody starts it. */
  @Post('jobs')
  @HttpCode(201)
  @Header('content-type', graphContentType)
  async create(
    @Param('principal') principal: string,
    @Body(parsedBody(SynchronizationJobOrder)) { templateId }: SynchronizationJobOrder,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SynchronizationJob> {
    const template = await jobOfServicePrincipal(this.models, principal);
    const { definition, baseDir } = await getConfiguration(this.models, template);
    if (templateId !== definition.target.connector)
      throw new BadRequest(`there is no template ${templateId} here, only ${definition.target.connector}`);
    const made = jobFromTemplate(definition, `${templateId}-${randomBytes(4).toString('hex')}`);
    await this.apply(made, baseDir, 0);
    if (!(await isShown(() => isJob(this.models, made.job))))
      throw new CommandUnanswered(`${made.job} was made, and the reports do not show it yet: ask for it later`);
    void reply.header('location', `/v1.0/servicePrincipals/${partId('service-principal', template)}/synchronization/jobs/${made.job}`);
    return getSynchronizationJob(this.models, made.job);
  }

  @Delete('jobs/:jobId')
  @HttpCode(204)
  async remove(@Param('principal') principal: string, @Param('jobId') jobId: string): Promise<void> {
    await this.order(RemoveJob, { jobId: await jobUnder(this.models, principal, jobId), by: orderedBy() });
  }

  /** The job is applied anew with the given rules; everything that a schema cannot say stays. */
  @Put('jobs/:jobId/schema')
  @HttpCode(204)
  async putSchema(
    @Param('principal') principal: string,
    @Param('jobId') jobId: string,
    @Body() schema: unknown,
    @Headers('if-match') ifMatch?: string,
  ): Promise<void> {
    const of = await jobUnder(this.models, principal, jobId);
    const [{ definition, names }, { baseDir }] = await Promise.all([getSchemaParts(this.models, of), getConfiguration(this.models, of)]);
    assertMatches(ifMatch, names.revision);
    const changed = takenOrRefused(() => definitionFromSchema(definition, schema ?? {}, names));
    await this.change(of, changed, baseDir, names.revision);
  }

  /** The rules are those of the template again. The first job of an application is the template. */
  @Delete('jobs/:jobId/schema')
  @HttpCode(204)
  async resetSchema(
    @Param('principal') principal: string,
    @Param('jobId') jobId: string,
    @Headers('if-match') ifMatch?: string,
  ): Promise<void> {
    const of = await jobUnder(this.models, principal, jobId);
    const { definition, baseDir, revision } = await getConfiguration(this.models, of);
    assertMatches(ifMatch, revision);
    if (definition.template === undefined) throw refused('the job was made from no template: its rules are its own', 'its-own-template');
    const { definition: template } = await getConfiguration(this.models, definition.template);
    await this.change(of, { ...definition, objects: template.objects }, baseDir, revision);
  }

  /** Whoever asks next, and whatever is changed next, has the new rules before it, unless reports are far behind. */
  private async change(jobId: string, definition: JobDefinition, baseDir: string, madeFrom: number): Promise<void> {
    const revision = z.int().safeParse((await this.apply(definition, baseDir, madeFrom)).result['revision']);
    if (revision.success) await isShown(async () => (await getConfiguration(this.models, jobId)).revision >= revision.data);
  }

  /** @param madeFrom the revision that the definition was made from: what somebody else changed since is not written over */
  private async apply(definition: JobDefinition, baseDir: string, madeFrom: number): Promise<CommandAnswer> {
    const answer = await this.commands.send(ApplyJob, { definition, baseDir, revision: madeFrom, by: orderedBy() });
    if (answer.ok) return answer;
    const { issues, message } = answer;
    if (issues.length === 0) throw new CommandRefused(answer);
    throw new BadRequest([message, ...issues.map((issue) => `${issue.path.join('/')}: ${issue.message}`)].join('; '), issues);
  }

  @Post('jobs/:jobId/start')
  @HttpCode(204)
  async start(@Param('principal') principal: string, @Param('jobId') jobId: string): Promise<void> {
    await this.order(StartJob, { jobId: await jobUnder(this.models, principal, jobId), by: orderedBy() });
  }

  @Post('jobs/:jobId/pause')
  @HttpCode(204)
  async pause(@Param('principal') principal: string, @Param('jobId') jobId: string): Promise<void> {
    await this.order(PauseJob, { jobId: await jobUnder(this.models, principal, jobId), by: orderedBy() });
  }

  @Post('jobs/:jobId/restart')
  @HttpCode(204)
  async restart(@Param('principal') principal: string, @Param('jobId') jobId: string, @Body() body: unknown): Promise<void> {
    const order = RestartCriteriaOrder.safeParse(body ?? {});
    if (!order.success) throw new BadRequest('the body is not understood: give { "criteria": { "resetScope": "Watermark, Escrows" } }');
    const scopes = restartScopesOf(order.data.criteria?.resetScope ?? '');
    await this.order(RestartJob, { jobId: await jobUnder(this.models, principal, jobId), scopes, by: orderedBy() });
  }

  /** Both systems are asked what they hold, with the secrets that the job refers to. */
  @Post('jobs/:jobId/validateCredentials')
  @HttpCode(204)
  async validate(@Param('principal') principal: string, @Param('jobId') jobId: string, @Body() body: unknown): Promise<void> {
    const order = ValidateCredentialsOrder.safeParse(body ?? {});
    if (!order.success) throw new BadRequest('the body is not understood: give { "useSavedCredentials": true }');
    if ((order.data.credentials ?? []).length > 0)
      throw new BadRequest('credentials are not taken here: a job refers to them, and those that it refers to are tried');
    const job = await jobUnder(this.models, principal, jobId);
    const tested = await Promise.all(systemsOfJob.map((system) => this.connections.test(job, system)));
    const failed = tested.filter(({ ok }) => !ok).map(({ system, message }) => `the ${system} does not let us in: ${message}`);
    if (failed.length > 0) throw new BadRequest(failed.join('; '));
  }

  /** The same for the template, before there is a job from it. */
  @Post('jobs/validateCredentials')
  @HttpCode(204)
  async validateTemplate(@Param('principal') principal: string, @Body() body: unknown): Promise<void> {
    await this.validate(principal, await jobOfServicePrincipal(this.models, principal), body);
  }

  /** Set in the vault, under the names that the job refers to: nobody can read them back. */
  @Put('secrets')
  @HttpCode(204)
  async setSecrets(@Param('principal') principal: string, @Body() body: unknown): Promise<void> {
    const order = SynchronizationSecretsOrder.safeParse(body);
    if (!order.success) throw new BadRequest('the body is not understood: give { "value": [{ "key": "SecretToken", "value": "…" }] }');
    await this.save(await jobOfServicePrincipal(this.models, principal), order.data.value);
  }

  /** The same, where the secrets are a property of the entity. */
  @Put()
  @HttpCode(204)
  async putEntity(@Param('principal') principal: string, @Body() body: unknown): Promise<void> {
    const order = SynchronizationOrder.safeParse(body);
    if (!order.success)
      throw new BadRequest(
        'only secrets are set here: give { "secrets": [{ "key": "SecretToken", "value": "…" }] }; jobs have paths of their own',
      );
    await this.save(await jobOfServicePrincipal(this.models, principal), order.data.secrets);
  }

  /**
   * What is given is saved as the secrets of the job, and the target is asked whether it lets us in with that: 204 says that it does. Where the target
   * takes OAuth, asking it fetches an access token from the authorization server with the secret that was saved; the token itself is kept nowhere.
   */
  @Post('acquireAccessToken')
  @HttpCode(204)
  async acquireAccessToken(@Param('principal') principal: string, @Body() body: unknown): Promise<void> {
    const order = AcquireAccessTokenOrder.safeParse(body ?? {});
    if (!order.success)
      throw new BadRequest('the body is not understood: give { "credentials": [{ "key": "SecretToken", "value": "…" }] }');
    const job = await jobOfServicePrincipal(this.models, principal);
    const saved = await this.save(job, order.data.credentials ?? []);
    const { ok, message } = await this.connections.test(job, 'target');
    if (!ok)
      throw new BadRequest(`the target does not let us in: ${message}${saved === 0 ? '' : '; what was given is saved nevertheless'}`);
  }

  /** Nothing is set unless everything can be. @returns how many secrets were set */
  private async save(jobId: string, wanted: SynchronizationSecretsOrder['value']): Promise<number> {
    const { definition } = await getConfiguration(this.models, jobId);
    const secrets = secretsToSet(definition, wanted);
    for (const { name, value } of secrets) await this.secrets.set(name, value, orderedBy());
    return secrets.length;
  }

  /** Asks the system which attributes it has, with the secrets that the job refers to. What the rules name stays as it is. */
  @Post('jobs/:jobId/schema/directories/:directoryId/discover')
  @HttpCode(200)
  @Header('content-type', graphContentType)
  async discover(
    @Param('principal') principal: string,
    @Param('jobId') jobId: string,
    @Param('directoryId') directoryId: string,
  ): Promise<DirectoryDefinition> {
    const of = await jobUnder(this.models, principal, jobId);
    const known = directoryIn(await getSynchronizationSchema(this.models, of), directoryId);
    const { definition, baseDir } = await getConfiguration(this.models, of);
    const { result } = await this.order(DescribeJobSystems, { definition, baseDir });
    const system = known.id === partId('source-directory', of) ? 'source' : 'target';
    const described = SystemsView.parse(result)[system];
    if (described.problem !== null) throw new BadRequest(`the ${system} could not be asked: ${described.problem}`);
    return discoveredDirectory(known, described, new Date().toISOString());
  }

  /** Takes a link away; 204 also when there is none. Only while nothing of the job is under way, as Graph has it. */
  @Delete('jobs/:jobId/:segment')
  @HttpCode(204)
  async removeConnection(
    @Param('principal') principal: string,
    @Param('jobId') jobId: string,
    @Param('segment') segment: string,
  ): Promise<void> {
    const of = await jobUnder(this.models, principal, jobId);
    const objectId = connectionIn(segment);
    if (objectId === null) throw new NotFound(`a job has no ${segment} that can be deleted`);
    const { state } = await getJobStatus(this.models, of, null);
    if (!idle.has(state)) throw refused(`the job is ${state}: pause it first, then delete the connection`, state);
    const known = await findConnection(this.models, of, objectId);
    if (known)
      await this.order(RemoveConnection, { jobId: of, subject: { objectType: known.objectType, id: known.anchor }, by: orderedBy() });
  }

  /** Removals are never done at once here: Graph has no way to confirm them. */
  @Post('jobs/:jobId/provisionOnDemand')
  @HttpCode(200)
  @Header('content-type', graphContentType)
  async provision(
    @Param('principal') principal: string,
    @Param('jobId') jobId: string,
    @Body(parsedBody(ProvisionOnDemandOrder)) { parameters: [asked] }: ProvisionOnDemandOrder,
  ): Promise<ProvisionOnDemandResponse> {
    const of = await jobUnder(this.models, principal, jobId);
    const rule = partId('rule', of);
    if (asked.ruleId.toLowerCase() !== rule) throw new BadRequest(`the job has no rule ${asked.ruleId}, only ${rule}`);
    const subjects = asked.subjects.map(({ objectId, objectTypeName }) => ({ id: objectId, objectType: asOfJob(objectTypeName) }));
    const { result } = await this.order(ProvisionOnDemand, { jobId: of, subjects, allowRemoval: false, by: orderedBy() });
    return onDemandResponse(OnDemandView.parse(result));
  }

  private async order<Schema extends z.ZodType>(command: Command<Schema>, payload: z.input<Schema>): Promise<CommandAnswer> {
    const answer = await this.commands.send(command, payload);
    if (!answer.ok) throw new CommandRefused(answer);
    return answer;
  }
}

/** So long what was done may take to be seen. */
const shownWithinMs = 10_000;
/** Waits for the reports, which follow the log. @returns whether they show it, or are too far behind */
async function isShown(find: () => Promise<boolean>): Promise<boolean> {
  for (const until = Date.now() + shownWithinMs; !(await find()); await sleep(50)) if (Date.now() > until) return false;
  return true;
}

/** States in which nothing of a job is under way by itself. */
const idle: ReadonlySet<string> = new Set(['paused', 'stopped', 'disabled']);
const refused = (message: string, state: string): CommandRefused =>
  new CommandRefused({ ok: false, message, issues: [], result: { state } });

/** `User` → `user`: the kinds of objects as jobs spell them. */
const asOfJob = (objectTypeName: string): string => objectTypeName.slice(0, 1).toLowerCase() + objectTypeName.slice(1);

/** @throws BadRequest with the place in the schema */
function takenOrRefused<Taken>(take: () => Taken): Taken {
  try {
    return take();
  } catch (error) {
    if (error instanceof SchemaRefused) throw new BadRequest(error.message, [{ path: error.path, message: error.why }]);
    throw error;
  }
}
