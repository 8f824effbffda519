import type { auditActivities, DirectoryAudit, Failure, Initiator } from '@provident/contracts';
import { installationId } from '@provident/contracts';
import { partsOf, type ObjectKey, textOf } from '@provident/domain';

import { NotFound, query, type ReadModels } from '../../database.js';
import type { StepRecord } from '../../log/entry-record.js';
import { countRows, findRows, pagesOf } from '../../odata/find-rows.js';
import { type ODataQuery, readQuery, skipTokenBehind } from '../../odata/query-options.js';
import { stepText } from '../../sentences/step-text.js';
import { partId } from '../ids.js';
import { jobsById, type NamedJob } from '../jobs-by-id.js';
import type { Modified } from '../modified-properties.js';
import type { Page } from '../page.js';
import { errorCodeOf } from '../provisioning/error-information.js';
import { stepsOf } from '../provisioning/steps.js';
import { objectTypeName } from '../words.js';
import { jobEventText, operationType } from './activity.js';
import { auditSource } from './audit-source.js';

export interface AuditRow extends Omit<StepRecord, 'activity' | 'object_key' | 'cycle_id' | 'change_id'> {
  readonly object_key: string | null;
  readonly audit_id: string;
  readonly correlation_id: string;
  readonly activity_name: (typeof auditActivities)[number];
  readonly reportable: string | null;
}

/**
 * The audit log as Graph shows it: every event of the log that says something of an object or of a job.
 * @throws BadQuery, BadCursor
 */
export async function listAudits(models: ReadModels, options: Readonly<Record<string, unknown>>): Promise<Page<DirectoryAudit>> {
  const asked = readQuery(options, auditSource);
  const [rows, count] = await Promise.all([
    findRows<AuditRow>(models, auditSource, asked),
    asked.count && asked.after === null ? countRows(models, auditSource, asked.filter) : null,
  ]);
  const shown = rows.slice(0, asked.top);
  const last = shown.at(-1);
  return {
    items: await auditsOf(models, shown),
    count,
    select: asked.select,
    next: rows.length > asked.top && last ? skipTokenBehind(last.at, last.sequence, asked) : null,
  };
}

/** @throws BadQuery */
export const countAudits = (models: ReadModels, options: Readonly<Record<string, unknown>>): Promise<number> =>
  countRows(models, auditSource, readQuery(options, auditSource).filter);

/** @throws NotFound */
export async function getAudit(models: ReadModels, id: string): Promise<DirectoryAudit> {
  const sequence = /_(\d{1,15})$/.exec(id)?.[1] ?? '0';
  const { columns, from, where } = auditSource;
  const rows = await query<AuditRow>(models, `select ${columns} from ${from} where event.sequence = $1 and ${where}`, [sequence]);
  const [audit] = await auditsOf(
    models,
    rows.filter((row) => row.audit_id === id),
  );
  if (!audit) throw new NotFound(`there is no event ${id} in the audit log`);
  return audit;
}

/** Pages of the whole answer, one after the other: never more than two are in memory. */
export async function* auditPages(
  models: ReadModels,
  options: Readonly<Record<string, unknown>>,
  pageSize: number,
): AsyncGenerator<DirectoryAudit[]> {
  const asked: ODataQuery = { ...readQuery(options, auditSource), top: pageSize };
  for await (const rows of pagesOf<AuditRow>(models, auditSource, asked, ({ at, sequence }) => [at, sequence]))
    yield await auditsOf(models, rows);
}

export async function auditsOf(models: ReadModels, rows: readonly AuditRow[]): Promise<DirectoryAudit[]> {
  const job = await jobsById(models);
  return rows.map((row) => audit(row, job(row.job_id)));
}

const audit = (row: AuditRow, job: NamedJob): DirectoryAudit => ({
  id: row.audit_id,
  activityDateTime: row.at,
  activityDisplayName: row.activity_name,
  category: 'ProvisioningManagement',
  correlationId: row.correlation_id,
  loggedByService: 'Account Provisioning',
  operationType: row.object_key === null ? null : operationType(row.data),
  result: row.status === 'failure' ? 'failure' : 'success',
  resultReason: sentence(row, job),
  initiatedBy: initiatedBy(row),
  targetResources: targetResources(row, job),
  additionalDetails: additionalDetails(row, job),
});

const sentence = ({ object_key, type, data }: AuditRow, job: NamedJob): string =>
  object_key === null ? jobEventText(type, data) : stepText(type, data, job).text;

function initiatedBy({ object_key, data }: AuditRow): DirectoryAudit['initiatedBy'] {
  const { by: ofJob, demand, address = null } = data as { by?: Initiator; demand?: { by: Initiator }; address?: string };
  const by = (object_key === null ? ofJob : demand?.by) ?? { kind: 'system', name: 'Provident' };
  if (by.kind === 'user') return { user: { id: by.name, displayName: by.name, userPrincipalName: by.name, ipAddress: address }, app: null };
  return { user: null, app: { appId: null, displayName: by.name, servicePrincipalId: null, servicePrincipalName: null } };
}

function targetResources(row: AuditRow, job: NamedJob): DirectoryAudit['targetResources'] {
  const none = { userPrincipalName: null, groupType: null };
  if (row.job_id === installationId) {
    const { name: given, streamId } = row.data as { name?: string; streamId?: string };
    const name = given ?? streamId ?? 'Provident';
    return [{ id: name, displayName: name, type: 'Other', ...none, modifiedProperties: [] }];
  }
  const application = {
    id: partId('service-principal', job.jobId),
    displayName: job.target,
    type: 'ServicePrincipal' as const,
    ...none,
    modifiedProperties: [],
  };
  if (row.object_key === null) return [application];
  const name = objectTypeName(partsOf(row.object_key as ObjectKey).objectType);
  const type = name === 'User' || name === 'Group' ? name : 'Other';
  const displayName = row.reportable ?? row.source_id ?? '';
  const person = { id: row.source_id ?? '', displayName, type, ...none, modifiedProperties: seenOrWritten(row) } as const;
  const account = { ...person, id: row.target_id ?? '', modifiedProperties: [] };
  return [application, person, ...(row.target_id === null ? [] : [account])];
}

/** Values are JSON texts here. */
const json = (value: unknown): string | null => (value === null || value === undefined ? null : JSON.stringify(value));

/** What an import saw, or what was to be written and was. */
function seenOrWritten({ data }: AuditRow): DirectoryAudit['targetResources'][number]['modifiedProperties'] {
  const { changes, attributes, matches } = data as {
    changes?: readonly Modified[];
    attributes?: Record<string, unknown>;
    matches?: readonly { attributes: Record<string, unknown> }[];
  };
  if (changes) return changes.map((change) => ({ displayName: change.attribute, oldValue: json(change.old), newValue: json(change.new) }));
  const seen = attributes ?? (matches?.length === 1 ? matches[0]!.attributes : {});
  return Object.entries(seen).map(([displayName, value]) => ({ displayName, oldValue: null, newValue: json(value) }));
}

function additionalDetails(row: AuditRow, job: NamedJob): DirectoryAudit['additionalDetails'] {
  const { failure, match } = row.data as { failure?: Failure | null; match?: { value: never } | null };
  const names = row.object_key === null ? [row.type] : stepsOf(row, job).map(({ name }) => name);
  const facts: Record<string, string | null> = {
    Details: sentence(row, job),
    // A retry names the failure that it makes good: it is none itself.
    ErrorCode: failure && row.status !== 'success' ? errorCodeOf(failure) : 'None',
    EventName: names.at(-1) ?? row.type,
    JoiningProperty: match ? textOf(match.value) : row.reportable,
    SourceAnchor: row.source_id,
    TargetAnchor: row.target_id,
    JobId: row.job_id,
  };
  return Object.entries(facts).flatMap(([key, value]) => (value === null ? [] : [{ key, value }]));
}
