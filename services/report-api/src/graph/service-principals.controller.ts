import { Controller, Get, Header, Inject, Param, Query, Req, UseInterceptors } from '@nestjs/common';
import type { ServicePrincipal } from '@provident/contracts';
import { getServicePrincipal, listServicePrincipals } from '@provident/report';
import type { FastifyRequest } from 'fastify';

import { PositionInterceptor } from '../http/position.interceptor.js';
import { GRAPH_SETTINGS, type GraphSettings, READ_MODELS, type ReadModels } from '../tokens.js';
import { collectionAnswer, graphContentType } from './collection-answer.js';
import { GraphAnswerInterceptor } from './graph-answer.interceptor.js';

/** The applications that jobs provision: one service principal for each job. */
@Controller(['v1.0/servicePrincipals', 'beta/servicePrincipals'])
@UseInterceptors(PositionInterceptor, GraphAnswerInterceptor)
export class ServicePrincipalsController {
  constructor(
    @Inject(READ_MODELS) private readonly models: ReadModels,
    @Inject(GRAPH_SETTINGS) private readonly settings: GraphSettings,
  ) {}

  @Get()
  @Header('content-type', graphContentType)
  async list(@Req() request: FastifyRequest, @Query() options: Record<string, unknown>): Promise<object> {
    return collectionAnswer(request, this.settings.publicUrl, 'servicePrincipals', await listServicePrincipals(this.models, options));
  }

  @Get(':id')
  @Header('content-type', graphContentType)
  one(@Param('id') id: string): Promise<ServicePrincipal> {
    return getServicePrincipal(this.models, id);
  }
}
