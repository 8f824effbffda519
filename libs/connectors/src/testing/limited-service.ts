/** How a service counts. `bucket`: it fills evenly, and holds as much as one window allows. */
export type Counting = 'fixed-window' | 'sliding-window' | 'bucket';

export interface ServiceLimit {
  readonly counting: Counting;
  readonly requests: number;
  readonly perMs: number;
}

/** A limit as services enforce it. Refused requests do not count. */
export class ServiceMeter {
  taken = 0;
  refused = 0;
  private recent: number[] = [];
  private window = Number.NaN;
  private inWindow = 0;
  private level: number;
  private levelAt = Number.NaN;

  constructor(
    readonly limit: ServiceLimit,
    /** Where fixed windows begin. */
    private readonly offsetMs = 0,
  ) {
    this.level = limit.requests;
  }

  /** @returns null when the request is taken, or else the time after which it would be */
  ask(now: number): number | null {
    const wait = this.waitAt(now);
    if (wait === null) this.taken += 1;
    else this.refused += 1;
    return wait;
  }

  /** Requests that it takes from one instant to another, if there are always some. */
  allowed(from: number, to: number): number {
    return ((to - from) / this.limit.perMs) * this.limit.requests;
  }

  private waitAt(now: number): number | null {
    const { counting, requests, perMs } = this.limit;
    switch (counting) {
      case 'fixed-window': {
        const window = Math.floor((now - this.offsetMs) / perMs);
        if (window !== this.window) [this.window, this.inWindow] = [window, 0];
        if (this.inWindow >= requests) return (window + 1) * perMs + this.offsetMs - now;
        this.inWindow += 1;
        return null;
      }
      case 'sliding-window':
        while (this.recent.length > 0 && this.recent[0]! <= now - perMs) this.recent.shift();
        if (this.recent.length >= requests) return this.recent[0]! + perMs - now;
        this.recent.push(now);
        return null;
      case 'bucket':
        if (!Number.isNaN(this.levelAt)) this.level = Math.min(requests, this.level + ((now - this.levelAt) * requests) / perMs);
        this.levelAt = now;
        if (this.level < 1) return ((1 - this.level) * perMs) / requests;
        this.level -= 1;
        return null;
    }
  }
}
