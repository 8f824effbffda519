import type { auditActivities, RetryScope, StreamDefinition } from '@provident/contracts';
import {
  AccessDenied,
  ActionTaken,
  ConnectionTested,
  CycleClosed,
  CycleOpened,
  DriftFound,
  ImportCompleted,
  JobConfigured,
  JobDisabled,
  JobQuarantined,
  JobRestarted,
  JobStateChanged,
  LinkRemoved,
  LinkRepaired,
  NoticeFailed,
  NoticeSent,
  PersonErased,
  PageImported,
  RetriesOrdered,
  TokenCreated,
  TokenRevoked,
  SecretDeleted,
  SecretSet,
  StreamAdded,
  StreamPaused,
  StreamRemoved,
  StreamStarted,
  VaultRotated,
} from '@provident/contracts';

type AuditActivity = (typeof auditActivities)[number];

/** Progress of an import: of no interest to an auditor. */
export const unaudited: readonly string[] = [PageImported.type, ImportCompleted.type];

const ofObjects: Readonly<Record<string, AuditActivity>> = {
  import: 'Import',
  'synchronization-rule': 'Synchronization rule action',
  export: 'Export',
  'process-escrow': 'Process escrow',
};
const settings = 'Update provisioning setting or credentials';
/** Changes of secrets that jobs refer to. */
const secretChanges: readonly string[] = [SecretSet.type, SecretDeleted.type, VaultRotated.type];
const disabling = 'Disable/pause provisioning configuration';
const restarting = 'Enable/restart provisioning configuration';
const ofStates: Readonly<Record<string, AuditActivity>> = {
  active: 'Enable/start provisioning configuration',
  paused: disabling,
  stopped: disabling,
  removed: 'Delete provisioning configuration',
};

const cases = (on: string, names: Readonly<Record<string, string>>, otherwise: string): string =>
  `case ${on} ${Object.entries(names)
    .map(([value, name]) => `when '${value}' then '${name}'`)
    .join(' ')} else ${otherwise} end`;

/** What is provisioned and how, as the job's configuration before said it: one step back in an index of few events. */
const objectsBefore = `(
  select (before.data -> 'definition' -> 'objects')::jsonb from audit_event before
  where before.activity = 'job' and before.type = '${JobConfigured.type}' and before.job_id = event.job_id and before.sequence < event.sequence
  order by before.sequence desc limit 1)`;

const configuration = `(case
  when (event.data ->> 'revision')::integer = 1 then 'Add provisioning configuration'
  when (event.data -> 'definition' -> 'objects')::jsonb is distinct from ${objectsBefore} then 'Update attribute mappings or scope'
  else '${settings}' end)`;

/** The activity of an event in the words of the audit log. */
export const activitySql = `(${cases(
  'event.activity',
  ofObjects,
  `(case event.type when '${JobQuarantined.type}' then 'Quarantine' when '${JobDisabled.type}' then '${disabling}'
    when '${JobRestarted.type}' then '${restarting}'
    ${secretChanges.map((type) => `when '${type}' then '${settings}'`).join(' ')}
    when '${JobConfigured.type}' then ${configuration}
    when '${JobStateChanged.type}' then ${cases(`event.data ->> 'state'`, ofStates, `'Other'`)} else 'Other' end)`,
)})`;

/** What follows for the columns from an activity's name: indexes are on those. */
export function activityImplies(name: string): string {
  const activity = Object.entries(ofObjects).find(([, known]) => known === name)?.[0];
  if (activity !== undefined) return `event.activity = '${activity}'`;
  if (name === 'Other') return `event.activity = 'job'`;
  const types = typesOf(name).map((type) => `'${type}'`);
  return `event.activity = 'job' and event.type in (${types.join(', ')})`;
}

function typesOf(name: string): string[] {
  if (name === 'Quarantine') return [JobQuarantined.type];
  if (name === disabling) return [JobStateChanged.type, JobDisabled.type];
  if (name === restarting) return [JobRestarted.type];
  if (name === settings) return [JobConfigured.type, ...secretChanges];
  return [Object.values<string>(ofStates).includes(name) ? JobStateChanged.type : JobConfigured.type];
}

const operations: Readonly<Record<string, string>> = { create: 'Add', update: 'Update', disable: 'Disable', delete: 'Delete' };

/** What was done to an account, where something was. */
export const operationType = ({ action }: { readonly action?: unknown }): string | null => operations[String(action)] ?? null;

/** What an event about the job as a whole says, in a sentence. */
export function jobEventText(type: string, data: Record<string, unknown>): string {
  const { failure, message } = data as { failure?: { message: string } | null; message?: string };
  if (type === JobConfigured.type) return `revision ${String(data['revision'])} of the job was applied`;
  if (type === JobStateChanged.type) return `the job is ${String(data['state'])}`;
  if (type === JobRestarted.type)
    return `the job begins anew: ${(data['scopes'] as string[]).join(', ')}${data['otherTarget'] === true ? ', in another target' : ''}`;
  if (type === CycleOpened.type) return `the ${String(data['kind'])} cycle ${String(data['cycleId'])} began`;
  if (type === CycleClosed.type)
    return `the ${String(data['kind'])} cycle ${String(data['cycleId'])} ended: ${String(data['result'])}${failure ? `, ${failure.message}` : ''}`;
  if (type === JobDisabled.type) return `the job was in quarantine for so long that it runs no more by itself: ${failure?.message}`;
  if (type === RetriesOrdered.type) return `what failed is to be tried again now: ${scopeText(data['scope'] as RetryScope)}`;
  if (type === NoticeSent.type) return `the notice "${String(data['kind'])}" was sent by ${String(data['channel'])}`;
  if (type === NoticeFailed.type)
    return `the notice "${String(data['kind'])}" could not be sent by ${String(data['channel'])}${data['nextAttemptAt'] === null ? ' and was given up' : ''}: ${message}`;
  const link = linkText(type, data);
  if (link !== null) return link;
  const access = accessText(type, data);
  if (access !== null) return access;
  if (type === ConnectionTested.type)
    return `the connection to the ${String(data['system'])}${data['rules'] === 'checked' ? ', as a job file says that was checked,' : ''} was tested: ${message}`;
  if (type === PersonErased.type)
    return `the values of ${String(data['objectKey'])} were erased${typeof data['why'] === 'string' ? `: ${data['why']}` : ''}`;
  if (type === SecretSet.type) return `the secret "${String(data['name'])}" was set`;
  if (type === SecretDeleted.type) return `the secret "${String(data['name'])}" was deleted`;
  if (type === VaultRotated.type) return `everything in the vault is under master key ${String(data['masterKey'])} now`;
  const stream = streamText(type, data);
  if (stream !== null) return stream;
  const words = type.replaceAll('-', ' ');
  const why = failure?.message ?? message;
  return why === undefined ? words : `${words}: ${why}`;
}

/** What a person did to a link, or to an account behind our back. */
function linkText(type: string, data: Record<string, unknown>): string | null {
  const { objectKey, displayName, targetId, formerId } = data as Record<string, string | undefined>;
  const who = displayName === undefined ? objectKey : `${displayName} (${objectKey})`;
  if (type === LinkRemoved.type) return `the link of ${who} to the account ${targetId} was taken away`;
  if (type === DriftFound.type) return `the account ${targetId} of ${who} was found changed in the target`;
  if (type === LinkRepaired.type) return `${who} was linked to the account ${targetId}${formerId ? ` instead of ${formerId}` : ''}`;
  return null;
}

/** Who was let in, and who was not. */
function accessText(type: string, data: Record<string, unknown>): string | null {
  const { name, route, summary, count, address, about } = data as Record<string, string> & { count: number };
  if (type === TokenCreated.type) return `the API token "${name}" was made: ${grantsText(data['grants'] as Grants)}`;
  if (type === TokenRevoked.type) return `the API token "${name}" is refused from now on`;
  if (type === ActionTaken.type) return `${route}${about ? `, for job ${about}` : ''}: ${summary}`;
  if (type !== AccessDenied.type) return null;
  const times = count === 1 ? 'denied' : `denied ${count} times`;
  return `${times}: ${String(data['message'])} (${route ?? 'no such path'}${about ? `, job ${about}` : ''}, from ${address})`;
}

/** Where events are sent. */
function streamText(type: string, data: Record<string, unknown>): string | null {
  const { streamId, definition, from } = data as { streamId?: string; definition?: StreamDefinition; from?: number | null };
  if (type === StreamAdded.type && definition)
    return `the stream "${streamId}" sends events to a ${definition.destination.kind} destination as ${definition.format.kind}, behind ${from}`;
  if (type === StreamRemoved.type) return `the stream "${streamId}" was removed`;
  if (type === StreamPaused.type) return `the stream "${streamId}" was paused`;
  if (type === StreamStarted.type) return `the stream "${streamId}" was started${typeof from === 'number' ? `, behind ${from}` : ''}`;
  return null;
}

type Grants = readonly { readonly role: string; readonly jobs: readonly string[] | null }[];
const grantsText = (grants: Grants): string =>
  grants.map(({ role, jobs }) => (jobs === null ? role : `${role} for ${jobs.join(', ')}`)).join('; ');

function scopeText(scope: RetryScope): string {
  if (scope.kind === 'all') return 'everybody';
  return scope.kind === 'cause' ? `all who fail for ${scope.causeId}` : scope.objectKeys.join(', ');
}
