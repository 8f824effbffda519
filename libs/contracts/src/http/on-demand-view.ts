import { z } from 'zod';

import { Change, Initiator } from '../events/common.js';

/** One step of a provisioning on demand, with every value that it saw. */
export const OnDemandStep = z.object({
  /** `connection` comes only when a system could not be asked. */
  type: z.enum(['connection', 'import', 'scoping', 'matching', 'export']),
  name: z.string(),
  status: z.enum(['success', 'failure', 'skipped', 'warning']),
  description: z.string(),
  at: z.string(),
  details: z.record(z.string(), z.unknown()),
});
export type OnDemandStep = z.infer<typeof OnDemandStep>;

/** What became of one object that somebody asked for. */
export const OnDemandResult = z.object({
  objectType: z.string(),
  displayName: z.string().nullable(),
  /** Of the entry in the provisioning log; null when there is none, because nothing was read. */
  changeId: z.string().nullable(),
  /** `held`: a removal that was not confirmed. `in-progress`: not done yet when the answer was due; the provisioning log tells the end. */
  status: z.enum(['success', 'skipped', 'failure', 'held', 'in-progress', 'not-found']),
  action: z.enum(['create', 'update', 'disable', 'delete', 'none']),
  reason: z.object({ code: z.string(), text: z.string() }).nullable(),
  source: z.object({ system: z.string(), id: z.string() }),
  target: z.object({ system: z.string(), id: z.string().nullable() }),
  startedAt: z.string(),
  endedAt: z.string(),
  modified: z.array(Change),
  steps: z.array(OnDemandStep),
});
export type OnDemandResult = z.infer<typeof OnDemandResult>;

/** The answer to a provisioning on demand. */
export const OnDemandView = z.object({
  jobId: z.string(),
  /** Stands in place of a cycle's id in the provisioning log. */
  requestId: z.string(),
  by: Initiator,
  /** Revision of the job's rules that were applied. */
  revision: z.number(),
  results: z.array(OnDemandResult),
});
export type OnDemandView = z.infer<typeof OnDemandView>;
