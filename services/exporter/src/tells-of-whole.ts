/**
 * Whether an event is about an object as a whole. A change of some members of a group is not: it neither outdates what was decided about the group's
 * attributes, nor takes back a removal of the group that waits; and since no two such changes that are under way tell of the same member, they
 * do not outdate each other either.
 */
export const tellsOfWhole = ({ data }: { readonly data: unknown }): boolean => (data as { part?: string }).part === undefined;
