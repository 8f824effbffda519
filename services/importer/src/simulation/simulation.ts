import { setTimeout as sleep } from 'node:timers/promises';

import type { EventLog, SimulationStore } from '@provident/bus';
import { ConnectorError, type Openers } from '@provident/connectors';
import { JobConfigured, type SimulationProgress, type StartSimulation, is } from '@provident/contracts';
import { asJobId, mappingOf } from '@provident/domain';
import type { Keys } from '@provident/service-kit';
import type { DataSource } from 'typeorm';

import type { ImporterConfig } from '../config.js';
import type { MappingAt } from '../state/rejected-rules.js';
import { SourceIndex } from '../state/source-index.js';
import { openSystems } from '../systems.js';
import { clearScratch, scratchOf } from './scratch.js';
import { sealedSimulations } from './sealed-simulations.js';
import { SimulatedPass, nothingCounted } from './simulated-pass.js';
import { TablesBehind, untilFolded } from './until-folded.js';

export interface SimulationPorts {
  readonly log: EventLog;
  readonly database: DataSource;
  readonly store: SimulationStore;
  readonly config: ImporterConfig;
  readonly openers: Openers;
  readonly logger: { error(facts: object, message: string): void };
  readonly now: () => Date;
  /** Of people whose values are sealed; absent: nothing is. */
  readonly keys?: Pick<Keys, 'forSealing'>;
}

/** Why a simulation is ended from outside. */
export type SimulationEnd = 'cancelled' | 'service-stops' | 'too-long';

type Ending = Pick<SimulationProgress, 'state' | 'failure'>;

const tellEveryMs = 1_000;
const longestMs = 24 * 3_600_000;

/**
 * Runs a whole job against its source and target as they are, without one write, from its beginning to its end. What cannot be read ends it with
 * the reason; so does whoever cancels it.
 */
export class Simulation {
  private readonly stop = new AbortController();
  private pass: SimulatedPass | null = null;

  constructor(
    private readonly order: StartSimulation,
    private readonly ports: SimulationPorts,
  ) {}

  get id(): string {
    return this.order.opened.simulationId;
  }

  /** How far it is. */
  progress(ending: Ending = { state: 'running', failure: null }): SimulationProgress {
    const counts = this.pass?.counts ?? nothingCounted(this.order);
    return { ...ending, at: this.ports.now().toISOString(), ...counts };
  }

  end(why: SimulationEnd): void {
    this.stop.abort(why);
  }

  /** Resolves when it has ended, however it did. */
  async run(): Promise<void> {
    const tooLong = setTimeout(() => this.end('too-long'), longestMs).unref();
    const over = new AbortController();
    const working = this.work();
    const telling = this.tellNowAndThen(over.signal);
    const ending = await Promise.race([working, telling]).then((): Ending => ({ state: 'completed', failure: null }), this.endingOf);
    clearTimeout(tooLong);
    over.abort();
    this.stop.abort('service-stops');
    await Promise.allSettled([working, telling]); // the race has told of them
    await this.close(ending);
  }

  private async work(): Promise<void> {
    const { log, database, store, config, openers } = this.ports;
    const { signal } = this.stop;
    const jobId = asJobId(this.order.opened.jobId);
    await untilFolded(log, database, jobId, signal);
    const index = new SourceIndex(database, jobId, scratchOf(this.id));
    const systems = await openSystems(this.order.rules, config, openers, signal, (names) => index.findBelonging(names));
    try {
      this.pass = new SimulatedPass(this.order, { systems, index, database, store: this.sealed(store), mappingAt: this.mappingAt, signal });
      await this.pass.run();
    } finally {
      await Promise.all([systems.source.close(), systems.target.close()]);
    }
  }

  private readonly mappingAt: MappingAt = async (rules, type) => {
    const event = await this.ports.log.find(rules);
    return event && is(event, JobConfigured) ? mappingOf(event.data.definition, type) : undefined;
  };

  private sealed(store: SimulationStore): SimulationStore {
    const { keys } = this.ports;
    const { rules, current, opened } = this.order;
    return keys
      ? sealedSimulations(
          store,
          keys,
          opened.jobId,
          [rules, ...(current ? [current] : [])].map(({ definition }) => definition),
        )
      : store;
  }

  /** Ends only when told to, or when nothing can be told any more. */
  private async tellNowAndThen(over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      await sleep(tellEveryMs, undefined, { signal: over }).catch(() => undefined); // given up: it is over
      if (!over.aborted) await this.ports.store.tell(this.id, this.progress());
    }
  }

  private async close(ending: Ending): Promise<void> {
    try {
      await this.ports.store.tell(this.id, this.progress(ending));
      await clearScratch(this.ports.database, this.id, new Date(this.ports.now().getTime() - 2 * longestMs));
    } catch (error) {
      this.ports.logger.error({ err: error, simulationId: this.id }, 'a simulation could not be closed');
    }
  }

  private readonly endingOf = (error: unknown): Ending => {
    if (this.stop.signal.aborted) return endings[this.stop.signal.reason as SimulationEnd];
    if (error instanceof ConnectorError) return failed(this.pass?.side ?? 'target', error.facts.code, error.message);
    if (error instanceof TablesBehind) return failed('service', 'tables-behind', error.message);
    this.ports.logger.error({ err: error, simulationId: this.id }, 'a simulation failed');
    return failed('service', 'internal', 'something went wrong inside; the log of the importer says more');
  };
}

const failed = (side: NonNullable<SimulationProgress['failure']>['side'], code: string, message: string): Ending => ({
  state: 'failed',
  failure: { side, code, message },
});

const endings: Readonly<Record<SimulationEnd, Ending>> = {
  cancelled: { state: 'cancelled', failure: null },
  'service-stops': failed('service', 'importer-stopped', 'the importer that ran it was stopped: start the simulation again'),
  'too-long': failed('service', 'too-long', 'it had not ended after a day and was given up'),
};
