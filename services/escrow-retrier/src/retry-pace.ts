/** So many retries of one lane are begun in one round of the clock at most. */
const mostAtOnce = 200;
/** So many may be under way before the next are begun: the target sets the pace, not the clock. */
const mostUnderWay = 400;
/** What has not come back by then waits for something else, such as a person who releases removals, and takes no room any more. */
const forgottenAfterMs = 300_000;

/** Keeps thousands of retries that become due together from flooding the pipeline. */
export class RetryPace {
  private readonly begunAtMs = new Map<string, number>();

  /** How many more may be begun now. */
  room(nowMs: number): number {
    for (const [objectKey, atMs] of this.begunAtMs) {
      if (nowMs - atMs < forgottenAfterMs) break;
      this.begunAtMs.delete(objectKey);
    }
    return Math.max(0, Math.min(mostAtOnce, mostUnderWay - this.begunAtMs.size));
  }

  began(objectKeys: readonly string[], nowMs: number): void {
    for (const objectKey of objectKeys) {
      this.begunAtMs.delete(objectKey);
      this.begunAtMs.set(objectKey, nowMs);
    }
  }

  ended(objectKey: string): void {
    this.begunAtMs.delete(objectKey);
  }
}
