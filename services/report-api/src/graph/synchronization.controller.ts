import { randomInt, randomUUID } from 'node:crypto';

import { Body, Controller, Get, Header, HttpCode, Inject, Param, Post, Res, UseInterceptors } from '@nestjs/common';
import {
  type AttributeMappingFunctionSchema,
  type DirectoryDefinition,
  type FilterOperatorSchema,
  type ObjectConnection,
  ParseExpressionOrder,
  type ParseExpressionResponse,
  type Synchronization,
  type SynchronizationJob,
  type SynchronizationSchema,
  type SynchronizationSecret,
  type SynchronizationTemplate,
} from '@provident/contracts';
import {
  directoryIn,
  filterOperators,
  getConfiguration,
  getObjectConnection,
  getSynchronizationJob,
  getSynchronizationSchema,
  jobOfServicePrincipal,
  jobsOfServicePrincipal,
  mappingFunctions,
  NotFound,
  partId,
  tryExpression,
} from '@provident/report';
import type { FastifyReply } from 'fastify';

import { BadRequest } from '../http/bad-request.js';
import { parsedBody } from '../http/parsed.pipe.js';
import { PositionInterceptor } from '../http/position.interceptor.js';
import { revisionTag } from '../http/precondition.js';
import { READ_MODELS, type ReadModels } from '../tokens.js';
import { graphContentType } from './collection-answer.js';
import { GraphAnswerInterceptor } from './graph-answer.interceptor.js';
import { connectionIn } from './object-connection.js';
import { secretsShown } from './synchronization-secrets.js';
import { assertTemplate, jobUnder, synchronizationTrees } from './synchronization-tree.js';

interface Collection<Item> {
  readonly value: readonly Item[];
}

/** A job as Graph's synchronization API shows it. */
@Controller(synchronizationTrees)
@UseInterceptors(PositionInterceptor, GraphAnswerInterceptor)
export class SynchronizationController {
  constructor(@Inject(READ_MODELS) private readonly models: ReadModels) {}

  @Get()
  @Header('content-type', graphContentType)
  async entity(@Param('principal') principal: string): Promise<Synchronization> {
    const jobId = await jobOfServicePrincipal(this.models, principal);
    const { definition } = await getConfiguration(this.models, jobId);
    return { id: partId('service-principal', jobId), secrets: secretsShown(definition) };
  }

  /** Without their values. */
  @Get('secrets')
  @Header('content-type', graphContentType)
  async secrets(@Param('principal') principal: string): Promise<Collection<SynchronizationSecret>> {
    return { value: (await this.entity(principal)).secrets };
  }

  @Get('jobs')
  @Header('content-type', graphContentType)
  async jobs(@Param('principal') principal: string): Promise<Collection<SynchronizationJob>> {
    const of = await jobsOfServicePrincipal(this.models, principal);
    return { value: await Promise.all(of.map((jobId) => getSynchronizationJob(this.models, jobId))) };
  }

  @Get('jobs/:jobId')
  @Header('content-type', graphContentType)
  async job(@Param('principal') principal: string, @Param('jobId') jobId: string): Promise<SynchronizationJob> {
    return getSynchronizationJob(this.models, await jobUnder(this.models, principal, jobId));
  }

  @Get('jobs/:jobId/schema')
  @Header('content-type', graphContentType)
  async schema(
    @Param('principal') principal: string,
    @Param('jobId') jobId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SynchronizationSchema> {
    const schema = await this.schemaOf(principal, jobId);
    void reply.header('etag', revisionTag(Number(schema.version)));
    return schema;
  }

  private async schemaOf(principal: string, jobId: string): Promise<SynchronizationSchema> {
    return getSynchronizationSchema(this.models, await jobUnder(this.models, principal, jobId));
  }

  @Get('jobs/:jobId/schema/directories')
  @Header('content-type', graphContentType)
  async directories(@Param('principal') principal: string, @Param('jobId') jobId: string): Promise<Collection<DirectoryDefinition>> {
    return { value: (await this.schemaOf(principal, jobId)).directories };
  }

  @Get('jobs/:jobId/schema/directories/:directoryId')
  @Header('content-type', graphContentType)
  async directory(
    @Param('principal') principal: string,
    @Param('jobId') jobId: string,
    @Param('directoryId') directoryId: string,
  ): Promise<DirectoryDefinition> {
    return directoryIn(await this.schemaOf(principal, jobId), directoryId);
  }

  @Get(['jobs/:jobId/schema/functions', 'jobs/:jobId/schema/functions()'])
  @Header('content-type', graphContentType)
  async functions(
    @Param('principal') principal: string,
    @Param('jobId') jobId: string,
  ): Promise<Collection<AttributeMappingFunctionSchema>> {
    await jobUnder(this.models, principal, jobId);
    return { value: mappingFunctions() };
  }

  @Get(['jobs/:jobId/schema/filterOperators', 'jobs/:jobId/schema/filterOperators()'])
  @Header('content-type', graphContentType)
  async operators(@Param('principal') principal: string, @Param('jobId') jobId: string): Promise<Collection<FilterOperatorSchema>> {
    await jobUnder(this.models, principal, jobId);
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
    await jobUnder(this.models, principal, jobId);
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
    assertTemplate(template.id, templateId);
    return template;
  }

  /** The rules that a job has which is made from the template. */
  @Get('templates/:templateId/schema')
  @Header('content-type', graphContentType)
  async templateSchema(@Param('principal') principal: string, @Param('templateId') templateId: string): Promise<SynchronizationSchema> {
    assertTemplate((await this.templateOf(principal)).id, templateId);
    return getSynchronizationSchema(this.models, await jobOfServicePrincipal(this.models, principal));
  }

  /** `objectConnections('id')`; the collection cannot be listed. */
  @Get('jobs/:jobId/:segment')
  @Header('content-type', graphContentType)
  async objectConnection(
    @Param('principal') principal: string,
    @Param('jobId') jobId: string,
    @Param('segment') segment: string,
  ): Promise<ObjectConnection> {
    const of = await jobUnder(this.models, principal, jobId);
    if (/^objectConnections$/i.test(segment)) throw new BadRequest("object connections cannot be listed: ask for objectConnections('id')");
    const objectId = connectionIn(segment);
    if (objectId === null) throw new NotFound(`a job has no ${segment}`);
    return getObjectConnection(this.models, of, objectId);
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
