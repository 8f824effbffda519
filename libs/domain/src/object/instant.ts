/* oxlint-disable no-restricted-globals -- translates between two spellings of a given instant; no clock is read */

/** Milliseconds since 1970 of a UTC ISO instant. @throws RangeError when the text is none */
export function msOf(instant: string): number {
  const ms = Date.parse(instant);
  if (Number.isNaN(ms)) throw new RangeError(`not an instant: ${instant}`);
  return ms;
}

/** UTC, ISO 8601 with milliseconds. */
export const isoOf = (ms: number): string => new Date(ms).toISOString();
