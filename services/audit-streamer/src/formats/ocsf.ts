import type { DirectoryAudit, ProvisioningObjectSummary } from '@provident/contracts';
import type { StreamItem } from '@provident/report';

import { changeIdOf, type Format, idOf, type Message, severityOf, type Surroundings } from './message.js';

/** OCSF 1.8.0, JSON. Objects are accounts (3001) and groups (3006), jobs and settings are entities (3004), and what is a step on the way is a base event. */
export const ocsfVersion = '1.8.0';
const mediaType = 'application/json; charset=utf-8';
const product = { name: 'Provident', vendor_name: 'Provident', version: '0.1.0' } as const;

/** An event class, and what happened in it. */
interface Activity {
  readonly classId: 0 | 3001 | 3004 | 3006;
  readonly activityId: number;
  readonly activity: string;
}

const classNames = { 0: 'Base Event', 3001: 'Account Change', 3004: 'Entity Management', 3006: 'Group Management' } as const;
const other = 99;

export function ocsf({ tenantId, now }: Surroundings): Format {
  const written = (event: OcsfEvent, sequence: number, id: string, at: string): Message => ({
    sequence,
    id,
    at,
    type: event.class_name,
    severity: 'info',
    mediaType,
    text: JSON.stringify(event),
    changeId: null,
  });
  return {
    write: async (items) =>
      items.map((item) => ({
        ...written(ocsfOf(item, tenantId), item.sequence, idOf(item), item.at),
        severity: severityOf(item),
        changeId: changeIdOf(item),
      })),
    test: async (id) => {
      const at = now().toISOString();
      const activity = { classId: 0, activityId: other, activity: 'Test' } as const;
      return written({ ...baseOf(activity, { id, at, tenantId, status: 'success' }), message: 'a test of the stream' }, 0, id, at);
    },
  };
}

export type OcsfEvent = ReturnType<typeof baseOf> & Readonly<Record<string, unknown>>;

/** Pure. */
export function ocsfOf(item: StreamItem, tenantId: string): OcsfEvent {
  const about = { id: idOf(item), at: item.at, tenantId, status: item.status, correlation: changeIdOf(item), sequence: item.sequence };
  return item.kind === 'audit' ? { ...auditOf(item, about) } : { ...entryOf(item.entry, about) };
}

interface About {
  readonly id: string;
  readonly at: string;
  readonly tenantId: string;
  readonly status: string;
  readonly correlation?: string | null;
  readonly sequence?: number;
}

const severities = { failure: [4, 'High'], warning: [3, 'Medium'] } as const;
const statuses = { success: [1, 'Success'], failure: [2, 'Failure'], skipped: [other, 'Skipped'], warning: [other, 'Warning'] } as const;

function baseOf({ classId, activityId, activity }: Activity, { id, at, tenantId, status, correlation, sequence }: About) {
  const category = Math.floor(classId / 1_000);
  const [severityId, severity] = severities[status as keyof typeof severities] ?? [1, 'Informational'];
  const [statusId, statusName] = statuses[status as keyof typeof statuses] ?? [0, 'Unknown'];
  return {
    activity_id: activityId,
    activity_name: activity,
    category_uid: category,
    category_name: category === 3 ? 'Identity & Access Management' : 'Uncategorized',
    class_uid: classId,
    class_name: classNames[classId],
    type_uid: classId * 100 + activityId,
    type_name: `${classNames[classId]}: ${activity}`,
    severity_id: severityId,
    severity,
    status_id: statusId,
    status: statusName,
    time: Date.parse(at),
    metadata: {
      version: ocsfVersion,
      product,
      uid: id,
      tenant_uid: tenantId,
      original_time: at,
      ...(sequence !== undefined && { sequence }),
      ...(correlation && { correlation_uid: correlation }),
    },
  };
}

// ---------------------------------------------------------------- objects

const ofAccounts: Readonly<Record<string, readonly [id: number, name: string]>> = {
  create: [1, 'Create'],
  enable: [2, 'Enable'],
  disable: [5, 'Disable'],
  delete: [6, 'Delete'],
};
const ofGroups: Readonly<Record<string, readonly [id: number, name: string]>> = { create: [6, 'Create'], delete: [5, 'Delete'] };
const otherActions: Readonly<Record<string, string>> = {
  update: 'Update',
  disable: 'Disable',
  stagedDelete: 'Staged Delete',
  other: 'None',
};

function objectActivity(identityType: string, action: string): Activity {
  const isGroup = identityType === 'Group';
  const [activityId, activity] = (isGroup ? ofGroups : ofAccounts)[action] ?? [other, otherActions[action] ?? 'Other'];
  return { classId: isGroup ? 3006 : 3001, activityId, activity };
}

interface Identity {
  readonly identityType: string;
  readonly sourceId: string;
  readonly targetId: string;
  readonly name: string;
}

/** A user or a group: either has a name or an id, whatever is known. */
function subjectOf({ identityType, sourceId, targetId, name }: Identity) {
  const subject = { uid: targetId || sourceId, name: name || sourceId || targetId };
  return identityType === 'Group'
    ? { group: { ...subject, type: 'Group' } }
    : { user: { ...subject, ...(sourceId !== '' && { uid_alt: sourceId }) } };
}

function entryOf(entry: ProvisioningObjectSummary, about: About): OcsfEvent {
  const { sourceIdentity, targetIdentity, provisioningStatusInfo, initiatedBy, modifiedProperties, provisioningAction } = entry;
  const { identityType } = targetIdentity;
  const isEnabled = modifiedProperties.some(
    ({ displayName, oldValue, newValue }) => displayName === 'active' && isFalse(oldValue) && isTrue(newValue),
  );
  const action = provisioningAction === 'update' && isEnabled ? 'enable' : provisioningAction;
  const { errorInformation } = provisioningStatusInfo;
  const name = targetIdentity.displayName || sourceIdentity.displayName;
  return {
    ...baseOf(objectActivity(identityType, action), about),
    ...subjectOf({ identityType, sourceId: sourceIdentity.id, targetId: targetIdentity.id, name }),
    actor: actorOf(initiatedBy.displayName),
    duration: entry.durationInMilliseconds,
    ...(errorInformation && { status_code: errorInformation.errorCode, status_detail: errorInformation.reason }),
    message: entry.provisioningSteps.at(-1)?.description ?? provisioningAction,
    unmapped: {
      cycleId: entry.cycleId,
      jobId: entry.jobId,
      sourceSystem: entry.sourceSystem.displayName,
      targetSystem: entry.targetSystem.displayName,
      modifiedProperties,
      provisioningSteps: entry.provisioningSteps,
    },
  };
}

const isFalse = (text: string | null): boolean => text?.toLowerCase() === 'false';
const isTrue = (text: string | null): boolean => text?.toLowerCase() === 'true';

/** An actor without a name is the service itself. */
const actorOf = (name: string) => ({ user: { name: name || 'Provident' }, app_name: 'Provident' });

// ---------------------------------------------------------------- audit events

function auditOf({ audit, facts }: Extract<StreamItem, { kind: 'audit' }>, about: About): OcsfEvent {
  const common = {
    actor: actorOf(audit.initiatedBy.user?.displayName ?? audit.initiatedBy.app?.displayName ?? ''),
    message: audit.resultReason,
    status_detail: audit.resultReason,
    unmapped: {
      activityDisplayName: audit.activityDisplayName,
      eventType: facts.type,
      targetResources: audit.targetResources,
      additionalDetails: audit.additionalDetails,
    },
  };
  if (facts.activity === 'job') return { ...baseOf(entityActivity(facts.type), about), entity: entityOf(audit), ...common };
  const [, person, account] = audit.targetResources;
  if (facts.activity !== 'export' || !person)
    return { ...baseOf({ classId: 0, activityId: other, activity: audit.activityDisplayName }, about), ...common };
  const { action = 'other' } = facts.data as { readonly action?: string };
  const identity = { identityType: person.type, sourceId: person.id, targetId: account?.id ?? '', name: person.displayName };
  return { ...baseOf(objectActivity(person.type, action), about), ...subjectOf(identity), ...common };
}

const creates: ReadonlySet<string> = new Set(['stream-added', 'token-created']);
const deletes: ReadonlySet<string> = new Set(['stream-removed', 'token-revoked', 'secret-deleted']);

function entityActivity(type: string): Activity {
  if (creates.has(type)) return { classId: 3004, activityId: 1, activity: 'Create' };
  if (deletes.has(type)) return { classId: 3004, activityId: 4, activity: 'Delete' };
  return { classId: 3004, activityId: 3, activity: 'Update' };
}

function entityOf({ targetResources: [first] }: DirectoryAudit) {
  return { name: first?.displayName || 'Provident', uid: first?.id || 'Provident', type: first?.type ?? 'Other' };
}
