import {
  type SimulatedAction,
  SimulatedRow,
  SimulationOpened,
  type SimulationOpened as Opened,
  SimulationProgress,
  type SimulationProgress as Progress,
} from '@provident/contracts';
import type { JetStreamClient, JetStreamManager, StoredMsg } from '@nats-io/jetstream';
import { DiscardPolicy, JetStreamApiError, RetentionPolicy, StorageType, jetstreamManager } from '@nats-io/jetstream';
import { type NatsConnection, nanos } from '@nats-io/transport-node';
import { z } from 'zod';

import { makeStream } from '../nats/make-stream.js';
import { chunkRows } from './chunk-rows.js';
import {
  type RowsAsked,
  type RowsPage,
  type SimulationStore,
  type StoredSimulation,
  isSought,
  parsePlace,
  printPlace,
} from './simulation-store.js';

export const simulationStream = 'PROVIDENT_SIMULATIONS';
const prefix = 'provident-simulation';
const keptForMs = 7 * 24 * 3_600_000;
const mostBytes = 512 * 1_024 * 1_024;
/** Messages that are read for one page; each holds up to a hundred rows. */
const mostLooked = 100;
const idPattern = /^[a-z0-9-]{1,64}$/;

const subject = {
  all: `${prefix}.>`,
  opened: (id: string) => `${prefix}.${id}.opened`,
  progress: (id: string) => `${prefix}.${id}.progress`,
  rows: (id: string, action: SimulatedAction | '*') => `${prefix}.${id}.rows.${action}`,
};

/** Opens the store of simulations, and makes its stream when there is none. */
export async function openNatsSimulations(connection: NatsConnection, { replicas = 1 } = {}): Promise<SimulationStore> {
  const manager = await jetstreamManager(connection, { timeout: 10_000 });
  await manager.streams.info(simulationStream).catch((error: unknown) => {
    if (!(error instanceof JetStreamApiError && error.code === 10059)) throw error;
    return makeStream(manager, {
      name: simulationStream,
      subjects: [subject.all],
      storage: StorageType.File,
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.Old,
      max_age: nanos(keptForMs),
      max_bytes: mostBytes,
      num_replicas: replicas,
      allow_direct: true,
      description: 'Provident: what simulations found, for a week',
    });
  });
  return new NatsSimulations(manager, manager.jetstream());
}

class NatsSimulations implements SimulationStore {
  constructor(
    private readonly manager: JetStreamManager,
    private readonly stream: JetStreamClient,
  ) {}

  async open(opened: Opened, progress: Progress): Promise<void> {
    await this.put(subject.opened(opened.simulationId), opened);
    await this.tell(opened.simulationId, progress);
  }

  async tell(simulationId: string, progress: Progress): Promise<void> {
    await this.put(subject.progress(simulationId), progress);
  }

  async addRows(simulationId: string, rows: readonly SimulatedRow[]): Promise<void> {
    for (const chunk of chunkRows(rows)) await this.put(subject.rows(simulationId, chunk.action), chunk.rows);
  }

  async find(simulationId: string): Promise<StoredSimulation | null> {
    if (!idPattern.test(simulationId)) return null;
    const opened = await this.newest(subject.opened(simulationId));
    const progress = opened && (await this.newest(subject.progress(simulationId)));
    return opened && progress
      ? { opened: SimulationOpened.parse(opened.json()), progress: SimulationProgress.parse(progress.json()) }
      : null;
  }

  async listRows(simulationId: string, { action, search, after, limit }: RowsAsked): Promise<RowsPage> {
    let place = parsePlace(after);
    const rows: SimulatedRow[] = [];
    for (let looked = 0; idPattern.test(simulationId); looked++) {
      if (rows.length >= limit || looked >= mostLooked) return { rows, next: printPlace(place) };
      const found = await this.from(place.sequence, subject.rows(simulationId, action ?? '*'));
      if (!found) return { rows, next: null };
      const chunk = z.array(SimulatedRow).parse(found.json());
      let taken = found.seq === place.sequence ? place.taken : 0;
      while (taken < chunk.length && rows.length < limit) {
        const row = chunk[taken++]!;
        if (isSought(row, search)) rows.push(row);
      }
      place = taken >= chunk.length ? { sequence: found.seq + 1, taken: 0 } : { sequence: found.seq, taken };
    }
    return { rows, next: null };
  }

  private async put(to: string, content: unknown): Promise<void> {
    await this.stream.publish(to, JSON.stringify(content), { timeout: 10_000 });
  }

  private newest(of: string): Promise<StoredMsg | null> {
    return this.manager.direct.getMessage(simulationStream, { last_by_subj: of });
  }

  private from(sequence: number, filter: string): Promise<StoredMsg | null> {
    return this.manager.direct.getMessage(simulationStream, { seq: sequence, next_by_subj: filter });
  }
}
