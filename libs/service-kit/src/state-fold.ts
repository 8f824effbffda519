import { type EventLog, LogReplaced, StaleWriter, findDeparture, findLandmark, wrongLogRemedy } from '@provident/bus';
import { type LogEvent, landmarkOf, placeOfLandmark } from '@provident/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How far a service has folded the log into its own tables, per name of what it folds. */
@Entity({ name: 'fold_position' })
export class FoldPosition {
  @PrimaryColumn({ type: 'text' })
  name!: string;

  @Column({ type: 'text', name: 'log_identity' })
  logIdentity!: string;

  @Column({ type: 'bigint' })
  sequence!: string;

  /** Inputs up to here needed no word from the service. */
  @Column({ type: 'bigint' })
  passed!: string;

  /** The furthest event that is known to stand in that log; null when nobody noted one. */
  @Column({ type: 'text', nullable: true })
  landmark!: string | null;
}

/** SQL of that table, for the first migration of each service that folds. */
export const foldPositionTable =
  'CREATE TABLE fold_position (name text PRIMARY KEY, log_identity text NOT NULL, sequence bigint NOT NULL, passed bigint NOT NULL DEFAULT 0)';

/** SQL for the migration that came after it. */
export const addLandmark = 'ALTER TABLE fold_position ADD COLUMN landmark text';
export const dropLandmark = 'ALTER TABLE fold_position DROP COLUMN landmark';

export interface FoldOptions {
  /** What is folded, such as `hr-to-slack` or `hr-to-slack.3`. */
  readonly name: string;
  readonly filters: readonly string[];
  /** Puts a batch into the tables; in one transaction with the new position. */
  readonly apply: (events: readonly LogEvent[], manager: EntityManager) => Promise<void>;
  /** Told after a batch is in the tables. */
  readonly folded?: (events: readonly LogEvent[]) => void;
}

const passedEveryMs = 2_000;

/**
 * Folds the log into a service's own tables: events in order, each batch and the position in one transaction, so that a crash repeats or loses nothing.
 */
export class StateFold {
  private at = 0;
  private passedAt = 0;
  private notedAt = -Infinity;
  private landmark: string | null = null;
  private readonly waiting = new Set<{ sequence: number; resolve: () => void }>();

  private constructor(
    private readonly log: EventLog,
    private readonly database: DataSource,
    private readonly options: FoldOptions,
  ) {}

  /** @throws LogReplaced when the tables were folded from another log, or from a later or another state of this one */
  static async open(log: EventLog, database: DataSource, options: FoldOptions): Promise<StateFold> {
    const fold = new StateFold(log, database, options);
    const known = await database.getRepository(FoldPosition).findOneBy({ name: options.name });
    if (!known) return fold;
    fold.at = Number(known.sequence);
    fold.passedAt = Number(known.passed);
    const furthest = Math.max(fold.at, fold.passedAt);
    const stands = `the tables of "${options.name}" stand at ${furthest} of log ${known.logIdentity}`;
    fold.landmark = known.landmark;
    const departure = await findDeparture(log, { identity: known.logIdentity, sequence: furthest, landmark: fold.landmark });
    if (departure !== null) throw new LogReplaced(`${stands}, ${departure}. ${wrongLogRemedy}`);
    return fold;
  }

  /** Everything up to here is in the tables. */
  get position(): number {
    return this.at;
  }

  /** Inputs up to here needed no word, as far as that was kept. */
  get passed(): number {
    return this.passedAt;
  }

  /** Keeps that inputs up to here needed no word; only now and then, because nothing but a little reading hangs on it. */
  async notePassed(position: number): Promise<void> {
    this.passedAt = position;
    if (performance.now() - this.notedAt < passedEveryMs) return;
    this.notedAt = performance.now();
    this.landmark = this.furthest(await findLandmark(this.log, position));
    await this.database.query(
      `INSERT INTO fold_position (name, log_identity, sequence, passed, landmark) VALUES ($1, $2, 0, $3, $4)
       ON CONFLICT (name) DO UPDATE SET passed = excluded.passed, landmark = excluded.landmark`,
      [this.options.name, this.log.identity, position, this.landmark],
    );
  }

  private furthest(landmark: string | null): string | null {
    if (landmark === null || this.landmark === null) return landmark ?? this.landmark;
    return placeOfLandmark(landmark) < placeOfLandmark(this.landmark) ? this.landmark : landmark;
  }

  /** Folds up to the log's present end. */
  async catchUp(signal: AbortSignal): Promise<void> {
    let last = 0;
    for (const filter of this.options.filters) last = Math.max(last, (await this.log.findLast(filter))?.sequence ?? 0);
    if (this.at >= last) return;
    const stop = new AbortController();
    const end = (): void => stop.abort();
    signal.addEventListener('abort', end);
    for await (const events of this.log.read({ filters: this.options.filters, after: this.at, signal: stop.signal, batch: 1_000 })) {
      await this.take(events);
      if (this.at >= last) stop.abort();
    }
    signal.removeEventListener('abort', end);
  }

  /** Folds until the signal is given. */
  async run(signal: AbortSignal): Promise<void> {
    for await (const events of this.log.read({ filters: this.options.filters, after: this.at, signal, batch: 1_000 }))
      await this.take(events);
  }

  /** Moves the position on from where this instance left it, and keeps others from it until the transaction ends. */
  private async move(to: number, landmark: string | null, manager: EntityManager): Promise<void> {
    const moved = await manager.query<unknown[]>(
      `INSERT INTO fold_position (name, log_identity, sequence, landmark) VALUES ($1, $2, $3, $5)
       ON CONFLICT (name) DO UPDATE SET sequence = excluded.sequence, landmark = excluded.landmark WHERE fold_position.sequence = $4 RETURNING name`,
      [this.options.name, this.log.identity, to, this.at, landmark],
    );
    if (moved.length === 0) throw new StaleWriter(`another instance has folded "${this.options.name}" on from ${this.at}`);
  }

  /** Resolves when everything up to the sequence is in the tables, or when the signal is given. */
  waitFor(sequence: number, signal?: AbortSignal): Promise<void> {
    if (this.at >= sequence || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        signal?.removeEventListener('abort', end);
        this.waiting.delete(waiting);
        resolve();
      };
      const waiting = { sequence, resolve: end };
      signal?.addEventListener('abort', end);
      this.waiting.add(waiting);
    });
  }

  /** Folds events that are known to come next. @throws StaleWriter when another instance has folded meanwhile: nothing of the batch is in the tables */
  async take(events: readonly LogEvent[]): Promise<void> {
    const fresh = events.filter((event) => event.sequence > this.at);
    const last = fresh.at(-1);
    if (!last) return;
    const landmark = this.furthest(landmarkOf(last));
    await this.database.transaction(async (manager) => {
      await this.move(last.sequence, landmark, manager);
      await this.options.apply(fresh, manager);
    });
    this.at = last.sequence;
    this.landmark = landmark;
    this.options.folded?.(fresh);
    for (const each of this.waiting) if (each.sequence <= this.at) each.resolve();
  }
}
