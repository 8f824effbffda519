import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { z } from 'zod';

import { listEvents } from '../api/list-events.js';

const System = z.looseObject({ connector: z.string(), name: z.string().optional(), config: z.record(z.string(), z.unknown()).optional() });
const Clause = z.looseObject({ attribute: z.string(), operator: z.string(), value: z.unknown().optional() });
const Mapping = z.looseObject({
  target: z.string(),
  source: z.string().optional(),
  constant: z.unknown().optional(),
  expression: z.string().optional(),
  reference: z.string().optional(),
  referenceType: z.string().optional(),
  default: z.unknown().optional(),
  matching: z.number().optional(),
  apply: z.string().optional(),
  required: z.boolean().optional(),
  caseExact: z.boolean().optional(),
});
const Assigned = z.looseObject({
  ids: z.array(z.string()).optional(),
  groups: z.array(z.string()).optional(),
  nested: z.boolean().optional(),
});
export type Assigned = z.infer<typeof Assigned>;
const ObjectRules = z.looseObject({
  type: z.string(),
  assigned: Assigned.optional(),
  scope: z.array(z.looseObject({ name: z.string(), all: z.array(Clause) })).optional(),
  active: Clause.optional(),
  attributes: z.array(Mapping),
  removals: z.record(z.string(), z.union([z.string(), z.boolean(), z.number()])).optional(),
});
export type Mapping = z.infer<typeof Mapping>;
export type Clause = z.infer<typeof Clause>;
export type ObjectRules = z.infer<typeof ObjectRules>;

/** What the pages show of a job's definition; everything else in it is kept as it is. */
export const Definition = z.looseObject({ job: z.string(), source: System, target: System, objects: z.array(ObjectRules) });
export type Definition = z.infer<typeof Definition>;

const Configured = z.object({
  revision: z.number(),
  definition: Definition,
  baseDir: z.string(),
  by: z.object({ kind: z.string(), name: z.string() }),
});
export type Revision = z.infer<typeof Configured> & { readonly at: string };

const atMost = 1_000;

/** Every revision of a job that its log holds, newest first. */
export const revisionsQuery = (jobId: string, revision: number) =>
  queryOptions({
    queryKey: ['revisions', jobId, revision],
    // What was written stays on the page while the revision that it became is loaded.
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<Revision[]> => {
      const events = await listEvents({ job: jobId, type: 'job-configured', limit: atMost }, signal);
      return events.map(({ at, data }) => ({ ...Configured.parse(data), at })).reverse();
    },
  });
