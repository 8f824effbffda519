import type { RequestKind } from '@provident/domain';

const seconds = 60;

/** So many of a kind in each second. */
interface Seconds {
  readonly counts: Uint32Array;
  /** When the first of each second came. */
  readonly firstAt: Float64Array;
}

const empty = (): Seconds => ({ counts: new Uint32Array(seconds), firstAt: new Float64Array(seconds) });

/** How many requests a target took and refused in each of the last sixty seconds. */
export class RecentAnswers {
  private readonly taken: Readonly<Record<RequestKind, Seconds>> = { read: empty(), write: empty() };
  private readonly refused = empty();
  private second = 0;

  note(kind: RequestKind, isRefused: boolean, now: number): void {
    this.turn(now);
    const { counts, firstAt } = isRefused ? this.refused : this.taken[kind];
    const at = this.second % seconds;
    if (counts[at] === 0) firstAt[at] = now;
    counts[at]! += 1;
  }

  /** What was taken of some kinds since an instant, but not before the last minute, and how long ago the first of that was. */
  takenSince(since: number, kinds: readonly RequestKind[], now: number): { readonly taken: number; readonly overMs: number } {
    this.turn(now);
    let taken = 0;
    let first = now;
    for (const { counts, firstAt } of kinds.map((kind) => this.taken[kind])) {
      for (let at = 0; at < seconds; at++) {
        if (counts[at] === 0 || firstAt[at]! < since) continue;
        taken += counts[at]!;
        first = Math.min(first, firstAt[at]!);
      }
    }
    return { taken, overMs: now - first };
  }

  /** Of the last minute. */
  refusedShare(now: number): number {
    this.turn(now);
    const sum = ({ counts }: Seconds): number => counts.reduce((all, each) => all + each, 0);
    const refused = sum(this.refused);
    return refused === 0 ? 0 : refused / (refused + sum(this.taken.read) + sum(this.taken.write));
  }

  private turn(now: number): void {
    const second = Math.floor(now / 1_000);
    if (second === this.second) return;
    const from = Math.max(this.second + 1, second - seconds + 1);
    for (let each = from; each <= second; each++)
      for (const { counts } of [this.taken.read, this.taken.write, this.refused]) counts[each % seconds] = 0;
    this.second = second;
  }
}
