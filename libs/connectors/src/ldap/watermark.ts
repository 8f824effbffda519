import { createHash } from 'node:crypto';

import { z } from 'zod';

import type { SourceCursor } from '../connector.js';

/** After a read: up to when changes are known, when everything was read last, and how. */
const Watermark = z.object({
  /** Server time in whole seconds up to which no change is missing, such as `20261101101500`; null when the server shows no times. */
  changedUpTo: z.string().nullable(),
  /** UTC instant, by our clock, at which the last full read began. */
  fullReadAt: z.iso.datetime(),
  /** Stands for the settings and questions of the read. */
  rules: z.string(),
});
export type Watermark = z.infer<typeof Watermark>;

/** null when there is none, or one that another connector wrote: then everything is read. */
export function parseWatermark(watermark: SourceCursor | null): Watermark | null {
  return Watermark.safeParse(watermark).data ?? null;
}

/**
 * The time from which changes must be read, or null when everything must. Pure.
 * @param now             UTC instant
 * @param fullReadEveryMs age at which the last full read is too old; one from the future counts as too old
 */
export function readFrom(before: Watermark | null, rules: string, now: Date, fullReadEveryMs: number): string | null {
  if (!before || before.rules !== rules) return null;
  const ageMs = now.getTime() - new Date(before.fullReadAt).getTime();
  return ageMs >= 0 && ageMs < fullReadEveryMs ? before.changedUpTo : null;
}

/** A short, stable name of whatever decides what a read yields. */
export function rulesOf(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}
