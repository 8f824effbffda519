const seconds = 60;

/** How many requests a target took and refused in each of the last sixty seconds. */
export class RecentAnswers {
  private readonly taken = new Uint32Array(seconds);
  private readonly refused = new Uint32Array(seconds);
  private second = 0;

  note(isRefused: boolean, now: number): void {
    this.turn(now);
    const counts = isRefused ? this.refused : this.taken;
    counts[this.second % seconds]! += 1;
  }

  /** What was taken in the last milliseconds, and since when in that time. */
  takenIn(ms: number, now: number): { readonly taken: number; readonly overMs: number } {
    this.turn(now);
    const back = Math.min(seconds, Math.max(1, Math.ceil(ms / 1_000)));
    let taken = 0;
    let first = 0;
    for (let ago = 0; ago < back; ago++) {
      const count = this.taken[(this.second - ago + seconds) % seconds]!;
      taken += count;
      if (count > 0) first = ago;
    }
    return { taken, overMs: first * 1_000 + (now % 1_000) };
  }

  /** Of the last minute. */
  refusedShare(now: number): number {
    this.turn(now);
    const sum = (counts: Uint32Array): number => counts.reduce((all, each) => all + each, 0);
    const refused = sum(this.refused);
    return refused === 0 ? 0 : refused / (refused + sum(this.taken));
  }

  private turn(now: number): void {
    const second = Math.floor(now / 1_000);
    if (second === this.second) return;
    const from = Math.max(this.second + 1, second - seconds + 1);
    for (let each = from; each <= second; each++) {
      this.taken[each % seconds] = 0;
      this.refused[each % seconds] = 0;
    }
    this.second = second;
  }
}
