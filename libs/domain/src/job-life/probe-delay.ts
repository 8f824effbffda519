const longestMs = 3_600_000;

/**
 * How long a job in quarantine waits before its connection is probed: at first as its file says, then twice, four times … that, up to an hour (or
 * the first wait, should it be longer).
 * @param firstMs of the job file, "quarantine.probeAfter"
 * @param probes  made so far in this quarantine, a whole number from 0
 */
export function probeDelayMs(firstMs: number, probes: number): number {
  return Math.max(firstMs, Math.min(firstMs * 2 ** probes, longestMs));
}
