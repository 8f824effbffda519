/** What differs between two job definitions at one place. A side without anything there is undefined. */
export interface Difference {
  /** Such as `objects[user].attributes[userName].source`: what has a name of its own is called by it, whatever its place. */
  readonly path: string;
  readonly old: unknown;
  readonly new: unknown;
}

/** What differs between two job definitions, in the order of the first. An order alone that differs is told as such. */
export const differenceOf = (old: unknown, next: unknown): Difference[] => between('', old, next);

function between(path: string, old: unknown, next: unknown): Difference[] {
  if (isRecord(old) && isRecord(next)) {
    const names = new Set([...Object.keys(old), ...Object.keys(next)]);
    return [...names].flatMap((name) => between(path === '' ? name : `${path}.${name}`, old[name], next[name]));
  }
  const [before, after] = [named(old), named(next)];
  if (before && after) {
    const names = new Set([...before.keys(), ...after.keys()]);
    return [...names].flatMap((name) => between(`${path}[${name}]`, before.get(name), after.get(name))).concat(order(path, before, after));
  }
  if (Array.isArray(old) && Array.isArray(next) && old.length === next.length && [...old, ...next].every(isRecord))
    return old.flatMap((each, index) => between(`${path}[${index}]`, each, next[index]));
  return JSON.stringify(old) === JSON.stringify(next) ? [] : [{ path, old, new: next }];
}

function order(path: string, before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>): Difference[] {
  const common = (one: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>) =>
    [...one.keys()].filter((name) => other.has(name));
  const [old, next] = [common(before, after), common(after, before)];
  return old.join('\n') === next.join('\n') ? [] : [{ path: `${path}[…]`, old: old.join(', '), new: next.join(', ') }];
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Elements of a list by what they are called in a job file; null when they have no names, or the same one twice. */
function named(list: unknown): ReadonlyMap<string, unknown> | null {
  if (!Array.isArray(list)) return null;
  const names = list.map((each) => (isRecord(each) ? (each['type'] ?? each['target'] ?? each['name']) : undefined));
  if (names.some((name) => typeof name !== 'string') || new Set(names).size < names.length) return null;
  return new Map(list.map((each, index) => [String(names[index]), each]));
}
