/** At most so many keys are told apart: whoever was away longest is forgotten first. */
const mostKeys = 10_000;

/**
 * How often each of many may do something: a minute's worth at once, and as much again over each minute that follows.
 * @param perMinute 0 for no limit
 */
export class RateLimit {
  private readonly buckets = new Map<string, { left: number; atMs: number }>();

  constructor(
    private readonly perMinute: number,
    private readonly nowMs: () => number,
  ) {}

  /** Takes one. @returns seconds to wait until the next is there, 0 when this one was */
  take(key: string): number {
    if (this.perMinute === 0) return 0;
    const bucket = this.filled(key);
    this.buckets.delete(key); // goes to the end of the line
    this.buckets.set(key, bucket);
    if (this.buckets.size > mostKeys) this.buckets.delete(this.buckets.keys().next().value!);
    if (bucket.left < 1) return Math.ceil(((1 - bucket.left) * 60) / this.perMinute);
    bucket.left -= 1;
    return 0;
  }

  private filled(key: string): { left: number; atMs: number } {
    const atMs = this.nowMs();
    const before = this.buckets.get(key);
    if (!before) return { left: this.perMinute, atMs };
    const left = Math.min(this.perMinute, before.left + ((atMs - before.atMs) / 60_000) * this.perMinute);
    return { left, atMs };
  }
}
