import { z } from 'zod';

import type { SourceCursor } from '../connector.js';

/**
 * Up to which second changes are known, and since when (by our clock) that is the latest. In the second of the latest change there may be another one: only
 * a read that begins when that second must be over has seen all of it, and settles it.
 */
export interface Mark {
  readonly upTo: string | null;
  readonly latestSince: string;
  readonly isSettled: boolean;
}

/** After a read: as that of objects; a mark for groups, one for the people and groups that they may name, and groups to read again. */
const MembershipWatermark = z.object({
  changedUpTo: z.string().nullable(),
  fullReadAt: z.iso.datetime(),
  rules: z.string(),
  latestSince: z.iso.datetime(),
  isSettled: z.boolean(),
  namesUpTo: z.string().nullable().optional(),
  namesLatestSince: z.iso.datetime().optional(),
  namesSettled: z.boolean().optional(),
  again: z.array(z.string()).optional(),
});
export type MembershipWatermark = z.infer<typeof MembershipWatermark>;

const secondIsOverMs = 2_000;
/** A watermark is small: of more, all is read again. */
const mostCharactersAgain = 1_500;

/** null when there is none, or one that another connector wrote: then everything is read. */
export const parseMembershipWatermark = (watermark: SourceCursor | null): MembershipWatermark | null =>
  MembershipWatermark.safeParse(watermark).data ?? null;

export const groupMark = ({ changedUpTo, latestSince, isSettled }: MembershipWatermark): Mark => ({
  upTo: changedUpTo,
  latestSince,
  isSettled,
});

/** null in a watermark from before names were looked for. */
export function nameMark({ namesUpTo, namesLatestSince, namesSettled }: MembershipWatermark): Mark | null {
  return namesUpTo === undefined || namesLatestSince === undefined
    ? null
    : { upTo: namesUpTo, latestSince: namesLatestSince, isSettled: namesSettled === true };
}

/** The second from which changes are not known yet; null: none are. Pure. */
export function unknownFrom(mark: Mark | null): string | null {
  if (!mark || mark.upTo === null) return null;
  return mark.isSettled ? secondAfter(mark.upTo) : mark.upTo;
}

/** Where a mark stands after a look at everything from `unknownFrom` on. Pure. @param latest change that was seen, in whole seconds */
export function markAfter(before: Mark | null, latest: string | null, now: Date): Mark {
  const isLatest = before !== null && before.upTo !== null && (latest === null || latest <= before.upTo);
  if (!isLatest) return { upTo: latest, latestSince: now.toISOString(), isSettled: false };
  return { ...before, isSettled: before.isSettled || now.getTime() - Date.parse(before.latestSince) >= secondIsOverMs };
}

export function membershipWatermark(parts: {
  readonly groups: Mark;
  readonly names: Mark | null;
  readonly fullReadAt: string;
  readonly rules: string;
  /** Groups whose lists could not be read. */
  readonly again: readonly string[];
}): SourceCursor {
  const { groups, names, fullReadAt, rules, again } = parts;
  const isTooLong = again.join('').length > mostCharactersAgain;
  return {
    changedUpTo: isTooLong ? null : groups.upTo,
    fullReadAt,
    rules,
    latestSince: groups.latestSince,
    isSettled: groups.isSettled,
    ...(names && { namesUpTo: names.upTo, namesLatestSince: names.latestSince, namesSettled: names.isSettled }),
    ...(again.length > 0 && !isTooLong && { again: [...again] }),
  };
}

/** `20261101101500` → `20261101101501`. */
function secondAfter(second: string): string {
  const [, year, month, day, hour, minute, at] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(second) as unknown as string[];
  const time = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(at) + 1);
  return new Date(time).toISOString().replaceAll(/[-:T]|\.\d+Z$/g, '');
}
