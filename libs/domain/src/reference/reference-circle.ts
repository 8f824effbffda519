import type { ObjectKey } from '../object/ids.js';

/** A circle of more objects than this is not looked for: references are written then as the source has them. */
export const longestCircle = 100;

/**
 * The circle that an object's reference closes: its objects in the order in which they refer to each other, the object itself first; null when there is
 * none. Whoever only leads into a circle of others is not in it.
 * @param next whom an object refers to with the same attribute; undefined for nobody, or for nobody known
 */
export function circleFrom(start: ObjectKey, next: (of: ObjectKey) => ObjectKey | undefined): ObjectKey[] | null {
  const circle = [start];
  for (let at = next(start); at !== undefined && circle.length <= longestCircle; at = next(at)) {
    if (at === start) return circle;
    circle.push(at);
  }
  return null;
}
