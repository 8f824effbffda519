import type { StreamView } from '@provident/contracts';
import { findOldestBehind, type ReadModels } from '@provident/report';

import type { Standing } from '../stream-metrics.js';
import type { StreamCursorRow } from '../state/schema.js';
import type { Cursors } from '../state/cursors.js';
import type { KnownStream, StreamRegistry } from './stream-registry.js';

export interface StandingsPorts {
  readonly registry: Pick<StreamRegistry, 'list'>;
  readonly cursors: Pick<Cursors, 'list'>;
  readonly models: ReadModels;
  /** Sequence of the newest event. */
  readonly head: () => Promise<number>;
  readonly now: () => Date;
}

/** How all streams stand, whoever sends them. */
export class StreamStandings {
  constructor(private readonly ports: StandingsPorts) {}

  async list(): Promise<StreamView[]> {
    const { registry, cursors, head } = this.ports;
    const [newest, rows] = await Promise.all([head(), cursors.list()]);
    const known = new Map(rows.map((row) => [row.streamId, row]));
    const views = registry.list().map((stream) => this.view(stream, known.get(stream.definition.streamId), newest));
    return (await Promise.all(views)).sort((one, other) => (one.streamId < other.streamId ? -1 : 1));
  }

  async standings(): Promise<Standing[]> {
    return (await this.list()).map(({ streamId, lagEvents, lagSeconds, failures, deliveredAt, state }) => ({
      streamId,
      lagEvents,
      lagSeconds,
      failures,
      deliveredAt,
      isPaused: state === 'paused',
    }));
  }

  private async view(stream: KnownStream, found: StreamCursorRow | undefined, newest: number): Promise<StreamView> {
    const { definition, added, addedAt, addedBy, isPaused, from } = stream;
    const row = found && Number(found.added) === added ? found : undefined;
    // What an order said is true before the sender has heeded it.
    const position = row && Number(row.begunBy) === from.saidAt ? Number(row.sequence) : from.sequence;
    const lagEvents = Math.max(0, newest - position);
    const oldest = lagEvents === 0 ? null : await findOldestBehind(this.ports.models, position);
    const isWaiting = row !== undefined && row.failures > 0 && Number(row.revision) === stream.revision;
    return {
      ...definition,
      addedAt,
      addedBy,
      state: isPaused ? 'paused' : isWaiting ? 'waiting' : 'running',
      position,
      lagEvents,
      lagSeconds: oldest === null ? 0 : Math.max(0, (this.ports.now().getTime() - Date.parse(oldest)) / 1_000),
      delivered: Number(row?.delivered ?? 0),
      refused: Number(row?.refused ?? 0),
      deliveredAt: iso(row?.deliveredAt),
      failures: isWaiting ? row.failures : 0,
      lastError: row?.lastError ?? null,
      lastErrorAt: iso(row?.lastErrorAt),
      nextAttemptAt: isWaiting && !isPaused ? iso(row.nextAttemptAt) : null,
    };
  }
}

const iso = (date: Date | null | undefined): string | null => date?.toISOString() ?? null;
