import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { NotSignedIn } from '../access/refusals.js';
import { graphError } from '../graph/graph-error.js';
import { clientRequestId, graphVersion } from '../graph/graph-request.js';
import { type ErrorAnswer, errorAnswer } from './error-answer.js';
import { TooManyRequests } from './turns.js';

interface Logger {
  error(facts: object, message: string): void;
}

/** Answers every error as an `ErrorView`, or on the Graph paths as Graph does. No stack trace leaves the service. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const answer = errorAnswer(error);
    if (answer.unexpected)
      this.logger.error({ err: error, requestId: request.id, method: request.method, path: request.url.split('?')[0] }, 'a request failed');
    if (reply.sent) return;
    if (error instanceof NotSignedIn)
      void reply.header('www-authenticate', error.hadCredentials ? 'Bearer error="invalid_token"' : 'Bearer');
    const { status, body } = shapeFor(request, answer);
    if (error instanceof TooManyRequests) void reply.header('retry-after', String(error.retryAfterS));
    else if (status === 503) void reply.header('retry-after', '5');
    void reply.status(status).header('content-type', 'application/json; charset=utf-8').send(body);
  }
}

/** As those read it who ask on this path. */
export const shapeFor = (request: FastifyRequest, answer: Omit<ErrorAnswer, 'unexpected'>): { status: number; body: object } =>
  graphVersion(request.url) === null ? answer : graphError(answer, request.id, clientRequestId(request));
