/** JSON in which the order of keys plays no part: two values have the same text exactly when they are the same. Keys without a value are left out. */
export const canonicalJson = (value: unknown): string => JSON.stringify(value, withSortedKeys);

function withSortedKeys(_: string, part: unknown): unknown {
  if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
  return Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)));
}
