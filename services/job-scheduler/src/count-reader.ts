import { type EventLog, endsInOrder } from '@provident/bus';
import { stageSubjects } from '@provident/contracts';
import type { CycleId, JobId } from '@provident/domain';
import type { DataSource } from 'typeorm';

import { type CycleCount, countBrief, nothingCounted, withDefaults } from './cycle-count.js';
import { CycleCountRow } from './state/schema.js';

const keepEveryMs = 2_000;

/** Counts the outcomes of one open cycle from the heads of the log's events, and keeps the count now and then. */
export class CountReader {
  private readonly stop = new AbortController();
  private current: CycleCount = nothingCounted;
  private keptAt = performance.now();

  private constructor(
    private readonly log: EventLog,
    private readonly database: DataSource,
    private readonly jobId: JobId,
    readonly cycleId: CycleId,
  ) {}

  /** @param openedAt log sequence of the cycle-opened */
  static async start(
    log: EventLog,
    database: DataSource,
    jobId: JobId,
    cycleId: CycleId,
    openedAt: number,
    counted: () => void,
  ): Promise<CountReader> {
    const reader = new CountReader(log, database, jobId, cycleId);
    const kept = await database.getRepository(CycleCountRow).findOneBy({ jobId, cycleId });
    if (kept) reader.current = withDefaults(kept.count);
    // A failure here is the process's end: a count that stands still would keep the cycle open for ever.
    endsInOrder(reader.run(kept ? Number(kept.sequence) : openedAt, counted));
    return reader;
  }

  get count(): CycleCount {
    return this.current;
  }

  end(): void {
    this.stop.abort();
  }

  private async run(after: number, counted: () => void): Promise<void> {
    const filters = [stageSubjects(this.jobId, 'rule-evaluator'), stageSubjects(this.jobId, 'exporter')];
    for await (const events of this.log.readHeads({ filters, after, signal: this.stop.signal, batch: 2_000 })) {
      for (const { brief, stage } of events) {
        if (brief?.cycleId === this.cycleId) this.current = countBrief(this.current, brief, stage === 'rule-evaluator');
      }
      await this.keep(events.at(-1)!.sequence);
      counted();
    }
  }

  private async keep(sequence: number): Promise<void> {
    if (performance.now() - this.keptAt < keepEveryMs) return;
    this.keptAt = performance.now();
    await this.database
      .getRepository(CycleCountRow)
      .upsert({ jobId: this.jobId, cycleId: this.cycleId, count: this.current as never, sequence: String(sequence) }, ['jobId']);
  }
}
