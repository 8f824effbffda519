/**
 * Keys of which none is there twice, in their order: of rows with one key a list that is drawn anew would leave some where they were.
 * The first of several keeps its key.
 */
export function distinctKeys(keys: readonly string[]): string[] {
  const times = new Map<string, number>();
  return keys.map((key) => {
    const before = times.get(key) ?? 0;
    times.set(key, before + 1);
    return before === 0 ? key : `${key} #${before + 1}`;
  });
}
