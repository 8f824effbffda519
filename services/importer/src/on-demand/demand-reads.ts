import type { ObjectKey } from '@provident/domain';

/** One object that is being read on demand. */
export interface DemandRead {
  readonly objectKey: ObjectKey;
  /** When its reading began. */
  readonly readAt: number;
}

const kept = 10_000;

/**
 * Keeps the order of what is said of an object that is imported on demand while a cycle or a retry imports it too: what is said later was read later.
 * Whoever holds older values finds out here, right before saying them: a cycle leaves the object out, a reading on demand reads it anew. Instants are
 * of this process, which is the only one that imports the job.
 */
export class DemandReads {
  private readonly live = new Map<ObjectKey, { reads: number; readElsewhereAt: number }>();
  /** When the values were read that were said last on demand, and where in the log they stand; infinity while that is not known. */
  private readonly said = new Map<ObjectKey, { readonly readAt: number; readonly sequence: number }>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  begin(objectKey: ObjectKey): DemandRead {
    const known = this.live.get(objectKey);
    if (known) known.reads++;
    else this.live.set(objectKey, { reads: 1, readElsewhereAt: -Infinity });
    return { objectKey, readAt: this.now() };
  }

  end({ objectKey }: DemandRead): void {
    const known = this.live.get(objectKey);
    if (known && --known.reads === 0) this.live.delete(objectKey);
  }

  /** Others hold values of these objects, read at that instant at the earliest, and are about to say them. */
  readElsewhere(keys: Iterable<ObjectKey>, at: number): void {
    if (this.live.size === 0) return;
    for (const key of keys) {
      const known = this.live.get(key);
      if (known) known.readElsewhereAt = at;
    }
  }

  /** Whether somebody else has, or is about to say, values that may be newer. */
  isOvertaken({ objectKey, readAt }: DemandRead): boolean {
    return (this.live.get(objectKey)?.readElsewhereAt ?? -Infinity) > readAt;
  }

  /** Called in the same turn in which the append is asked for. */
  say({ objectKey, readAt }: DemandRead): void {
    this.said.delete(objectKey);
    this.said.set(objectKey, { readAt, sequence: Infinity });
    if (this.said.size > kept) this.said.delete(this.said.keys().next().value!);
  }

  /** Called once that stands in the log. */
  wasSaid({ objectKey, readAt }: DemandRead, sequence: number): void {
    if (this.said.get(objectKey)?.readAt === readAt) this.said.set(objectKey, { readAt, sequence });
  }

  /** Whether values were said on demand that were read at that instant or later. */
  isReadSince(objectKey: ObjectKey, at: number): boolean {
    return (this.said.get(objectKey)?.readAt ?? -Infinity) >= at;
  }

  /** Whether values were said on demand that are not in tables which are folded up to there. */
  isSaidBehind(objectKey: ObjectKey, sequence: number): boolean {
    return (this.said.get(objectKey)?.sequence ?? -Infinity) > sequence;
  }

  instant(): number {
    return this.now();
  }
}
