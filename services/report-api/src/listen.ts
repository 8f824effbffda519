import type { Server } from 'node:https';

import type { DynamicModule, LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

import { type AccessHooks, addAccessHooks, callerOfRequest } from './access/access-hooks.js';
import { watchAskers } from './http/askers.js';
import { fastifyAdapter, type HttpSettings } from './http/fastify-adapter.js';
import type { People } from './privacy/people.js';
import { addUnsealing } from './privacy/unsealing.js';
import { keepTlsCurrent, type TlsFiles } from './http/tls-files.js';

export interface ListenSettings extends HttpSettings {
  readonly port: number;
  readonly access: AccessHooks;
  readonly people: Pick<People, 'forOpening'>;
  /** Looked at again when they change. */
  readonly tlsFiles?: TlsFiles | null;
}

/** Starts the HTTP server. */
export async function listen(module: DynamicModule, settings: ListenSettings, logger: LoggerService): Promise<NestFastifyApplication> {
  const adapter = fastifyAdapter(settings);
  // Before any route is there: each is looked at as it comes.
  addAccessHooks(adapter.getInstance(), settings.access);
  watchAskers(adapter.getInstance());
  addUnsealing(adapter.getInstance(), { people: settings.people, log: settings.access.log, callerOf: callerOfRequest });
  const application = await NestFactory.create<NestFastifyApplication>(module, adapter, { logger, abortOnError: false });
  if (settings.tlsFiles) {
    const end = keepTlsCurrent(adapter.getInstance().server as unknown as Server, settings.tlsFiles, (error) =>
      error === null
        ? logger.log('a new certificate is in use')
        : logger.warn(`the certificate was left as it is: ${(error as Error).message}`),
    );
    adapter.getInstance().addHook('onClose', async () => end());
  }
  await application.listen(settings.port, settings.host);
  return application;
}
