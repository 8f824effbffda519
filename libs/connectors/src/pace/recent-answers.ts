import type { RequestKind } from '@provident/domain';

/** An answer counts in the tenth of a second in which it came. */
const sliceMs = 100;
const slices = 600;

/** A read or a write that was taken, one that was refused (429), and one that could not be served (503). */
type Answer = RequestKind | 'refused' | 'unavailable';

interface Slices {
  readonly counts: Uint32Array;
  /** When the first of each came. */
  readonly firstAt: Float64Array;
}

const empty = (): Slices => ({ counts: new Uint32Array(slices), firstAt: new Float64Array(slices) });

/** How many requests a target took and refused in each tenth of the last sixty seconds. */
export class RecentAnswers {
  private readonly of: Readonly<Record<Answer, Slices>> = { read: empty(), write: empty(), refused: empty(), unavailable: empty() };
  private slice = 0;

  note(answer: Answer, now: number): void {
    this.turn(now);
    const { counts, firstAt } = this.of[answer];
    const at = this.slice % slices;
    if (counts[at] === 0) firstAt[at] = now;
    counts[at]! += 1;
  }

  /** What was taken of some kinds since an instant, but not before the last minute, and how long ago the first of that was. */
  takenSince(since: number, kinds: readonly RequestKind[], now: number): { readonly taken: number; readonly overMs: number } {
    this.turn(now);
    let taken = 0;
    let first = now;
    for (const { counts, firstAt } of kinds.map((kind) => this.of[kind])) {
      for (let at = 0; at < slices; at++) {
        if (counts[at] === 0 || firstAt[at]! < since) continue;
        taken += counts[at]!;
        first = Math.min(first, firstAt[at]!);
      }
    }
    return { taken, overMs: now - first };
  }

  /** What was taken of some kinds in a time until now, of at most a minute; of the tenth of a second amid which that begins, its part. */
  takenWithin(ms: number, kinds: readonly RequestKind[], now: number): number {
    this.turn(now);
    const since = (now - ms) / sliceMs;
    const first = Math.max(Math.floor(since), this.slice - slices + 1);
    let taken = 0;
    for (let slice = first; slice <= this.slice; slice++) {
      const part = Math.min(1, slice + 1 - since);
      for (const kind of kinds) taken += part * this.of[kind].counts[slice % slices]!;
    }
    return taken;
  }

  /** How many since an instant, but not before the last minute. */
  count(answer: Answer, since: number, now: number): number {
    this.turn(now);
    const { counts, firstAt } = this.of[answer];
    return counts.reduce((sum, count, at) => (count > 0 && firstAt[at]! >= since ? sum + count : sum), 0);
  }

  /** Of the last minute. */
  refusedShare(now: number): number {
    const [refused, read, write] = (['refused', 'read', 'write'] as const).map((answer) => this.count(answer, 0, now)) as [
      number,
      number,
      number,
    ];
    return refused === 0 ? 0 : refused / (refused + read + write);
  }

  private turn(now: number): void {
    const slice = Math.floor(now / sliceMs);
    if (slice === this.slice) return;
    const from = Math.max(this.slice + 1, slice - slices + 1);
    for (let each = from; each <= slice; each++) for (const { counts } of Object.values(this.of)) counts[each % slices] = 0;
    this.slice = slice;
  }
}
