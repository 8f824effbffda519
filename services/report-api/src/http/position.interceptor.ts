import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import { getPosition } from '@provident/report';
import type { FastifyReply } from 'fastify';
import type { Observable } from 'rxjs';

import { READ_MODELS, type ReadModels } from '../tokens.js';

/** Says how fresh a report is: every event up to `X-Provident-Position` is in it, later ones may be. */
@Injectable()
export class PositionInterceptor implements NestInterceptor {
  constructor(@Inject(READ_MODELS) private readonly models: ReadModels) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const { position } = await getPosition(this.models);
    void context.switchToHttp().getResponse<FastifyReply>().header('x-provident-position', String(position));
    return next.handle();
  }
}
