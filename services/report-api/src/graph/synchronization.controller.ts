import { randomInt, randomUUID } from 'node:crypto';

import { Body, Controller, Get, Header, HttpCode, Inject, Param, Post, UseInterceptors } from '@nestjs/common';
import {
  type AttributeMappingFunctionSchema,
  type FilterOperatorSchema,
  type ObjectConnection,
  PauseJob,
  ParseExpressionOrder,
  type ParseExpressionResponse,
  StartJob,
  type SynchronizationJob,
  type SynchronizationSchema,
  type SynchronizationTemplate,
  ValidateCredentialsOrder,
  ValidateJob,
} from '@provident/contracts';
import {
  filterOperators,
  getConfiguration,
  getObjectConnection,
  getSynchronizationJob,
  getSynchronizationSchema,
  jobOfServicePrincipal,
  mappingFunctions,
  NotFound,
  partId,
  tryExpression,
} from '@provident/report';

import { localUser } from '../controllers/local-user.js';
import { BadRequest } from '../http/bad-request.js';
import { CommandRefused } from '../http/error-answer.js';
import { parsedBody } from '../http/parsed.pipe.js';
import { PositionInterceptor } from '../http/position.interceptor.js';
import { Commands } from '../ports.js';
import { READ_MODELS, type ReadModels } from '../tokens.js';
import { graphContentType } from './collection-answer.js';

interface Collection<Item> {
  readonly value: readonly Item[];
}

const trees = ['v1.0/servicePrincipals', 'beta/servicePrincipals', 'v1.0/applications', 'beta/applications'];

/** A job as Graph's synchronization API shows it, and what may be done with it. */
@Controller(trees.map((tree) => `${tree}/:principal/synchronization`))
@UseInterceptors(PositionInterceptor)
export class SynchronizationController {
  constructor(
    @Inject(READ_MODELS) private readonly models: ReadModels,
    @Inject(Commands) private readonly commands: Commands,
  ) {}

  @Get('jobs')
  @Header('content-type', graphContentType)
  async jobs(@Param('principal') principal: string): Promise<Collection<SynchronizationJob>> {
    return { value: [await getSynchronizationJob(this.models, await jobOfServicePrincipal(this.models, principal))] };
  }

  @Get('jobs/:jobId')
  @Header('content-type', graphContentType)
  async job(@Param('principal') principal: string, @Param('jobId') jobId: string): Promise<SynchronizationJob> {
    return getSynchronizationJob(this.models, await this.jobOf(principal, jobId));
  }

  @Get('jobs/:jobId/schema')
  @Header('content-type', graphContentType)
  async schema(@Param('principal') principal: string, @Param('jobId') jobId: string): Promise<SynchronizationSchema> {
    return getSynchronizationSchema(this.models, await this.jobOf(principal, jobId));
  }

  @Get(['jobs/:jobId/schema/functions', 'jobs/:jobId/schema/functions()'])
  @Header('content-type', graphContentType)
  async functions(
    @Param('principal') principal: string,
    @Param('jobId') jobId: string,
  ): Promise<Collection<AttributeMappingFunctionSchema>> {
    await this.jobOf(principal, jobId);
    return { value: mappingFunctions() };
  }

  @Get(['jobs/:jobId/schema/filterOperators', 'jobs/:jobId/schema/filterOperators()'])
  @Header('content-type', graphContentType)
  async operators(@Param('principal') principal: string, @Param('jobId') jobId: string): Promise<Collection<FilterOperatorSchema>> {
    await this.jobOf(principal, jobId);
    return { value: filterOperators() };
  }

  @Post('jobs/:jobId/schema/parseExpression')
  @HttpCode(200)
  @Header('content-type', graphContentType)
  async parseExpression(
    @Param('principal') principal: string,
    @Param('jobId') jobId: string,
    @Body(parsedBody(ParseExpressionOrder)) order: ParseExpressionOrder,
  ): Promise<ParseExpressionResponse> {
    await this.jobOf(principal, jobId);
    return tryExpression(order, { now: new Date().toISOString(), newId: randomUUID, random: (below) => randomInt(below) });
  }

  @Get('templates')
  @Header('content-type', graphContentType)
  async templates(@Param('principal') principal: string): Promise<Collection<SynchronizationTemplate>> {
    return { value: [await this.templateOf(principal)] };
  }

  @Get('templates/:templateId')
  @Header('content-type', graphContentType)
  async template(@Param('principal') principal: string, @Param('templateId') templateId: string): Promise<SynchronizationTemplate> {
    const template = await this.templateOf(principal);
    if (template.id !== templateId) throw new NotFound(`there is no template ${templateId} here, only ${template.id}`);
    return template;
  }

  @Post('jobs/:jobId/start')
  @HttpCode(204)
  async start(@Param('principal') principal: string, @Param('jobId') jobId: string): Promise<void> {
    await this.order(StartJob, await this.jobOf(principal, jobId));
  }

  @Post('jobs/:jobId/pause')
  @HttpCode(204)
  async pause(@Param('principal') principal: string, @Param('jobId') jobId: string): Promise<void> {
    await this.order(PauseJob, await this.jobOf(principal, jobId));
  }

  /** Both systems are asked what they hold, with the secrets that the job refers to. */
  @Post('jobs/:jobId/validateCredentials')
  @HttpCode(204)
  async validate(@Param('principal') principal: string, @Param('jobId') jobId: string, @Body() body: unknown): Promise<void> {
    const order = ValidateCredentialsOrder.safeParse(body ?? {});
    if (!order.success) throw new BadRequest('the body is not understood: give { "useSavedCredentials": true }');
    if ((order.data.credentials ?? []).length > 0)
      throw new BadRequest('credentials are not taken here: a job refers to them, and those that it refers to are tried');
    const { definition, baseDir } = await getConfiguration(this.models, await this.jobOf(principal, jobId));
    const answer = await this.commands.send(ValidateJob, { definition, baseDir });
    if (!answer.ok) throw new BadRequest([answer.message, ...answer.issues.map(({ message }) => message)].join('; '));
  }

  /** `objectConnections('id')`; the collection cannot be listed. */
  @Get('jobs/:jobId/:segment')
  @Header('content-type', graphContentType)
  async objectConnection(
    @Param('principal') principal: string,
    @Param('jobId') jobId: string,
    @Param('segment') segment: string,
  ): Promise<ObjectConnection> {
    const of = await this.jobOf(principal, jobId);
    if (/^objectConnections$/i.test(segment)) throw new BadRequest("object connections cannot be listed: ask for objectConnections('id')");
    const objectId = /^objectConnections\('((?:[^']|'')*)'\)$/i.exec(segment)?.[1]?.replaceAll("''", "'");
    if (objectId === undefined) throw new NotFound(`a job has no ${segment}`);
    return getObjectConnection(this.models, of, objectId);
  }

  private async order(command: typeof StartJob | typeof PauseJob, jobId: string): Promise<void> {
    const answer = await this.commands.send(command, { jobId, by: localUser });
    if (!answer.ok) throw new CommandRefused(answer);
  }

  private async jobOf(principal: string, jobId: string): Promise<string> {
    const known = await jobOfServicePrincipal(this.models, principal);
    if (known !== jobId) throw new NotFound(`this service principal has no job ${jobId}, only ${known}`);
    return known;
  }

  private async templateOf(principal: string): Promise<SynchronizationTemplate> {
    const jobId = await jobOfServicePrincipal(this.models, principal);
    const { definition } = await getConfiguration(this.models, jobId);
    const { connector } = definition.target;
    return {
      id: connector,
      applicationId: partId('application', jobId),
      default: true,
      discoverable: true,
      description: `Provisioning from ${definition.source.connector} to ${connector}`,
      factoryTag: connector,
      metadata: [],
    };
  }
}
