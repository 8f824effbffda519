import { type DirectoryAudit, installationId, type ProvisioningObjectSummary } from '@provident/contracts';
import type { StreamItem } from '@provident/report';

import { changeIdOf, type Format, idOf, type Message, severityOf, type Surroundings } from './message.js';

/** CloudEvents 1.0 in JSON, with the extensions `sequence` and `correlationid`. */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time: string;
  readonly subject?: string;
  readonly datacontenttype: 'application/json';
  /** Place in the log, of one length so that texts sort as numbers do. */
  readonly sequence: string;
  readonly correlationid?: string;
  readonly data: unknown;
}

export const mediaType = 'application/cloudevents+json; charset=utf-8';

export function cloudEvents({ tenantId, now }: Surroundings): Format {
  return {
    write: async (items) =>
      items.map((item) => {
        const event = cloudEventOf(item, tenantId);
        return { ...messageOf(event, item.sequence), severity: severityOf(item), changeId: changeIdOf(item) };
      }),
    test: async (id) =>
      messageOf(
        {
          specversion: '1.0',
          id,
          source: sourceOf(tenantId, installationId),
          type: 'provident.stream.test.v1',
          time: now().toISOString(),
          datacontenttype: 'application/json',
          sequence: padded(0),
          data: { message: 'a test of the stream' },
        },
        0,
      ),
  };
}

/** Pure. */
export function cloudEventOf(item: StreamItem, tenantId: string): CloudEvent {
  const subject = item.kind === 'audit' ? subjectOfAudit(item.audit) : subjectOfEntry(item.entry);
  return {
    specversion: '1.0',
    id: idOf(item),
    source: sourceOf(tenantId, item.jobId),
    type: typeOf(item),
    time: item.at,
    ...(subject !== null && { subject }),
    datacontenttype: 'application/json',
    sequence: padded(item.sequence),
    correlationid: item.kind === 'audit' ? item.audit.correlationId : item.entry.changeId,
    data: item.kind === 'audit' ? item.audit : item.entry,
  };
}

const messageOf = (event: CloudEvent, sequence: number): Message => ({
  sequence,
  id: event.id,
  at: event.time,
  type: event.type,
  severity: 'info',
  mediaType,
  text: JSON.stringify(event),
  changeId: null,
});

const padded = (sequence: number): string => String(sequence).padStart(20, '0');

const sourceOf = (tenantId: string, jobId: string): string =>
  jobId === installationId ? `/tenants/${tenantId}` : `/tenants/${tenantId}/jobs/${encodeURIComponent(jobId)}`;

const done = {
  create: 'created',
  update: 'updated',
  disable: 'disabled',
  delete: 'deleted',
  stagedDelete: 'staged',
  other: 'skipped',
} as const;
const undone = { failure: 'failed', skipped: 'skipped', warning: 'staged' } as const;

function typeOf(item: StreamItem): string {
  if (item.kind === 'audit') return `provident.audit.${item.facts.type}.v1`;
  const { provisioningAction, provisioningStatusInfo } = item.entry;
  const { status } = provisioningStatusInfo;
  return `provident.provisioning.object.${status === 'success' ? done[provisioningAction] : undone[status]}.v1`;
}

const subjectOfEntry = ({ sourceIdentity }: ProvisioningObjectSummary): string =>
  `${sourceIdentity.identityType}/${encodeURIComponent(sourceIdentity.id)}`;

function subjectOfAudit({ targetResources }: DirectoryAudit): string | null {
  const about = targetResources[1] ?? targetResources[0];
  return about ? `${about.type}/${encodeURIComponent(about.id)}` : null;
}
