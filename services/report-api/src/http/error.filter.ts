import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { errorAnswer } from './error-answer.js';

interface Logger {
  error(facts: object, message: string): void;
}

/** Answers every error as an `ErrorView`. No stack trace leaves the service. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const { status, body, unexpected } = errorAnswer(error);
    if (unexpected)
      this.logger.error({ err: error, requestId: request.id, method: request.method, path: request.url.split('?')[0] }, 'a request failed');
    if (!reply.sent) void reply.status(status).send(body);
  }
}
