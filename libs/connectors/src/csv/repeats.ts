/** Gathers 52-bit hashes of anchors: 8 bytes for each of them, whatever their length. */
export interface HashTally {
  readonly add: (anchor: string) => void;
  /** Hashes that came more than once: anchors that are repeated, and very rarely two that only share a hash. */
  readonly repeated: () => ReadonlySet<number>;
}

export function createHashTally(): HashTally {
  let hashes = new Float64Array(1024);
  let count = 0;
  return {
    add: (anchor) => {
      if (count === hashes.length) {
        const grown = new Float64Array(count * 2);
        grown.set(hashes);
        hashes = grown;
      }
      hashes[count] = hash52(anchor);
      count += 1;
    },
    repeated: () => {
      const sorted = hashes.subarray(0, count).sort();
      return new Set(sorted.filter((hash, index) => index > 0 && hash === sorted[index - 1]));
    },
  };
}

/** A well mixed whole number of 52 bits (two 32-bit lanes, as in cyrb53). Not for secrets. */
export function hash52(text: string): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (low & 0xfffff) * 4294967296 + (high >>> 0);
}
