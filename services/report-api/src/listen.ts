import type { DynamicModule, LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Monitor } from '@provident/service-kit';

import { fastifyAdapter } from './http/fastify-adapter.js';

/** Starts the HTTP server. */
export async function listen(
  module: DynamicModule,
  { HOST, PORT }: { HOST: string; PORT: number },
  logger: LoggerService,
  monitor: Monitor,
): Promise<NestFastifyApplication> {
  const application = await NestFactory.create<NestFastifyApplication>(module, fastifyAdapter(HOST, monitor), { logger });
  await application.listen(PORT, HOST);
  return application;
}
