import { setTimeout as sleep } from 'node:timers/promises';

import { type LogEvent, landmarkOf } from '@provident/contracts';

import { isReadable, type LogItem, type UnreadableItem } from './log-item.js';
import { Room } from './partitions.js';
import { beginPosition, hasMoved, movePosition, type Position, readPosition } from './position.js';
import type { Connection } from './sql/connection.js';
import { Flight, type Statement } from './sql/flight.js';
import { erasuresApart } from './projections/erasure.projection.js';
import { allProjections } from './projections/index.js';
import type { ChangeStory } from './story/change-story.js';
import { forgetUnreadable, recordUnreadable, setAside } from './unreadable.js';

export interface ProjectorOptions {
  /** Pauses between the tries of an event that fails: one try more than pauses, and it is set aside. */
  readonly retryDelaysMs?: readonly number[];
  /** Told of every event that is set aside. */
  readonly onSetAside?: (item: { sequence: number; reason: string }) => void;
}

/** An event could not be folded: the data or a bug, not the database. */
class FoldFailed extends Error {
  override readonly name = 'FoldFailed';
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** Rows are only ever looked up by key, which the planner cannot know of tables that were just emptied. Commits do not wait for the disk. */
const sessionSettings = 'set enable_seqscan to off; set synchronous_commit to off';

/** Batches on their way into the database at a time: with one alone, whichever of both sides is ahead waits for the other at each batch. */
const mostFlights = 2;

/** A batch that is in the database, and where the read models are with it. */
export interface Projected extends Position {
  readonly items: readonly LogItem[];
  /** From the first look at it until it was committed. */
  readonly tookMs: number;
}

/** Events that were folded, ready to be sent. */
interface Prepared {
  readonly items: readonly LogItem[];
  readonly beganAt: number;
  /** Null: nothing of them is new. */
  readonly flight: Flight | null;
  readonly reached: Position;
}

/** Events on their way into the database. */
interface Sent {
  readonly items: readonly LogItem[];
  readonly beganAt: number;
  readonly reached: Position;
  readonly landing: Promise<void>;
}

interface Landed {
  readonly reached: readonly Projected[];
  /** As it was sent: what was folded meanwhile is right. */
  readonly isWhole: boolean;
}

/**
 * Writes the read models. Every batch is one transaction of rows and position, so that a crash repeats or keeps a batch
 * whole. Commits do not wait for the disk: rows and position are lost together, and the log gives them again.
 * One projector at a time per schema.
 */
export class Projector {
  private readonly all = allProjections();
  private readonly room = new Room();
  private isSessionSet = false;
  /** The flight that is on its way, as far as it is known. */
  private landing: Promise<void> = Promise.resolve();
  /** For questions: they wait for the flight. */
  private readonly asking: Connection;
  /** Where what was folded last ends: the next flight begins there, or fails because somebody else was here. Null: it has to be read. */
  private last: Position | null = null;

  constructor(
    private readonly connection: Connection,
    private readonly logIdentity: string,
    private readonly options: ProjectorOptions = {},
  ) {
    const query = async (...asked: [never]): Promise<unknown> => {
      await this.landing.catch(() => undefined); // told by whoever waits for the flight itself
      return connection.query(...asked) as unknown;
    };
    this.asking = { query } as Connection;
  }

  /** @throws OtherLog, OtherVersion */
  async position(): Promise<Position> {
    return readPosition(this.asking, this.logIdentity);
  }

  /**
   * Applies events in the log's order; those that were applied before are ignored.
   * An event that cannot be applied is tried three times, recorded and set aside; the rest goes on.
   * @throws OtherLog, OtherVersion, and any failure of the database itself: the batch may be given again
   */
  async project(items: readonly LogItem[]): Promise<Position> {
    if (items.length === 0) return this.position();
    const parts = erasuresApart(items);
    if (parts.length > 1) {
      for (const part of parts) await this.project(part);
      return this.position();
    }
    try {
      return await this.apply(items);
    } catch (error) {
      this.startOver();
      if (isOvertaken(error)) return await this.project(items);
      if (!isFaultOfTheEvent(error)) throw error;
      if (items.length === 1) return await this.tryAlone(items[0]!, error);
    }
    const half = items.length >> 1;
    await this.project(items.slice(0, half));
    return await this.project(items.slice(half));
  }

  /**
   * The same for one batch after another: behind a full one the next is folded while the database still writes, so that neither waits for the
   * other. Behind any other the next is asked for only when everything is written, because by that time more has come together.
   * @param full items in a batch that is full
   * @returns each batch, once it is written
   */
  async *projectEach(batches: AsyncIterable<readonly LogItem[]>, full: number): AsyncGenerator<Projected, void> {
    const iterator = apart(batches[Symbol.asyncIterator]());
    const flying: Sent[] = [];
    try {
      for (let asked = ask(iterator); ; asked = ask(iterator)) {
        while (flying.length > 0 && !(await comesFirst(asked, flying[0]!.landing))) yield* (await this.land(flying)).reached;
        const { done, value: items } = await asked;
        if (done) break;
        const beganAt = performance.now();
        const prepared = await this.prepare(items).catch(() => null); // what is wrong with it is found out below, alone
        let isWhole = prepared !== null;
        while (flying.length >= (isWhole ? mostFlights : 1)) {
          const landed = await this.land(flying);
          isWhole &&= landed.isWhole;
          yield* landed.reached;
        }
        if (prepared === null || !isWhole) {
          this.startOver();
          yield projected(items, beganAt, await this.project(items));
          continue;
        }
        flying.push(this.send(prepared));
        if (items.length >= full) continue;
        while (flying.length > 0) yield* (await this.land(flying)).reached;
      }
      while (flying.length > 0) yield* (await this.land(flying)).reached;
    } finally {
      await Promise.allSettled(flying.map(({ landing }) => landing));
      await iterator.return?.();
    }
  }

  private async apply(items: readonly LogItem[], ...also: Statement[]): Promise<Position> {
    const { landing, reached } = this.send(await this.prepare(items, ...also));
    await landing;
    return reached;
  }

  /** Behind the flight that is on its way: the client takes one at a time. */
  private send({ flight, ...sent }: Prepared): Sent {
    const landing = this.landing.catch(() => undefined).then(() => flight?.send(this.connection));
    landing.catch(() => undefined); // it is thrown when it is waited for
    this.landing = landing;
    return { ...sent, landing };
  }

  /**
   * Waits for the first flight, and takes it away. When it did not bring what it should, those behind it did not either, because each claims the
   * position that the one before it reached: then all of them are taken away, and brought piece by piece.
   */
  private async land(flying: Sent[]): Promise<Landed> {
    const { items, beganAt, landing, reached } = flying[0]!;
    try {
      await landing;
      flying.shift();
      return { reached: [projected(items, beganAt, reached)], isWhole: true };
    } catch (error) {
      const failed = flying.splice(0);
      await Promise.allSettled(failed.map((sent) => sent.landing));
      this.startOver();
      if (!isOvertaken(error) && !isFaultOfTheEvent(error)) throw error;
      const again: Projected[] = [];
      for (const sent of failed) again.push(projected(sent.items, sent.beganAt, await this.project(sent.items)));
      return { reached: again, isWhole: false };
    }
  }

  /** Folds what is new. @param also statements for the same transaction */
  private async prepare(items: readonly LogItem[], ...also: readonly Statement[]): Promise<Prepared> {
    const beganAt = performance.now();
    const { logIdentity } = this;
    if (!this.isSessionSet) await this.asking.query(sessionSettings);
    this.isSessionSet = true;
    if (this.last === null) this.startOver();
    const before = this.last ?? (await this.position());
    const fresh = items.filter(({ sequence }) => sequence > before.sequence);
    if (fresh.length === 0) return { items, beganAt, flight: null, reached: before };
    const events = fresh.filter(isReadable);
    const last = events.at(-1);
    const reached = {
      sequence: fresh.at(-1)!.sequence,
      at: last?.at ?? before.at,
      landmark: last ? landmarkOf(last) : (before.landmark ?? null),
    };
    const flight = new Flight();
    if (before.sequence === 0) flight.query(beginPosition(logIdentity));
    flight.query(movePosition(logIdentity, before, reached));
    for (const item of fresh) if (!isReadable(item)) this.park(flight, item);
    if (events.length > 0) await this.fold(events);
    for (const projection of this.all.projections) projection.write(flight);
    for (const statement of also) flight.query(statement);
    this.last = reached;
    return { items, beganAt, flight, reached };
  }

  /** Lets everybody hear everything. */
  private async fold(events: readonly LogEvent[]): Promise<void> {
    const { asking } = this;
    const { stories, cycles, projections } = this.all;
    const last = events.at(-1)!;
    await this.room.upTo(last.sequence, last.at, asking);
    for (const projection of projections) await projection.load?.(asking, events);
    await stories.load(asking, events, cycles.openedSequence);
    const touched = new Set<ChangeStory>();
    try {
      for (const event of events) {
        const step = stories.hear(event);
        if (step) touched.add(step.story);
        if (step?.withdrawn) touched.add(step.withdrawn);
        for (const projection of projections) projection.hear(event, step);
      }
    } catch (error) {
      throw new FoldFailed(error);
    }
    stories.settle(touched);
  }

  /** One event that failed alone: tried again, and set aside at last. */
  private async tryAlone(item: LogItem, firstError: unknown): Promise<Position> {
    let error = firstError;
    const { id, type } = isReadable(item) ? item : { id: null, type: null };
    const record = async (): Promise<void> => {
      const { text, values } = recordUnreadable({ sequence: item.sequence, id, type, reason: reasonOf(error), parked: false });
      await this.asking.query(text, [...values!]);
    };
    await record();
    for (const delayMs of this.options.retryDelaysMs ?? [50, 250]) {
      await sleep(delayMs);
      try {
        return await this.apply([item], forgetUnreadable(item.sequence));
      } catch (again) {
        this.startOver();
        if (!isFaultOfTheEvent(again)) throw again;
        error = again;
        await record();
      }
    }
    return await this.setAside(item, reasonOf(error));
  }

  private async setAside({ sequence }: LogItem, reason: string): Promise<Position> {
    const before = await this.position();
    const reached = { sequence, at: before.at, landmark: before.landmark ?? null };
    const flight = new Flight();
    if (before.sequence === 0) flight.query(beginPosition(this.logIdentity));
    flight.query(movePosition(this.logIdentity, before, reached));
    flight.query(setAside(sequence));
    await flight.send(this.connection);
    this.last = reached;
    this.options.onSetAside?.({ sequence, reason });
    return reached;
  }

  private park(flight: Flight, { sequence, reason }: UnreadableItem): void {
    flight.query(recordUnreadable({ sequence, id: null, type: null, reason, parked: true }));
    this.options.onSetAside?.({ sequence, reason });
  }

  /** What was folded has not happened, or somebody else went on: nothing that is remembered counts. */
  private startOver(): void {
    this.last = null;
    this.room.forget();
    this.all.stories.forget();
    for (const projection of this.all.projections) projection.forget();
  }
}

const projected = (items: readonly LogItem[], beganAt: number, reached: Position): Projected => ({
  ...reached,
  items,
  tookMs: performance.now() - beganAt,
});

/** The same batches, with every erasure in one of its own. Like them it can be ended while it is asked. */
function apart(iterator: AsyncIterator<readonly LogItem[]>): AsyncIterator<readonly LogItem[]> {
  const waiting: (readonly LogItem[])[] = [];
  return {
    async next() {
      if (waiting.length === 0) {
        const asked = await iterator.next();
        if (asked.done) return asked;
        waiting.push(...erasuresApart(asked.value));
      }
      return { done: false, value: waiting.shift()! };
    },
    return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
  };
}

/** A value that is asked for ahead; that it cannot be had is thrown when it is waited for. */
function ask<Value>(iterator: AsyncIterator<Value>): Promise<IteratorResult<Value>> {
  const asked = iterator.next();
  asked.catch(() => undefined);
  return asked;
}

async function comesFirst(one: Promise<unknown>, other: Promise<unknown>): Promise<boolean> {
  const wins = (promise: Promise<unknown>, answer: boolean) =>
    promise.then(
      () => answer,
      () => answer,
    );
  return await Promise.race([wins(one, true), wins(other, false)]);
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The first statements of a flight claim the position; one of them failed. */
const isOvertaken = (error: unknown): boolean => (error as { code?: unknown }).code === hasMoved;

/** SQLSTATE classes that speak of the data: 22 data exception, 23 constraint, 54 limit exceeded (an index entry too long). */
function isFaultOfTheEvent(error: unknown): boolean {
  if (error instanceof FoldFailed) return true;
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && /^(?:22|23|54)[0-9A-Z]{3}$/.test(code);
}

/** One batch by a projector of its own: for tools and tests; a service keeps one `Projector`. */
export const projectBatch = (connection: Connection, events: readonly LogItem[], logIdentity: string): Promise<Position> =>
  new Projector(connection, logIdentity).project(events);
