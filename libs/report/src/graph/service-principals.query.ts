import { ServicePrincipal } from '@provident/contracts';

import { NotFound, query, type ReadModels } from '../database.js';
import { countRows, findRows, type RowSource } from '../odata/find-rows.js';
import { readQuery, skipTokenBehind } from '../odata/query-options.js';
import { partId, partIdSql } from './ids.js';
import type { Page } from './page.js';

interface Row {
  readonly job_id: string;
  readonly target: string;
  readonly state: 'active' | 'paused' | 'stopped';
  readonly configured_at: string;
}

/** Every job is the instance of one application: it has the one service principal. */
const source: RowSource = {
  from: 'job',
  columns: 'job.job_id, job.target, job.state, job.configured_at, job.last_sequence',
  at: 'job.configured_at',
  sequence: 'job.last_sequence',
  where: `job.state <> 'removed'`,
  job: 'job.job_id',
  members: Object.keys(ServicePrincipal.shape),
  properties: [
    { path: 'id', type: 'text', sql: partIdSql('service-principal', 'job.job_id') },
    { path: 'appId', type: 'text', sql: partIdSql('application', 'job.job_id') },
    { path: 'displayName', type: 'text', sql: 'job.target' },
  ],
  collections: [],
};

const principal = ({ job_id, target, state }: Row): ServicePrincipal => ({
  id: partId('service-principal', job_id),
  appId: partId('application', job_id),
  displayName: target,
  servicePrincipalType: 'Application',
  accountEnabled: state === 'active',
});

/** @throws BadQuery, BadCursor */
export async function listServicePrincipals(
  models: ReadModels,
  options: Readonly<Record<string, unknown>>,
): Promise<Page<ServicePrincipal>> {
  const asked = readQuery(options, source);
  const rows = await findRows<Row & { last_sequence: number }>(models, source, asked);
  const shown = rows.slice(0, asked.top);
  const last = shown.at(-1);
  return {
    items: shown.map(principal),
    count: asked.count && asked.after === null ? await countRows(models, source, asked.filter) : null,
    select: asked.select,
    next: rows.length > asked.top && last ? skipTokenBehind(last.configured_at, last.last_sequence, asked) : null,
  };
}

/** @throws NotFound */
export async function getServicePrincipal(models: ReadModels, id: string): Promise<ServicePrincipal> {
  return principal(await jobRow(models, id));
}

/** The job behind a service principal, or behind its application. @throws NotFound */
export const jobOfServicePrincipal = async (models: ReadModels, id: string): Promise<string> => (await jobRow(models, id)).job_id;

/** The jobs of an application: the one that made it known, and those that were made from that one. @throws NotFound */
export async function jobsOfServicePrincipal(models: ReadModels, id: string): Promise<string[]> {
  const { job_id: first } = await jobRow(models, id);
  const made = await query<{ job_id: string }>(
    models,
    `select job_id from job where life -> 'definition' ->> 'template' = $1 and state <> 'removed' and job_id <> $1 order by job_id`,
    [first],
  );
  return [first, ...made.map(({ job_id }) => job_id)];
}

async function jobRow(models: ReadModels, id: string): Promise<Row> {
  const [row] = await query<Row>(
    models,
    `select ${source.columns} from job where $1 in (${partIdSql('service-principal', 'job.job_id')}, ${partIdSql('application', 'job.job_id')}) and state <> 'removed'`,
    [id.toLowerCase()],
  );
  if (!row) throw new NotFound(`there is no service principal ${id}; GET /v1.0/servicePrincipals lists those of the jobs`);
  return row;
}
