/** Random numbers that come again for the same seed (mulberry32), so that a failed run can be repeated. */
export interface Random {
  readonly seed: number;
  /** A whole number from `low` up to and including `high`. */
  between(low: number, high: number): number;
  pick<Item>(items: readonly Item[]): Item;
}

/** @param seed E2E_SEED by default, otherwise another one each time */
export function seededRandom(seed = Number(process.env['E2E_SEED'] ?? Date.now() % 1_000_000)): Random {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return { seed, between, pick: (items) => items[between(0, items.length - 1)]! };
}
