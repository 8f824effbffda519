import 'reflect-metadata';

import { setPriority } from 'node:os';

import { BrokerUnusable } from '@provident/bus';
import type { DynamicModule, INestApplicationContext, INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NatsOptions } from '@nestjs/microservices';
import { Transport } from '@nestjs/microservices';
import { VaultUnusable } from '@provident/vault';
import type { z } from 'zod';

import type { BaseConfig } from './config.js';
import { ConfigUnusable, readConfig } from './config.js';
import { DatabaseUnusable } from './database.js';
import { nestLogger } from './logger.js';
import { Monitor } from './monitoring/monitor.js';
import { serveMonitor } from './monitoring/monitor-server.js';
import { type ServicePorts, openService } from './service.js';
import { TraceSettings } from './tracing/settings.js';

/** Of 19, the most yielding: gets a third of the processor beside a process that does not yield, and all of it without one. */
const yieldingPriority = 5;

export interface ServiceDefinition<Config extends BaseConfig> {
  readonly name: string;
  readonly config: z.ZodType<Config>;
  /** A service that does the work yields the processor to those that answer and show: when it is short, seeing goes before doing. */
  readonly yields?: boolean;
  /** The Nest module, made from what the service stands on. Its providers open the database, and start and stop the work by Nest's life-cycle hooks. */
  readonly module: (ports: ServicePorts, config: Config) => Promise<DynamicModule>;
  /** Starts the application another way than as a NATS microservice. */
  readonly listen?: (module: DynamicModule, ports: ServicePorts, config: Config) => Promise<INestApplicationContext>;
}

/**
 * Starts a service: reads its configuration, connects, listens to commands, works. A problem that the operator can mend is one line on standard
 * error and exit status 1. Ends cleanly on SIGINT, SIGTERM, or when the parent that started it with a channel goes away.
 */
export async function bootstrap<Config extends BaseConfig>(definition: ServiceDefinition<Config>): Promise<void> {
  const ending = new AbortController();
  try {
    const config = readConfig(definition.config);
    const traces = readConfig(TraceSettings);
    if (definition.yields) setPriority(yieldingPriority);
    const monitor = new Monitor(definition.name);
    if (config.METRICS_PORT !== undefined) await serveMonitor(monitor, { host: config.METRICS_HOST, port: config.METRICS_PORT });
    const ports = await openService(definition.name, config, { monitor, traces, signal: ending.signal });
    const module = await definition.module(ports, config);
    const application = await (definition.listen ?? listenOnBroker)(module, ports, config);
    endOnSignals(application, ports, ending);
    ports.logger.info('ready');
    if (process.connected) process.send?.({ type: 'ready', service: definition.name });
  } catch (error) {
    fail(definition.name, error);
  }
}

/** Commands arrive as NATS requests; instances of one service take turns. */
async function listenOnBroker(module: DynamicModule, ports: ServicePorts): Promise<INestMicroservice> {
  const options: NatsOptions = {
    transport: Transport.NATS,
    options: { servers: [ports.config.NATS_URL], queue: ports.name, maxReconnectAttempts: -1 },
  };
  const application = await NestFactory.createMicroservice(module, { ...options, logger: nestLogger(ports.logger) });
  await application.listen();
  return application;
}

function endOnSignals(application: INestApplicationContext, ports: ServicePorts, ending: AbortController): void {
  let ended = false;
  const end = async (): Promise<void> => {
    if (ended) return;
    ended = true;
    setTimeout(() => process.exit(1), 8_000).unref();
    await application.close();
    ending.abort();
    await ports.tracing?.close();
    await ports.connection.drain().catch(() => undefined); // a broker that is gone has nothing to drain
    process.exit();
  };
  process.once('SIGINT', () => void end());
  process.once('SIGTERM', () => void end());
  process.once('disconnect', () => void end());
}

function fail(name: string, error: unknown): never {
  const expected = [ConfigUnusable, BrokerUnusable, DatabaseUnusable, VaultUnusable].some((kind) => error instanceof kind);
  process.stderr.write(
    expected
      ? `${name}: ${(error as Error).message}\n`
      : `${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exit(1);
}
