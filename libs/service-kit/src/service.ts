import type { EventLog } from '@provident/bus';
import {
  Appender,
  assertDurable,
  connectBroker,
  type Durability,
  JobRegistry,
  LanePool,
  type LaneProgram,
  type LaneWatch,
  laneWork,
  LaneWorker,
  Leases,
  observedLog,
  openNatsLog,
  type Unit,
  type Work,
  WorkPool,
} from '@provident/bus';
import type { NatsConnection } from '@nats-io/transport-node';
import type { JobId } from '@provident/domain';

import type { BaseConfig } from './config.js';
import { endLoudly } from './end-loudly.js';
import { type Logger, createLogger } from './logger.js';
import { laneMetrics } from './monitoring/lane-metrics.js';
import { logMetrics } from './monitoring/log-metrics.js';
import type { Monitor } from './monitoring/monitor.js';
import { WorkMetrics } from './monitoring/work-metrics.js';
import { type OpenTracer, openTracer } from './tracing/open-tracer.js';
import type { TraceSettings } from './tracing/settings.js';
import { version } from './version.js';

/** What a running service stands on. Made before Nest starts, handed to its module, closed after it. */
export interface ServicePorts {
  readonly name: string;
  readonly config: BaseConfig;
  readonly logger: Logger;
  readonly connection: NatsConnection;
  readonly durability: Durability;
  readonly log: EventLog;
  readonly appender: Appender;
  readonly registry: JobRegistry;
  readonly leases: Leases;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  readonly monitor: Monitor;
  readonly watch: LaneWatch;
  /** Absent: nothing is traced. */
  readonly tracing?: OpenTracer | null;
}

export interface ServiceSurroundings {
  readonly monitor: Monitor;
  readonly traces: TraceSettings;
  readonly signal: AbortSignal;
}

/** Connects a service to the broker and reads which jobs there are. @throws BrokerUnusable */
export async function openService(
  name: string,
  config: BaseConfig,
  { monitor, traces, signal }: ServiceSurroundings,
): Promise<ServicePorts> {
  const logger = createLogger(name, config.PROVIDENT_INSTANCE, config.LOG_LEVEL);
  const connection = await connectBroker(config.NATS_URL, `${name} ${config.PROVIDENT_INSTANCE}`);
  const { NATS_URL: natsUrl, NATS_SYNC: sync, NATS_MONITORING_URL: monitoringUrl } = config;
  const durability = await assertDurable({ natsUrl, sync, monitoringUrl }).catch(async (error: unknown) => {
    await connection.close();
    throw error;
  });
  const onTrouble = (error: unknown): void => logger.warn({ err: error }, 'the collector of traces did not take spans: they are lost');
  const tracing = await openTracer(traces, { name, instance: config.PROVIDENT_INSTANCE, monitor, onTrouble });
  const onReplaced = (error: Error): void => endLoudly(logger, error, 'another log has taken the place of this one');
  const metered = observedLog(await openNatsLog(connection, { stream: config.PROVIDENT_STREAM, onReplaced }), logMetrics(monitor));
  const log = tracing ? observedLog(metered, tracing.tracer) : metered;
  const registry = new JobRegistry(log);
  await registry.start(signal);
  const leases = await Leases.join(connection, name, config.PROVIDENT_INSTANCE, version);
  monitor.addCheck('broker', async () => {
    if (!leases.isAlive()) throw new Error('the lease of this instance could not be renewed: the broker is away or slow');
  });
  const now = (): Date => new Date();
  const watch = laneMetrics(monitor, now);
  return {
    name,
    config,
    logger,
    connection,
    durability,
    log,
    appender: new Appender(log),
    registry,
    leases,
    signal,
    now,
    monitor,
    watch,
    tracing,
  };
}

/** A pool that runs a lane program for every job. */
export function lanePool(ports: ServicePorts, program: LaneProgram): LanePool {
  const { log, appender, now, watch } = ports;
  return workPool(
    ports,
    laneWork(program, (unit, signal, assertHeld) => new LaneWorker(program, unit, { log, appender, now, assertHeld, watch }).run(signal)),
  );
}

/** A pool for work that is not of jobs. @param onChange tells when there may be other work */
export function otherPool(
  { leases, logger, monitor }: ServicePorts,
  { list, onChange }: { readonly list: () => readonly Work[]; readonly onChange: (listener: () => void) => unknown },
): WorkPool {
  const metrics = new WorkMetrics(monitor);
  const onTrouble = (unit: Unit, error: unknown): void => logger.error({ err: error, work: unit.lane }, 'work stopped, starts again');
  const pool = new WorkPool({ leases, onTrouble, onChange }, list);
  metrics.watch(pool);
  return pool;
}

/** A pool for work of any shape. */
export function workPool(
  { leases, registry, logger, monitor }: ServicePorts,
  workOf: (jobId: JobId, lanes: number) => readonly Work[],
): LanePool {
  const metrics = new WorkMetrics(monitor);
  const onTrouble = (unit: Unit, error: unknown): void => {
    metrics.noteStopped(unit.jobId);
    logger.error({ err: error, jobId: unit.jobId, lane: unit.lane }, 'work stopped, starts again');
  };
  const pool = new LanePool({ leases, registry, onTrouble }, workOf);
  metrics.watch(pool);
  return pool;
}
