import { setTimeout as sleep } from 'node:timers/promises';

import { findDifference } from '@provident/bus';
import {
  type Connection,
  isReadable,
  OtherLog,
  OtherVersion,
  type Position,
  Projector,
  resetReadModels,
  restoreIndexes,
  setIndexesAside,
} from '@provident/projection';
import type { Tracer } from '@provident/service-kit';
import type { DataSource } from 'typeorm';

import type { LogSource } from './log-source.js';
import { projectorLock } from './projector-lock.js';
import type { ProjectorMetrics } from './projector-metrics.js';
import type { RetentionKeeper } from './retention.js';

/** The read models know more than the log holds: the log was set back to an older state. Going on would hide it. */
export class LogWentBack extends Error {
  override readonly name = 'LogWentBack';
  constructor(position: number, head: number) {
    super(`the read models were projected up to ${position}, but the log ends at ${head}: it was set back to an older state`);
  }
}

/** The same, and it was written on since, past the position. */
export class LogBranchedOff extends Error {
  override readonly name = 'LogBranchedOff';
  constructor(position: number, difference: string) {
    super(`the read models were projected up to ${position} of this log, but ${difference}`);
  }
}

interface Logger {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export interface LoopOptions {
  readonly schema: string;
  readonly logger: Logger;
  /** First and longest pause after a failure of the database. */
  readonly pausesMs?: { readonly first: number; readonly longest: number };
  /** Events to catch up with from the first one on, for which indexes are set aside. */
  readonly longRebuild?: number;
  /** How often a standby asks whether it is its turn. */
  readonly standbyMs?: number;
  readonly metrics?: ProjectorMetrics;
  /** Told of what is visible now; nobody is unless traces are wanted. */
  readonly tracer?: Pick<Tracer, 'projected'> | undefined;
  /** Removes what is not kept any more, beside the projection. */
  readonly retention?: RetentionKeeper;
}

const refusals = [OtherLog, LogWentBack, LogBranchedOff];

interface Client extends Connection {
  on(event: 'error', listener: () => void): unknown;
  off(event: 'error', listener: () => void): unknown;
}

/**
 * Projects the log for as long as it runs. Only one instance projects at a time: whoever holds the database's advisory
 * lock. The others stand by, and the lock is theirs when the holder's connection ends.
 */
export class ProjectorLoop {
  constructor(
    private readonly dataSource: DataSource,
    private readonly source: LogSource,
    private readonly options: LoopOptions,
  ) {}

  /**
   * Ends when the signal is given. Failures of the database are waited out.
   * @throws OtherLog, LogWentBack, LogBranchedOff when this log must not be projected into these read models
   */
  async run(signal: AbortSignal): Promise<void> {
    const { first, longest } = this.options.pausesMs ?? { first: 250, longest: 10_000 };
    for (let pauseMs = first; !signal.aborted; pauseMs = Math.min(pauseMs * 2, longest)) {
      const beganAt = performance.now();
      try {
        await this.project(signal);
      } catch (error) {
        if (signal.aborted) return;
        if (refusals.some((refusal) => error instanceof refusal)) throw error;
        if (performance.now() - beganAt > longest) pauseMs = first;
        this.options.logger.warn({ err: error, pauseMs }, 'projection stopped, starts again');
        await quietly(sleep(pauseMs, undefined, { signal }));
      }
    }
  }

  /** One turn, on one connection. */
  private async project(signal: AbortSignal): Promise<void> {
    const runner = this.dataSource.createQueryRunner();
    const turn = new AbortController();
    const both = AbortSignal.any([signal, turn.signal]);
    const lose = (): void => turn.abort(); // a lost connection is a lost lock
    let client: Client | null = null;
    try {
      client = (await runner.connect()) as Client;
      client.on('error', lose);
      if (!(await this.takeLock(client, both))) return;
      await this.followLog(client, both);
      if (turn.signal.aborted) throw new Error('the connection to the database was lost');
    } finally {
      this.options.metrics?.end();
      await quietly(runner.query('select pg_advisory_unlock_all()'));
      client?.off('error', lose);
      await quietly(runner.release());
    }
  }

  private async takeLock(client: Client, signal: AbortSignal): Promise<boolean> {
    let told = false;
    while (!signal.aborted) {
      const { rows } = await client.query<{ taken: boolean }>(projectorLock.take, [projectorLock.nameOf(this.options.schema)]);
      if (rows[0]!.taken) return true;
      if (!told) this.options.logger.info({}, 'another instance projects: standing by');
      told = true;
      await quietly(sleep(this.options.standbyMs ?? 1_000, undefined, { signal }));
    }
    return false;
  }

  private async followLog(client: Client, signal: AbortSignal): Promise<void> {
    const { logger, metrics, tracer } = this.options;
    const onSetAside = (item: { sequence: number; reason: string }): void => {
      metrics?.noteSetAside();
      logger.error(item, 'an event was set aside: the read models lack it');
    };
    const projector = new Projector(client, this.source.identity, { onSetAside });
    const position = await this.startFrom(client, projector);
    metrics?.begin(position);
    const { sequence } = position;
    const head = await this.source.head();
    if (head < sequence) throw new LogWentBack(sequence, head);
    const difference = position.landmark ? await findDifference(this.source, position.landmark) : null;
    if (difference !== null) throw new LogBranchedOff(sequence, difference);
    logger.info({ position: sequence, head }, 'projecting');
    // What a rebuild writes anew was visible long ago.
    const toldFrom = sequence === 0 ? head : sequence;
    const isLong = head - sequence >= (this.options.longRebuild ?? 20_000);
    if (sequence === 0 && isLong) await setIndexesAside(client);
    let isCatchingUp = isLong;
    if (!isCatchingUp) await this.bringIndexesBack(client);
    const ending = new AbortController();
    const both = AbortSignal.any([signal, ending.signal]);
    let removing = isCatchingUp ? null : this.removeOld(both);
    try {
      const batches = this.source.readBatches(sequence, both);
      for await (const { items, tookMs, ...reached } of projector.projectEach(batches, this.source.batch)) {
        metrics?.projected(items.length, reached, tookMs);
        tracer?.projected(
          items.filter(isReadable).filter((event) => event.sequence > toldFrom),
          tookMs,
        );
        if (isCatchingUp && reached.sequence >= head) {
          isCatchingUp = false;
          await this.bringIndexesBack(client);
          removing = this.removeOld(both);
        }
        if (signal.aborted) return;
      }
    } finally {
      ending.abort();
      await removing;
    }
  }

  /** Beside the projection, on a connection of its own. A failure is not the projection's: it is tried again by whoever projects next. */
  private async removeOld(signal: AbortSignal): Promise<void> {
    const { retention, logger } = this.options;
    if (!retention) return;
    const runner = this.dataSource.createQueryRunner();
    try {
      await retention.run((await runner.connect()) as Connection, signal);
    } catch (error) {
      if (!signal.aborted) logger.error({ err: error }, 'what is not kept any more could not be removed');
    } finally {
      await quietly(runner.release());
    }
  }

  private async bringIndexesBack(client: Client): Promise<void> {
    const beganAt = performance.now();
    const indexes = await restoreIndexes(client);
    if (indexes > 0)
      this.options.logger.info({ indexes, ms: Math.round(performance.now() - beganAt) }, 'indexes were made again after the rebuild');
  }

  /** Read models of another version are built anew from the first event. */
  private async startFrom(client: Client, projector: Projector): Promise<Position> {
    try {
      return await projector.position();
    } catch (error) {
      if (!(error instanceof OtherVersion)) throw error;
      this.options.logger.warn({ stored: error.stored }, 'the read models are of another version and are rebuilt from the first event');
      await resetReadModels(client);
      return await projector.position();
    }
  }
}

/** Waits for it, whatever becomes of it. */
const quietly = (what: Promise<unknown>): Promise<unknown> => what.catch(() => undefined);
