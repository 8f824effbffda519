import { initiatorTypes, isDemandRequest, ProvisioningObjectSummary, provisioningActions, provisioningResults } from '@provident/contracts';
import { type IdentityKind, identityValue } from '@provident/read-model';

import type { RowSource } from '../../odata/find-rows.js';
import type { Columns } from '../../odata/read-in-columns.js';
import type { Property } from '../../odata/resource.js';
import { partIdSql } from '../ids.js';
import { objectTypeSql } from '../words.js';

/** Of the cycle; where somebody asked for the object, each of its events says who. */
const byOf = (member: 'kind' | 'name', otherwise: string): string =>
  `coalesce(
     (select cycle.by ->> '${member}' from cycle where cycle.job_id = entry.job_id and cycle.cycle_id = entry.cycle_id),
     (select event.data -> 'demand' -> 'by' ->> '${member}' from audit_event event where event.sequence = entry.first_sequence),
     '${otherwise}')`;
const initiatorKind = byOf('kind', 'system');
const initiatorName = byOf('name', '');

/** The entry is of an object that was seen under the identifier. */
const ofIdentity =
  (kind: IdentityKind): NonNullable<Property['implies']> =>
  (text, value) =>
    text === ''
      ? null
      : `entry.change_id = any (array(
           select its.change_id from identity join provisioning_entry its on its.job_id = identity.job_id and its.object_key = identity.object_key
           where identity.kind = '${kind}' and identity.value = ${value(identityValue(kind, text))}::text))`;

/** From the first step to the latest, as far as 32 bits reach. */
export const durationSql = `least(round(extract(epoch from entry.at - entry.started_at) * 1000), 2147483647)::integer`;

const names =
  'change_id job_id cycle_id object_key object_type source_id target_id display_name matching_value action status reason text attempts escrow next_attempt_at at first_sequence last_sequence'.split(
    ' ',
  );
const instants: ReadonlySet<string> = new Set(['at', 'next_attempt_at']);
const columns = names.map((name) => `entry.${name}`).join(', ');
const showsModified = (select: readonly string[] | null): boolean => select === null || select.includes('modifiedProperties');

/** What an entry with these members is made of. The changed attributes are most of a row: where they are not shown they are not read. */
export const columnsFor = (select: readonly string[] | null): string =>
  `${columns}, ${durationSql} as duration_ms${showsModified(select) ? ', entry.modified' : ''}`;

/** The same by name, for pages that are fetched column by column. */
export const namedColumnsFor = (select: readonly string[] | null): Columns =>
  Object.fromEntries(
    [...names, 'duration_ms', ...(showsModified(select) ? ['modified'] : [])].map((name) => [
      name,
      instants.has(name) ? 'instant' : 'plain',
    ]),
  );

/** The provisioning log, newest first by its latest step. */
export const provisioningSource = (tenantId: string): RowSource => ({
  from: 'provisioning_entry entry',
  columns: columnsFor(null),
  at: 'entry.at',
  sequence: 'entry.last_sequence',
  where: 'true',
  job: 'entry.job_id',
  fromObjects: (jobs, keys) => `(
     select its.* from unnest(${jobs}, ${keys}) wanted (job_id, object_key)
     cross join lateral (
       select * from provisioning_entry where job_id = wanted.job_id and object_key = wanted.object_key offset 0
     ) its) entry`,
  ofObjects: (jobs, keys) => `entry.change_id = any (array(
     select its.change_id from unnest(${jobs}, ${keys}) wanted (job_id, object_key)
     cross join lateral (
       select change_id from provisioning_entry where job_id = wanted.job_id and object_key = wanted.object_key offset 0
     ) its))`,
  members: Object.keys(ProvisioningObjectSummary.shape),
  properties: [
    { path: 'id', type: 'text', sql: 'entry.change_id' },
    { path: 'changeId', type: 'text', sql: 'entry.change_id' },
    { path: 'jobId', type: 'text', sql: 'job.job_id', isOfJob: true },
    { path: 'tenantId', type: 'text', sql: `'${tenantId}'::text`, isOfJob: true },
    {
      path: 'cycleId',
      type: 'text',
      sql: 'entry.cycle_id',
      implies: (text, value) =>
        isDemandRequest(text) ? null : `entry.job_id = any (array(select job_id from cycle where cycle_id = ${value(text)}::text))`,
    },
    { path: 'activityDateTime', type: 'instant', sql: 'entry.at' },
    { path: 'durationInMilliseconds', type: 'number', sql: `${durationSql}::double precision` },
    {
      path: 'provisioningAction',
      type: 'text',
      values: provisioningActions,
      sql: `(case entry.action when 'staged-delete' then 'stagedDelete' else entry.action end)`,
    },
    { path: 'provisioningStatusInfo/status', type: 'text', values: provisioningResults, sql: 'entry.status' },
    { path: 'initiatedBy/id', type: 'text', sql: `(case ${initiatorKind} when 'system' then '' else ${initiatorName} end)` },
    { path: 'initiatedBy/displayName', type: 'text', sql: initiatorName },
    { path: 'initiatedBy/initiatorType', type: 'text', values: initiatorTypes, sql: initiatorKind },
    { path: 'servicePrincipal/id', type: 'text', sql: partIdSql('service-principal', 'job.job_id'), isOfJob: true },
    { path: 'servicePrincipal/displayName', type: 'text', sql: 'job.target', isOfJob: true },
    { path: 'sourceSystem/id', type: 'text', sql: partIdSql('source-system', 'job.job_id'), isOfJob: true },
    { path: 'sourceSystem/displayName', type: 'text', sql: 'job.source', isOfJob: true },
    { path: 'targetSystem/id', type: 'text', sql: partIdSql('target-system', 'job.job_id'), isOfJob: true },
    { path: 'targetSystem/displayName', type: 'text', sql: 'job.target', isOfJob: true },
    { path: 'sourceIdentity/id', type: 'text', sql: `coalesce(entry.source_id, '')`, implies: ofIdentity('source'), identifies: 'source' },
    { path: 'sourceIdentity/displayName', type: 'text', sql: `coalesce(entry.display_name, '')`, identifies: 'name' },
    { path: 'sourceIdentity/identityType', type: 'text', sql: `(${objectTypeSql('entry.object_type')})` },
    { path: 'targetIdentity/id', type: 'text', sql: `coalesce(entry.target_id, '')`, implies: ofIdentity('target'), identifies: 'target' },
    {
      path: 'targetIdentity/displayName',
      type: 'text',
      sql: `coalesce(entry.matching_value, '')`,
      implies: ofIdentity('matching'),
      identifies: 'matching',
    },
    { path: 'targetIdentity/identityType', type: 'text', sql: `(${objectTypeSql('entry.object_type')})` },
  ],
  collections: [
    {
      path: 'modifiedProperties',
      parts: [
        {
          from: 'json_array_elements(entry.modified) changed (value)',
          exists: 'true',
          properties: [{ path: 'displayName', type: 'text', sql: `(changed.value ->> 'attribute')` }],
        },
      ],
    },
  ],
});
