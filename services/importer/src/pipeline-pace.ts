import { setTimeout as sleep } from 'node:timers/promises';

import { CycleProgress } from '@provident/contracts';
import type { JobId } from '@provident/domain';
import type { NatsConnection, Subscription } from '@nats-io/transport-node';

/** Objects of a cycle that may be on their way through the pipeline at once. */
const mostAhead = 1_000;
/** Without news for so long the import goes on by itself: nobody may be there to tell. */
const newsAgeMs = 2_000;
const lookEveryMs = 10;

/**
 * Keeps the import from running far ahead of the exports: what is read long before it is written is old by then, and the log's readers get it in
 * bursts that they have to work off. Only a pace: without news the import goes on.
 */
export class PipelinePace {
  private readonly subscription: Subscription;
  private news: CycleProgress | null = null;
  private heardAt = 0;

  constructor(connection: NatsConnection, jobId: JobId) {
    this.subscription = connection.subscribe(CycleProgress.subject(jobId), {
      callback: (error, message) => {
        if (error) return;
        this.news = CycleProgress.schema.parse(message.json());
        this.heardAt = performance.now();
      },
    });
  }

  /** Waits while too much is under way, and not longer than somebody wants it. @param imported objects of the cycle so far */
  async keep(cycleId: string, imported: number, signal: AbortSignal, isOver: () => boolean): Promise<void> {
    while (this.isAhead(cycleId, imported) && !isOver()) await sleep(lookEveryMs, undefined, { signal });
  }

  close(): void {
    this.subscription.unsubscribe();
  }

  private isAhead(cycleId: string, imported: number): boolean {
    const { news } = this;
    return news?.cycleId === cycleId && performance.now() - this.heardAt < newsAgeMs && imported - news.settled > mostAhead;
  }
}
