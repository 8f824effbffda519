import { type ArgumentsHost, Catch, type ExceptionFilter, NotFoundException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { NotSignedIn } from '../access/refusals.js';
import { graphError } from '../graph/graph-error.js';
import { clientRequestId, graphVersion } from '../graph/graph-request.js';
import { allowedMethods } from './allowed-methods.js';
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
    const allowed = isUnrouted(error) ? allowedMethods(request.url) : [];
    const answer = allowed.length > 0 ? notThatMethod(request.method, allowed) : errorAnswer(error);
    if (answer.unexpected)
      this.logger.error({ err: error, requestId: request.id, method: request.method, path: request.url.split('?')[0] }, 'a request failed');
    if (reply.sent) return;
    if (error instanceof NotSignedIn)
      void reply.header('www-authenticate', error.hadCredentials ? 'Bearer error="invalid_token"' : 'Bearer');
    if (answer.status === 405) void reply.header('allow', allowed.join(', '));
    const { status, body } = shapeFor(request, answer);
    if (error instanceof TooManyRequests) void reply.header('retry-after', String(error.retryAfterS));
    else if (status === 503) void reply.header('retry-after', '5');
    void reply.status(status).header('content-type', 'application/json; charset=utf-8').send(body);
  }
}

/** The framework knows no such path with that method. */
const isUnrouted = (error: unknown): boolean => error instanceof NotFoundException;

const notThatMethod = (method: string, allowed: readonly string[]): ErrorAnswer => ({
  status: 405,
  body: { error: { code: 'method-not-allowed', message: `${method} is not known here; supported: ${allowed.join(', ')}` } },
  unexpected: false,
});

/** As those read it who ask on this path. */
export const shapeFor = (request: FastifyRequest, answer: Omit<ErrorAnswer, 'unexpected'>): { status: number; body: object } =>
  graphVersion(request.url) === null ? answer : graphError(answer, request.id, clientRequestId(request));
