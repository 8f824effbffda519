import { type EventLog, endsInOrder } from '@provident/bus';
import { RemovalWithdrawn, is, stageSubjects } from '@provident/contracts';
import { type CycleId, type HeldRemovals, type JobId, releasedCode } from '@provident/domain';

/** Follows, while removals wait for a person, which of them are off meanwhile: their people are back, or somebody was removed on demand. */
export class HeldReader {
  private readonly stop = new AbortController();
  private readonly off = new Map<CycleId, number>();

  private constructor(
    private readonly log: EventLog,
    private readonly jobId: JobId,
  ) {}

  /** @param after log sequence of the event that holds the first of them */
  static start(log: EventLog, jobId: JobId, after: number, changed: () => void): HeldReader {
    const reader = new HeldReader(log, jobId);
    endsInOrder(reader.run(after, changed));
    return reader;
  }

  /** What still waits of all that were held, as far as the log was read. */
  stillHeld(all: readonly HeldRemovals[]): readonly HeldRemovals[] {
    return all.flatMap((held) => {
      if (held.until !== 'person' || held.since === undefined) return [held];
      const left = held.proposed - (this.off.get(held.cycleId) ?? 0);
      return left > 0 ? [{ ...held, proposed: left }] : [];
    });
  }

  end(): void {
    this.stop.abort();
  }

  private async run(after: number, changed: () => void): Promise<void> {
    const filters = [stageSubjects(this.jobId, 'exporter')];
    for await (const heads of this.log.readHeads({ filters, after, signal: this.stop.signal, batch: 2_000 })) {
      let isChanged = false;
      for (const { brief, sequence } of heads) {
        if (brief?.outcome !== 'withdrawn' || brief.attempt > 0) continue;
        const event = await this.log.find(sequence);
        // What a person let go of is counted with what he decided.
        if (!event || !is(event, RemovalWithdrawn) || event.data.reason.code === releasedCode) continue;
        this.off.set(brief.cycleId, (this.off.get(brief.cycleId) ?? 0) + 1);
        isChanged = true;
      }
      if (isChanged) changed();
    }
  }
}

/** Log sequence behind which it has to be read what becomes of removals that wait for a person; null when none does. */
export function heldSince(all: readonly HeldRemovals[]): number | null {
  const since = all.flatMap((held) => (held.until === 'person' && held.since !== undefined ? [held.since] : []));
  return since.length === 0 ? null : Math.min(...since);
}
