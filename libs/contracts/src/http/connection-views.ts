import { z } from 'zod';

import { LinkTarget } from '../link-target.js';

/** What the API says of links between objects and their accounts. Members are only ever added. */

/** An object and the account that it is linked to. */
export const ConnectionView = z.object({
  jobId: z.string(),
  objectKey: z.string(),
  objectType: z.string(),
  sourceId: z.string(),
  displayName: z.string().nullable(),
  /** null: it is linked to none. */
  targetId: z.string().nullable(),
});
export type ConnectionView = z.infer<typeof ConnectionView>;

export const ConnectionPageView = z.object({ connections: z.array(ConnectionView), next: z.string().nullable() });
export type ConnectionPageView = z.infer<typeof ConnectionPageView>;

const Id = z.string().min(1, 'must not be empty').max(1_000, 'must have at most 1000 characters');
/** Whose link is taken away: by the id in the source, or that of the account. */
export const RemoveConnectionOrder = z.strictObject({ objectType: z.string().min(1).max(60).default('user'), id: Id });
export type RemoveConnectionOrder = z.infer<typeof RemoveConnectionOrder>;
/** Whose link is set, and to which account: `{ targetId }`, or `{ value }` of a matching attribute, of the first one unless `attribute` names another. */
export const RepairConnectionOrder = RemoveConnectionOrder.extend({ to: LinkTarget });
export type RepairConnectionOrder = z.infer<typeof RepairConnectionOrder>;

export const connectionPaths = {
  connections: '/provident/v1/jobs/:jobId/connections',
  remove: '/provident/v1/jobs/:jobId/connections/remove',
  repair: '/provident/v1/jobs/:jobId/connections/repair',
} as const;
