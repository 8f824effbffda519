declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** A job's name in the log's subjects: lower-case letters, digits and hyphens, 1 to 63 characters. */
export type JobId = Branded<'JobId'>;
/** One pass of a job. */
export type CycleId = Branded<'CycleId'>;
/** `<objectType>:<source anchor>`, stable for the object's life. */
export type ObjectKey = Branded<'ObjectKey'>;
/** One object's way through one cycle; the same over all four activities and every retry of it. */
export type ChangeId = Branded<'ChangeId'>;

export const jobIdPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

export const asJobId = (text: string): JobId => {
  if (!jobIdPattern.test(text)) throw new RangeError(`not a job id: ${JSON.stringify(text)}`);
  return text as JobId;
};
export const asCycleId = (text: string): CycleId => text as CycleId;
export const asChangeId = (text: string): ChangeId => text as ChangeId;
export const objectKeyOf = (objectType: string, anchor: string): ObjectKey => `${objectType}:${anchor}` as ObjectKey;

/** The parts of a key. The object type never holds a colon; the anchor may. */
export function partsOf(key: ObjectKey): { objectType: string; anchor: string } {
  const colon = key.indexOf(':');
  return { objectType: key.slice(0, colon), anchor: key.slice(colon + 1) };
}
