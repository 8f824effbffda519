import { Controller, Get, Header, Inject, Param, Query, Req, UseInterceptors } from '@nestjs/common';
import type { DirectoryAudit, ProvisioningObjectSummary } from '@provident/contracts';
import { countAudits, countProvisioning, getAudit, getProvisioning, listAudits, listProvisioning, NotFound } from '@provident/report';
import type { FastifyRequest } from 'fastify';

import { PositionInterceptor } from '../http/position.interceptor.js';
import { Turns } from '../http/turns.js';
import { GRAPH_SETTINGS, type GraphSettings, READ_MODELS, type ReadModels } from '../tokens.js';
import { collectionAnswer, graphContentType } from './collection-answer.js';
import { GraphAnswerInterceptor } from './graph-answer.interceptor.js';
import { graphVersion } from './graph-request.js';

type Options = Record<string, unknown>;

/** The provisioning log and the audit log, as Graph clients ask for them. */
@Controller(['v1.0/auditLogs', 'beta/auditLogs'])
@UseInterceptors(PositionInterceptor, GraphAnswerInterceptor)
export class AuditLogsController {
  constructor(
    @Inject(READ_MODELS) private readonly models: ReadModels,
    @Inject(GRAPH_SETTINGS) private readonly settings: GraphSettings,
    @Inject(Turns) private readonly turns: Turns,
  ) {}

  @Get('provisioning')
  @Header('content-type', graphContentType)
  async provisioning(@Req() request: FastifyRequest, @Query() options: Options): Promise<object> {
    const page = await this.turns.take(() => listProvisioning(this.models, this.settings.tenantId, options));
    return collectionAnswer(request, this.settings.publicUrl, 'auditLogs/provisioning', page);
  }

  /** Its first name, in beta alone. */
  @Get('directoryProvisioning')
  @Header('content-type', graphContentType)
  async directoryProvisioning(@Req() request: FastifyRequest, @Query() options: Options): Promise<object> {
    if (graphVersion(request.url) !== 'beta') throw new NotFound('this is auditLogs/provisioning in v1.0');
    const page = await this.turns.take(() => listProvisioning(this.models, this.settings.tenantId, options));
    return collectionAnswer(request, this.settings.publicUrl, 'auditLogs/directoryProvisioning', page);
  }

  @Get('provisioning/$count')
  @Header('content-type', 'text/plain; charset=utf-8')
  async provisioningCount(@Query() options: Options): Promise<string> {
    return String(await this.turns.take(() => countProvisioning(this.models, this.settings.tenantId, options)));
  }

  @Get('provisioning/:id')
  @Header('content-type', graphContentType)
  provisioningEntry(@Param('id') id: string): Promise<ProvisioningObjectSummary> {
    return getProvisioning(this.models, this.settings.tenantId, id);
  }

  @Get('directoryAudits')
  @Header('content-type', graphContentType)
  async audits(@Req() request: FastifyRequest, @Query() options: Options): Promise<object> {
    const page = await this.turns.take(() => listAudits(this.models, options));
    return collectionAnswer(request, this.settings.publicUrl, 'auditLogs/directoryAudits', page);
  }

  @Get('directoryAudits/$count')
  @Header('content-type', 'text/plain; charset=utf-8')
  async auditCount(@Query() options: Options): Promise<string> {
    return String(await this.turns.take(() => countAudits(this.models, options)));
  }

  @Get('directoryAudits/:id')
  @Header('content-type', graphContentType)
  audit(@Param('id') id: string): Promise<DirectoryAudit> {
    return getAudit(this.models, id);
  }
}
