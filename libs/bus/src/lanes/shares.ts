/**
 * How many units of each kind fall to one of several instances. Units are dealt like cards, one kind after another: every kind is shared evenly, so that the
 * lanes of a busy job are not all with one instance and those of an idle job with another, and so is the whole. Pure: whoever sees the same units
 * and the same instances comes to the same shares, and together they are all units.
 *
 * @param kinds of every unit, in an order that all instances know
 * @param rank place of the instance among all, from 0
 */
export function sharesOf(kinds: readonly string[], rank: number, instances: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const shares = new Map<string, number>();
  let dealt = 0;
  const mineOfDealt = (): number => Math.floor((dealt + instances - 1 - rank) / instances);
  for (const [kind, count] of counts) {
    const before = mineOfDealt();
    dealt += count;
    shares.set(kind, mineOfDealt() - before);
  }
  return shares;
}
