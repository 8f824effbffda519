import { DirectoryAudit, operationResults } from '@provident/contracts';
import { identityValue } from '@provident/read-model';

import type { RowSource } from '../../odata/find-rows.js';
import type { Parameters, Property } from '../../odata/resource.js';
import { partIdSql } from '../ids.js';
import { objectTypeSql } from '../words.js';
import { activityImplies, activitySql, unaudited } from './activity.js';

export const correlationSql = 'coalesce(event.change_id, event.cycle_id, event.id)';
const idSql = `('Sync_' || ${correlationSql} || '_' || event.lane || '_' || event.sequence)`;
const reportableSql = `(select entry.matching_value from provisioning_entry entry where entry.change_id = event.change_id)`;

/** Who did something to a job, or asked for an object. */
const by = `(case event.activity when 'job' then event.data -> 'by' else event.data -> 'demand' -> 'by' end)`;
const byUser = `(${by} ->> 'kind' = 'user')`;
const user: Pick<Property, 'type' | 'sql'> = { type: 'text', sql: `(case when ${byUser} then ${by} ->> 'name' end)` };
const app: Pick<Property, 'type' | 'sql'> = {
  type: 'text',
  sql: `(case when not coalesce(${byUser}, false) then coalesce(${by} ->> 'name', 'Provident') end)`,
};
const constant = (path: string, value: string): Property => ({ path, type: 'text', sql: `'${value}'::text` });

/** Events of the objects that were ever seen under an identifier. */
const ofIdentity = (text: string, value: Parameters): string | null =>
  text === ''
    ? null
    : `event.sequence = any (array(
         select its.sequence from identity join audit_event its on its.job_id = identity.job_id and its.object_key = identity.object_key
         where (identity.kind in ('source', 'target') and identity.value = ${value(identityValue('source', text))}::text)
            or (identity.kind = 'matching' and identity.value = ${value(identityValue('matching', text))}::text)))`;

/** What is not decided yet has no entry to be found by, and is among so many of the newest events. */
const newest = 50_000;

const ofCorrelation = (text: string, value: Parameters): string => {
  const wanted = `${value(text)}::text`;
  return `event.sequence = any (array(
    select its.sequence from provisioning_entry entry
    join audit_event its on its.job_id = entry.job_id and its.object_key = entry.object_key
      and its.sequence between entry.first_sequence and entry.last_sequence
    where entry.change_id = ${wanted}
    union all
    select its.sequence from audit_event its where its.activity = 'job' and coalesce(its.cycle_id, its.id) = ${wanted}
    union all
    select its.sequence from audit_event its
    where its.change_id = ${wanted} and its.sequence > (select coalesce(max(sequence), 0) - ${newest} from position)))`;
};

const sequenceIn = (id: string): string => /_(\d{1,15})$/.exec(id)?.[1] ?? '0';
const object = (id: string): readonly Property[] => [
  { path: 'id', type: 'text', sql: `coalesce(${id}, '')`, implies: ofIdentity },
  { path: 'displayName', type: 'text', sql: `coalesce(${reportableSql}, event.source_id, '')`, implies: ofIdentity },
  { path: 'type', type: 'text', sql: `(${objectTypeSql(`split_part(event.object_key, ':', 1)`)})` },
];

/** The audit log: every event but the progress of imports. */
export const auditSource: RowSource = {
  from: 'audit_event event',
  columns: `event.*, ${idSql} as audit_id, ${correlationSql} as correlation_id, ${activitySql} as activity_name, ${reportableSql} as reportable`,
  at: 'event.at',
  sequence: 'event.sequence',
  where: `event.type not in (${unaudited.map((type) => `'${type}'`).join(', ')})`,
  job: 'event.job_id',
  members: Object.keys(DirectoryAudit.shape),
  properties: [
    { path: 'id', type: 'text', sql: idSql, implies: (text) => `event.sequence = ${sequenceIn(text)}` },
    { path: 'correlationId', type: 'text', sql: correlationSql, implies: ofCorrelation },
    { path: 'activityDateTime', type: 'instant', sql: 'event.at' },
    { path: 'activityDisplayName', type: 'text', sql: activitySql, implies: activityImplies },
    constant('category', 'ProvisioningManagement'),
    constant('loggedByService', 'Account Provisioning'),
    {
      path: 'result',
      type: 'text',
      values: operationResults,
      sql: `(case event.status when 'failure' then 'failure' else 'success' end)`,
    },
    { path: 'initiatedBy/user/id', ...user },
    { path: 'initiatedBy/user/displayName', ...user },
    { path: 'initiatedBy/user/userPrincipalName', ...user },
    { path: 'initiatedBy/app/appId', type: 'text', sql: 'null::text' },
    { path: 'initiatedBy/app/displayName', ...app },
  ],
  collections: [
    {
      path: 'targetResources',
      parts: [
        {
          isOfJob: true,
          exists: 'true',
          properties: [
            { path: 'id', type: 'text', sql: partIdSql('service-principal', 'job.job_id') },
            { path: 'displayName', type: 'text', sql: 'job.target' },
            constant('type', 'ServicePrincipal'),
          ],
        },
        { exists: 'event.object_key is not null', properties: object('event.source_id') },
        { exists: 'event.object_key is not null and event.target_id is not null', properties: object('event.target_id') },
      ],
    },
  ],
};
