/** Some of an attribute's values, as the server gives them at a time: `member;range=0-1499`. */
export interface ValueRange {
  readonly values: readonly Buffer[];
  /** Where the next values begin; null: these were the last. */
  readonly next: number | null;
}

/** The server's answer is none of the forms that a range has. */
export class MalformedRange extends Error {
  override readonly name = 'MalformedRange';
}

interface RawAttribute {
  readonly name: string;
  readonly values: readonly Buffer[];
}

const rangePattern = /^(\d{1,9})-(\d{1,9}|\*)$/;
/** No directory holds so many; a server that goes on for ever does. */
const mostValues = 10_000_000;

/** Name to ask for the values of an attribute from one on, as many as the server gives at a time. */
export const rangeFrom = (attribute: string, start: number): string => `${attribute};range=${start}-*`;

/**
 * The values of an attribute from `start` on, as far as an answer holds them. Pure. Without a range in the answer they are all there is, if all was asked for.
 * @throws MalformedRange for an answer that leaves open which values it holds
 */
export function rangeOf(attributes: readonly RawAttribute[], attribute: string, start: number): ValueRange {
  const ranged = attributes.filter(({ name }) => name.toLowerCase().startsWith(`${attribute.toLowerCase()};range=`));
  const [part, another] = ranged;
  if (another) throw new MalformedRange(`two ranges came at once, "${part!.name}" and "${another.name}"`);
  if (!part) {
    const plain = attributes.filter(({ name, values }) => name.toLowerCase() === attribute.toLowerCase() && values.length > 0);
    if (start > 0) throw new MalformedRange(`values from ${start} on were asked for, and no range came`);
    return { values: plain.flatMap(({ values }) => values), next: null };
  }
  return { values: part.values, next: nextOf(part, attribute, start) };
}

function nextOf({ name, values }: RawAttribute, attribute: string, start: number): number | null {
  const [, from, to] = rangePattern.exec(name.slice(`${attribute};range=`.length)) ?? [];
  if (from === undefined || to === undefined) throw new MalformedRange(`"${name}" is not a range`);
  if (Number(from) !== start) throw new MalformedRange(`values from ${start} on were asked for, and "${name}" came`);
  if (to === '*') return null;
  const next = start + values.length;
  if (Number(to) !== next - 1) throw new MalformedRange(`"${name}" came with ${values.length} value(s)`);
  if (next === start) throw new MalformedRange(`"${name}" holds no value, and is not the last`);
  if (next > mostValues) throw new MalformedRange(`the values do not end: ${next} have come`);
  return next;
}
