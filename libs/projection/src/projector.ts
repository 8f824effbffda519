import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';

import type { LogEvent } from '@provident/contracts';

import { isReadable, type LogItem, type UnreadableItem } from './log-item.js';
import { Room } from './partitions.js';
import { type Position, readPosition, writePosition } from './position.js';
import type { Connection } from './sql/connection.js';
import { allProjections } from './projections/index.js';
import type { ChangeStory } from './story/change-story.js';
import { forgetUnreadable, recordUnreadable } from './unreadable.js';

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

/** Events after which their rows are sent, so that the server has something to do. */
const sentTogether = 64;

/** Rows are only ever looked up by key, which the planner cannot know of tables that were just emptied. */
const sessionSettings = 'set enable_seqscan to off';

/**
 * Writes the read models. Every batch is one transaction of rows and position, so that a crash repeats or keeps a batch
 * whole. Commits do not wait for the disk: rows and position are lost together, and the log gives them again.
 * One projector at a time per schema.
 */
export class Projector {
  private readonly all = allProjections();
  private readonly room = new Room();
  private prepared = false;
  /** The position this projector wrote last: another one means that somebody else was here. */
  private last: number | null = null;

  constructor(
    private readonly connection: Connection,
    private readonly logIdentity: string,
    private readonly options: ProjectorOptions = {},
  ) {}

  /** @throws OtherLog, OtherVersion */
  async position(): Promise<Position> {
    return readPosition(this.connection, this.logIdentity);
  }

  /**
   * Applies events in the log's order; those that were applied before are ignored.
   * An event that cannot be applied is tried three times, recorded and set aside; the rest goes on.
   * @throws OtherLog, OtherVersion, and any failure of the database itself: the batch may be given again
   */
  async project(items: readonly LogItem[]): Promise<Position> {
    if (items.length === 0) return this.position();
    try {
      return await this.apply(items);
    } catch (error) {
      await this.rollBack();
      if (!isFaultOfTheEvent(error)) throw error;
      if (items.length === 1) return await this.tryAlone(items[0]!, error);
    }
    const half = items.length >> 1;
    await this.project(items.slice(0, half));
    return await this.project(items.slice(half));
  }

  private async apply(items: readonly LogItem[], retried?: number): Promise<Position> {
    const { connection } = this;
    if (!this.prepared) await connection.query(sessionSettings);
    this.prepared = true;
    await connection.query('begin; set local synchronous_commit to off');
    const before = await readPosition(connection, this.logIdentity, true);
    if (before.sequence !== this.last) this.forget();
    const fresh = items.filter(({ sequence }) => sequence > before.sequence);
    const last = fresh.at(-1);
    if (!last) {
      await connection.query('commit');
      return before;
    }
    const events = fresh.filter(isReadable);
    for (const item of fresh) if (!isReadable(item)) await this.park(item);
    const touched = await this.write(events);
    const after = { sequence: last.sequence, at: events.at(-1)?.at ?? before.at };
    await writePosition(connection, this.logIdentity, after);
    if (retried !== undefined) await forgetUnreadable(connection, retried);
    await connection.query('commit');
    this.last = after.sequence;
    this.all.stories.settle(touched);
    return after;
  }

  private async write(events: readonly LogEvent[]): Promise<Iterable<ChangeStory>> {
    const { connection } = this;
    const { stories, cycles, projections } = this.all;
    const last = events.at(-1);
    if (!last) return [];
    await this.room.upTo(last.sequence, last.at, connection);
    for (const projection of projections) await projection.load?.(connection, events);
    await stories.load(connection, events, cycles.openedSequence);
    const touched = await this.fold(events);
    for (const projection of projections) await projection.write(connection);
    return touched;
  }

  /** Lets everybody hear everything; meanwhile the server takes in the rows of the events themselves. */
  private async fold(events: readonly LogEvent[]): Promise<Iterable<ChangeStory>> {
    const { stories, audit, projections } = this.all;
    const touched = new Set<ChangeStory>();
    audit.open(this.connection);
    try {
      for (const [index, event] of events.entries()) {
        const step = stories.hear(event);
        if (step) touched.add(step.story);
        if (step?.withdrawn) touched.add(step.withdrawn);
        for (const projection of projections) projection.hear(event, step);
        if (index % sentTogether === sentTogether - 1) {
          audit.send();
          await immediate();
        }
      }
    } catch (error) {
      await audit.abort();
      throw new FoldFailed(error);
    }
    return touched;
  }

  /** One event that failed alone: tried again, and set aside at last. */
  private async tryAlone(item: LogItem, firstError: unknown): Promise<Position> {
    let error = firstError;
    const readable = isReadable(item) ? item : null;
    const record = () =>
      recordUnreadable(this.connection, {
        sequence: item.sequence,
        id: readable?.id ?? null,
        type: readable?.type ?? null,
        reason: reasonOf(error),
        parked: false,
      });
    await record();
    for (const delayMs of this.options.retryDelaysMs ?? [50, 250]) {
      await sleep(delayMs);
      try {
        return await this.apply([item], item.sequence);
      } catch (again) {
        await this.rollBack();
        if (!isFaultOfTheEvent(again)) throw again;
        error = again;
        await record();
      }
    }
    return await this.setAside(item, reasonOf(error));
  }

  private async setAside(item: LogItem, reason: string): Promise<Position> {
    const { connection } = this;
    await connection.query('begin; set local synchronous_commit to off');
    const before = await readPosition(connection, this.logIdentity, true);
    await connection.query('update unreadable_event set parked = true where sequence = $1', [item.sequence]);
    const after = { sequence: item.sequence, at: before.at };
    await writePosition(connection, this.logIdentity, after);
    await connection.query('commit');
    this.last = after.sequence;
    this.options.onSetAside?.({ sequence: item.sequence, reason });
    return after;
  }

  private async park({ sequence, reason }: UnreadableItem): Promise<void> {
    await recordUnreadable(this.connection, { sequence, id: null, type: null, reason, parked: true });
    this.options.onSetAside?.({ sequence, reason });
  }

  private async rollBack(): Promise<void> {
    this.forget();
    this.last = null;
    await this.connection.query('rollback');
  }

  private forget(): void {
    this.room.forget();
    this.all.stories.forget();
    for (const projection of this.all.projections) projection.forget();
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** SQLSTATE classes that speak of the data: 22 data exception, 23 constraint, 54 limit exceeded (an index entry too long). */
function isFaultOfTheEvent(error: unknown): boolean {
  if (error instanceof FoldFailed) return true;
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && /^(?:22|23|54)[0-9A-Z]{3}$/.test(code);
}

/** One batch by a projector of its own: for tools and tests; a service keeps one `Projector`. */
export const projectBatch = (connection: Connection, events: readonly LogItem[], logIdentity: string): Promise<Position> =>
  new Projector(connection, logIdentity).project(events);
