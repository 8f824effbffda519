import { Appender, JobRegistry, LeaseLost, type Leases, StaleWriter } from '@provident/bus';
import type { MemoryLog } from '@provident/bus/testing/memory-log';
import { ConnectorError, TargetGate } from '@provident/connectors';
import { escrowLanes } from '@provident/escrow-retrier';
import { type OpenTarget, exportWork } from '@provident/exporter';
import { ImporterConfig, JobImporter } from '@provident/importer';
import { JobKeeper, SchedulerConfig } from '@provident/job-scheduler';
import { evaluateLanes } from '@provident/rule-evaluator';
import { type Logger, Monitor, type ServicePorts, lanePool, workPool } from '@provident/service-kit';
import type { DataSource } from 'typeorm';

import type { Chaos } from './chaos.js';
import type { Stores } from './databases.js';
import { Injected } from './ports/injected.js';
import { simDatabase } from './ports/sim-database.js';
import { LeaseTable, SimLeases } from './ports/sim-leases.js';
import { SimLog } from './ports/sim-log.js';
import { type Source, sourceConnector } from './ports/sim-source.js';
import { type Target, targetConnector } from './ports/sim-target.js';
import { Wire } from './ports/sim-wire.js';
import { within } from './virtual-time.js';
import type { Sabotage } from './sabotage/sabotage.js';
import { SimProcess, type World } from './world.js';

export const stageNames = ['job-scheduler', 'importer', 'rule-evaluator', 'exporter', 'escrow-retrier'] as const;
export type StageName = (typeof stageNames)[number];

export interface Surroundings {
  readonly world: World;
  readonly broker: MemoryLog;
  readonly stores: Stores;
  readonly source: Source;
  readonly target: Target;
  readonly chaos: Chaos;
  readonly sabotage?: Sabotage | undefined;
}

const restartMs = [200, 1_500] as const;

/** The five services of the pipeline as processes of the simulated world: their own code, from the pool of work inwards, on simulated ports. */
export class Installation {
  readonly wire: Wire;
  private readonly leases: Record<StageName, LeaseTable>;

  constructor(private readonly surroundings: Surroundings) {
    const { world } = surroundings;
    this.wire = new Wire(world, surroundings.sabotage?.answer);
    this.leases = Object.fromEntries(stageNames.map((name) => [name, new LeaseTable(world)])) as Record<StageName, LeaseTable>;
  }

  /** @param replicas instances of each service */
  start(replicas: number): void {
    for (const stage of stageNames) for (let replica = 1; replica <= replicas; replica++) this.launch(stage, `${stage}-${replica}`);
  }

  /** Starts a process, and another one of its name whenever it dies. */
  private launch(stage: StageName, name: string): void {
    const { world } = this.surroundings;
    const process: SimProcess = new SimProcess(world, name, () => {
      world.schedule(world.random.between(...restartMs), null, () => this.launch(stage, name));
    });
    within(process, () => {
      this.begin(stage, process).catch((error: unknown) => process.crash(`it could not start: ${String(error)}`));
    });
  }

  private async begin(stage: StageName, process: SimProcess): Promise<void> {
    const ports = await this.openPorts(stage, process);
    this.poolOf(stage, ports).start();
  }

  private async openPorts(name: StageName, process: SimProcess): Promise<ServicePorts> {
    const { world, broker, chaos } = this.surroundings;
    const log = new SimLog(world, broker, chaos);
    const registry = new JobRegistry(log);
    await registry.start(process.signal);
    return {
      name,
      config: {
        NATS_URL: 'nats://simulated',
        DATABASE_URL: 'postgres://simulated',
        PROVIDENT_INSTANCE: process.name,
        PROVIDENT_STREAM: 'PROVISIONING',
        METRICS_HOST: '127.0.0.1',
        LOG_LEVEL: 'error',
      },
      logger: this.loggerOf(process),
      connection: this.wire.connection(process),
      durability: 'declared',
      log,
      appender: new Appender(log),
      registry,
      leases: (await SimLeases.join(this.leases[name], process)) as unknown as Leases, // its private parts are not asked for
      signal: process.signal,
      now: () => world.date(),
      monitor: new Monitor(name),
      watch: { begin: () => () => undefined, answered: () => undefined },
    };
  }

  private poolOf(stage: StageName, ports: ServicePorts) {
    const { world, source, target, chaos, sabotage } = this.surroundings;
    const database = this.databaseOf(stage);
    switch (stage) {
      case 'job-scheduler': {
        const config = SchedulerConfig.parse(ports.config);
        return workPool(ports, (jobId) => [
          {
            unit: { jobId, lane: 'all' },
            run: (signal, assertHeld) => new JobKeeper(jobId, { ...ports, config, database, assertHeld }).run(signal),
          },
        ]);
      }
      case 'importer': {
        const config = ImporterConfig.parse({ NATS_URL: 'nats://simulated', DATABASE_URL: 'postgres://simulated' });
        const open = {
          source: async () => {
            const connector = sourceConnector(world, source, chaos);
            return sabotage?.source?.(connector, this.surroundings) ?? connector;
          },
          target: async () => targetConnector(world, target, chaos),
        };
        return workPool(ports, (jobId) => [
          {
            unit: { jobId, lane: 'all' },
            run: (signal, assertHeld) => new JobImporter(jobId, { ...ports, database, config, assertHeld, open }).run(signal),
          },
        ]);
      }
      case 'rule-evaluator':
        return lanePool(ports, evaluateLanes(ports.registry));
      case 'exporter': {
        const connector = targetConnector(world, target, chaos);
        const opened: OpenTarget = {
          connector: sabotage?.target?.(connector, this.surroundings) ?? connector,
          gate: new TargetGate(4),
          objectTypeOf: (objectKey) => (objectKey.startsWith('group:') ? 'Group' : 'User'),
          close: async () => undefined,
        };
        const targets = { open: async () => opened, reopen: () => opened.gate.reopen() };
        return workPool(ports, exportWork(ports, { log: ports.log, database, targets, registry: ports.registry }));
      }
      case 'escrow-retrier':
        return lanePool(ports, escrowLanes({ log: ports.log, database, registry: ports.registry, now: ports.now }));
    }
  }

  private databaseOf(stage: StageName): DataSource {
    const { world, stores, chaos } = this.surroundings;
    return simDatabase(world, stores[stage === 'rule-evaluator' ? 'job-scheduler' : stage], chaos);
  }

  /** A service complains of what it met. Of what the simulation did to it, it may; of anything else there is nothing to complain. */
  private loggerOf(process: SimProcess): Logger {
    const { world } = this.surroundings;
    const error = ({ err, lane }: { err: unknown; lane?: string }): void => {
      const text = `${process.name}, lane ${lane ?? '-'}: ${String(err)}`;
      if (isExpected(err)) world.note(text);
      else world.violated(`${text}\n${err instanceof Error ? (err.stack ?? '') : ''}`);
    };
    return { error, warn: () => undefined, info: () => undefined, debug: () => undefined } as unknown as Logger;
  }
}

export const isExpected = (error: unknown): boolean =>
  [error, (error as Error).cause].some((each) => [Injected, StaleWriter, LeaseLost, ConnectorError].some((kind) => each instanceof kind));
