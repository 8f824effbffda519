import { z } from 'zod';

import { getJson, withQuery } from './request.js';

const Initiator = z.object({
  user: z.object({ displayName: z.string() }).nullable(),
  app: z.object({ displayName: z.string() }).nullable(),
});
const Property = z.object({ displayName: z.string().nullable(), oldValue: z.string().nullable(), newValue: z.string().nullable() });

/** What the audit page shows of an entry. */
export const AuditEntry = z.object({
  id: z.string(),
  activityDateTime: z.string(),
  activityDisplayName: z.string(),
  result: z.string(),
  resultReason: z.string(),
  initiatedBy: Initiator,
  targetResources: z.array(z.object({ displayName: z.string(), type: z.string(), modifiedProperties: z.array(Property) })),
  additionalDetails: z.array(z.object({ key: z.string(), value: z.string() })),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

const Page = z.object({ value: z.array(AuditEntry), '@odata.nextLink': z.string().optional() });

/** A page of the audit log, newest first. @param filter of OData; empty: everything @param next `$skiptoken` of the page before */
export async function findAudits(
  { filter, limit, next }: { filter: string; limit: number; next?: string | undefined },
  signal?: AbortSignal,
): Promise<{ entries: AuditEntry[]; next: string | null }> {
  const asked = { $filter: filter, $top: limit, $skiptoken: next };
  const { value, '@odata.nextLink': link } = await getJson(Page, '/v1.0/auditLogs/directoryAudits', asked, signal);
  return { entries: value, next: link === undefined ? null : new URL(link).searchParams.get('$skiptoken') };
}

/** Where the same is to be had as a file, all of it. */
export const auditsFilePath = (filter: string, format: 'csv' | 'jsonl'): string =>
  withQuery('/provident/v1/export/audits', { format, $filter: filter });
