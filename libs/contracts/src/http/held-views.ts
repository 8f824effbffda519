import { z } from 'zod';

import { RemovalGuard } from '../events/common.js';

/** What the API says of removals that wait. Members are only ever added. Instants are UTC ISO strings. */

/** Removals of one cycle that wait for a person. */
export const HoldView = z.object({
  cycleId: z.string(),
  heldAt: z.string(),
  /** Removals that wait, and accounts that were in step. */
  proposed: z.number(),
  linked: z.number(),
  /** Why, in a line; the same by limit in `guards`. */
  threshold: z.string(),
  guards: z.array(RemovalGuard),
});
export type HoldView = z.infer<typeof HoldView>;

/** One removal that waits: of an account, or of members of a group. */
export const HeldRemovalView = z.object({
  changeId: z.string(),
  cycleId: z.string(),
  objectKey: z.string(),
  objectType: z.string(),
  sourceId: z.string().nullable(),
  targetId: z.string().nullable(),
  displayName: z.string().nullable(),
  kind: z.enum(['disable', 'delete', 'membership']),
  /** Kebab-case. */
  reason: z.string().nullable(),
  text: z.string(),
  heldAt: z.string(),
  /** A person who releases or rejects it, or the next cycle, which counts it. */
  waitsFor: z.enum(['person', 'cycle']),
  /** Who is to leave the group, by object key and name; empty where an account is meant. */
  members: z.array(z.object({ objectKey: z.string(), displayName: z.string().nullable() })),
});
export type HeldRemovalView = z.infer<typeof HeldRemovalView>;

/** The holds of a job, and a page of what they hold: newest first. */
export const HeldPageView = z.object({ holds: z.array(HoldView), removals: z.array(HeldRemovalView), next: z.string().nullable() });
export type HeldPageView = z.infer<typeof HeldPageView>;
