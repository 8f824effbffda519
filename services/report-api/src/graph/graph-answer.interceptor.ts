import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';

import { GRAPH_SETTINGS, type GraphSettings } from '../tokens.js';
import { contextOf } from './graph-context.js';
import { graphVersion, publicBase } from './graph-request.js';
import { readSmallQuery, smallAnswer } from './small-answer.js';

/** Gives answers that are no page of a log what all of Graph have: their context, and what of them was asked for. */
@Injectable()
export class GraphAnswerInterceptor implements NestInterceptor {
  constructor(@Inject(GRAPH_SETTINGS) private readonly settings: GraphSettings) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    return next.handle().pipe(map((body: unknown) => this.shaped(request, body)));
  }

  private shaped(request: FastifyRequest, body: unknown): unknown {
    if (typeof body !== 'object' || body === null || '@odata.context' in body) return body;
    const isCollection = 'value' in body && Array.isArray(body.value);
    const query = readSmallQuery(request.method === 'GET' ? (request.query as Record<string, unknown>) : {}, isCollection);
    const [path = ''] = request.url.split('?');
    const base = `${publicBase(request, this.settings.publicUrl)}/${graphVersion(request.url) ?? 'v1.0'}`;
    const inVersion = path.replace(/^\/[^/]+\//, '');
    return smallAnswer(body, query, { context: `${base}/$metadata#${contextOf(inVersion, isCollection)}`, link: `${base}/${inVersion}` });
  }
}
