import { type EventLog, endsInOrder } from '@provident/bus';
import { RemovalWithdrawn, is, stageSubjects } from '@provident/contracts';
import { type CycleId, type HeldRemovals, type JobId, releasedCode } from '@provident/domain';

/** Follows, while removals wait for a person, which of them are off meanwhile: their people are back, or somebody was removed on demand. */
export class HeldReader {
  private readonly stop = new AbortController();
  /** Where in the log it is told that one is off, by the cycle that held it. */
  private readonly off = new Map<CycleId, number[]>();

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
      if (held.until !== 'person') return [held];
      const off = (this.off.get(held.cycleId) ?? []).filter((sequence) => sequence > sinceOf(held));
      const left = held.proposed - off.length;
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
        const known = this.off.get(brief.cycleId);
        if (known) known.push(sequence);
        else this.off.set(brief.cycleId, [sequence]);
        isChanged = true;
      }
      if (isChanged) changed();
    }
  }
}

/** What an earlier version held is looked for from the beginning. */
const sinceOf = ({ since = 0 }: HeldRemovals): number => since;

/** Log sequence behind which it has to be read what becomes of removals that wait for a person; null when none does. */
export function heldSince(all: readonly HeldRemovals[]): number | null {
  const since = all.filter(({ until }) => until === 'person').map(sinceOf);
  return since.length === 0 ? null : Math.min(...since);
}
