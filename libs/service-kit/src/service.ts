import type { EventLog } from '@provident/bus';
import {
  Appender,
  JobRegistry,
  LanePool,
  type LaneProgram,
  LaneWorker,
  Leases,
  type Unit,
  type Work,
  connectBroker,
  laneWork,
  openNatsLog,
} from '@provident/bus';
import type { NatsConnection } from '@nats-io/transport-node';
import type { JobId } from '@provident/domain';

import type { BaseConfig } from './config.js';
import { type Logger, createLogger } from './logger.js';

/** What a running service stands on. Made before Nest starts, handed to its module, closed after it. */
export interface ServicePorts {
  readonly name: string;
  readonly config: BaseConfig;
  readonly logger: Logger;
  readonly connection: NatsConnection;
  readonly log: EventLog;
  readonly appender: Appender;
  readonly registry: JobRegistry;
  readonly leases: Leases;
  readonly signal: AbortSignal;
  readonly now: () => Date;
}

/** Connects a service to the broker and reads which jobs there are. @throws BrokerUnusable */
export async function openService(name: string, config: BaseConfig, signal: AbortSignal): Promise<ServicePorts> {
  const logger = createLogger(name, config.PROVIDENT_INSTANCE, config.LOG_LEVEL);
  const connection = await connectBroker(config.NATS_URL, `${name} ${config.PROVIDENT_INSTANCE}`);
  const log = await openNatsLog(connection, { stream: config.PROVIDENT_STREAM });
  const registry = new JobRegistry(log);
  await registry.start(signal);
  const leases = await Leases.join(connection, name, config.PROVIDENT_INSTANCE);
  return { name, config, logger, connection, log, appender: new Appender(log), registry, leases, signal, now: () => new Date() };
}

/** A pool that runs a lane program for every job. */
export function lanePool(ports: ServicePorts, program: LaneProgram): LanePool {
  const { log, appender, now } = ports;
  return workPool(
    ports,
    laneWork(program, (unit, signal, assertHeld) => new LaneWorker(program, unit, { log, appender, now, assertHeld }).run(signal)),
  );
}

/** A pool for work of any shape. */
export function workPool({ leases, registry, logger }: ServicePorts, workOf: (jobId: JobId, lanes: number) => readonly Work[]): LanePool {
  return new LanePool(
    {
      leases,
      registry,
      onTrouble: (unit: Unit, error: unknown) =>
        logger.error({ err: error, jobId: unit.jobId, lane: unit.lane }, 'work stopped, starts again'),
    },
    workOf,
  );
}
