import { z } from 'zod';

const durationPattern = /^(\d+)(s|m|h|d)$/;
export const Duration = z
  .string()
  .regex(durationPattern, 'a whole number followed by s, m, h or d, such as 40m')
  .describe('A duration: a whole number followed by `s`, `m`, `h` or `d`.');

/** Milliseconds of a duration such as `40m`. @throws RangeError when it is not one */
export function durationMs(text: string): number {
  const parts = durationPattern.exec(text);
  if (!parts) throw new RangeError(`not a duration: ${text}`);
  const unit = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[parts[2] as 's' | 'm' | 'h' | 'd'];
  return Number(parts[1]) * unit;
}
