import { type Initiator, isDemandRequest, type ProvisioningObjectSummary } from '@provident/contracts';

import { NotFound, query, type ReadModels } from '../../database.js';
import type { EntryRecord, StepRecord } from '../../log/entry-record.js';
import { eventsOf } from '../../log/steps-of.js';
import { countRows, findRows, pagesOf } from '../../odata/find-rows.js';
import { type ODataQuery, readQuery, skipTokenBehind } from '../../odata/query-options.js';
import { partId } from '../ids.js';
import { jobsById, type NamedJob } from '../jobs-by-id.js';
import { modifiedProperties } from '../modified-properties.js';
import type { Page } from '../page.js';
import { objectTypeName } from '../words.js';
import { errorInformation } from './error-information.js';
import { columnsFor, namedColumnsFor, provisioningSource } from './provisioning-source.js';
import { stepsOf } from './steps.js';

export type EntryRow = Omit<EntryRecord, 'modified'> & { readonly duration_ms: number; readonly modified?: EntryRecord['modified'] };

/**
 * The provisioning log as Graph shows it. New entries never shift a page; an entry that gets a new step, by a retry, is then found at its new time.
 * @throws BadQuery, BadCursor
 */
export async function listProvisioning(
  models: ReadModels,
  tenantId: string,
  options: Readonly<Record<string, unknown>>,
): Promise<Page<ProvisioningObjectSummary>> {
  const source = provisioningSource(tenantId);
  const asked = readQuery(options, source);
  const [rows, count] = await Promise.all([
    findRows<EntryRow>(models, source, asked),
    asked.count && asked.after === null ? countRows(models, source, asked.filter) : null,
  ]);
  const shown = rows.slice(0, asked.top);
  const last = shown.at(-1);
  return {
    items: await summariesOf(models, tenantId, shown, asked.select),
    count,
    select: asked.select,
    next: rows.length > asked.top && last ? skipTokenBehind(last.at, last.last_sequence, asked) : null,
  };
}

/** @throws BadQuery */
export async function countProvisioning(models: ReadModels, tenantId: string, options: Readonly<Record<string, unknown>>): Promise<number> {
  const source = provisioningSource(tenantId);
  return countRows(models, source, readQuery(options, source).filter);
}

/** @throws NotFound */
export async function getProvisioning(models: ReadModels, tenantId: string, id: string): Promise<ProvisioningObjectSummary> {
  const { columns, from } = provisioningSource(tenantId);
  const rows = await query<EntryRow>(models, `select ${columns} from ${from} where entry.change_id = $1`, [id]);
  const [summary] = await summariesOf(models, tenantId, rows, null);
  if (!summary) throw new NotFound(`there is no entry ${id} in the provisioning log`);
  return summary;
}

/**
 * Pages of the whole answer, one after the other: never more than two are in memory. Each entry of a page is made when it is drawn, so that whoever writes it
 * away at once has one of them in memory, and not thousands that outlive every clearing away.
 */
export async function* provisioningPages(
  models: ReadModels,
  tenantId: string,
  options: Readonly<Record<string, unknown>>,
  pageSize: number,
): AsyncGenerator<Iterable<ProvisioningObjectSummary>> {
  const source = provisioningSource(tenantId);
  const asked: ODataQuery = { ...readQuery(options, source), top: pageSize };
  const parts = { columns: columnsFor(asked.select), names: namedColumnsFor(asked.select) };
  for await (const rows of pagesOf<EntryRow>(models, { ...source, ...parts }, asked, ({ at, last_sequence }) => [at, last_sequence]))
    yield drawn(rows, await summarizer(models, tenantId, rows, asked.select));
}

const drawn = <Row, Item>(rows: readonly Row[], itemOf: (row: Row) => Item): Iterable<Item> => ({
  *[Symbol.iterator]() {
    for (const row of rows) yield itemOf(row);
  },
});

export async function summariesOf(...asked: Parameters<typeof summarizer>): Promise<ProvisioningObjectSummary[]> {
  const [, , rows] = asked;
  return rows.map(await summarizer(...asked));
}

/** Looks up what these rows need besides. Steps and initiators are looked up only where they are shown. */
async function summarizer(
  models: ReadModels,
  tenantId: string,
  rows: readonly EntryRow[],
  select: ODataQuery['select'],
): Promise<(row: EntryRow) => ProvisioningObjectSummary> {
  const shows = (member: string): boolean => select === null || select.includes(member);
  const withEvents = rows.filter(({ status }) => shows('provisioningSteps') || (status === 'failure' && shows('provisioningStatusInfo')));
  const [job, initiators, events] = await Promise.all([
    jobsById(models),
    initiatorsOf(models, shows('initiatedBy') ? rows : []),
    eventsOf(models, withEvents),
  ]);
  const parts = new Map<string, JobParts>();
  const partsOf = (jobId: string): JobParts => {
    const known = parts.get(jobId) ?? jobParts(job(jobId));
    parts.set(jobId, known);
    return known;
  };
  return (row) =>
    summary(row, { tenantId, job: partsOf(row.job_id), by: initiators.get(cycleKey(row)), events: events.get(row.change_id) ?? [] });
}

const cycleKey = ({ job_id, cycle_id }: { job_id: string; cycle_id: string }): string => `${job_id}\n${cycle_id}`;

/** Who opened the cycle, or asked for the object. */
async function initiatorsOf(models: ReadModels, rows: readonly EntryRow[]): Promise<Map<string, Initiator>> {
  const [asked, ofCycles] = [
    rows.filter(({ cycle_id }) => isDemandRequest(cycle_id)),
    rows.filter(({ cycle_id }) => !isDemandRequest(cycle_id)),
  ];
  const found = await Promise.all([initiatorsOfCycles(models, ofCycles), initiatorsOfDemands(models, asked)]);
  return new Map(found.flat().flatMap((row) => (row.by === null ? [] : [[cycleKey(row), row.by] as const])));
}

interface InitiatorRow {
  readonly job_id: string;
  readonly cycle_id: string;
  readonly by: Initiator | null;
}

async function initiatorsOfCycles(models: ReadModels, rows: readonly EntryRow[]): Promise<InitiatorRow[]> {
  if (rows.length === 0) return [];
  const cycles = [...new Map(rows.map((row) => [cycleKey(row), row])).values()];
  return query(
    models,
    `select cycle.job_id, cycle.cycle_id, cycle.by from unnest($1::text[], $2::text[]) wanted (job_id, cycle_id)
     join cycle on cycle.job_id = wanted.job_id and cycle.cycle_id = wanted.cycle_id`,
    [cycles.map(({ job_id }) => job_id), cycles.map(({ cycle_id }) => cycle_id)],
  );
}

/** Where no cycle was opened, the first event of the change says who asked. */
async function initiatorsOfDemands(models: ReadModels, rows: readonly EntryRow[]): Promise<InitiatorRow[]> {
  if (rows.length === 0) return [];
  return query(
    models,
    `select job_id, cycle_id, (data -> 'demand' -> 'by')::jsonb as by from audit_event where sequence = any ($1::bigint[])`,
    [rows.map(({ first_sequence }) => first_sequence)],
  );
}

/** What every entry of a job says of it: made once for a page. */
interface JobParts extends Pick<ProvisioningObjectSummary, 'servicePrincipal' | 'sourceSystem' | 'targetSystem'> {
  readonly systems: NamedJob;
}

function jobParts(job: NamedJob): JobParts {
  const servicePrincipal = { id: partId('service-principal', job.jobId), displayName: job.target };
  return {
    systems: job,
    servicePrincipal,
    sourceSystem: { id: partId('source-system', job.jobId), displayName: job.source, details: {} },
    targetSystem: {
      id: partId('target-system', job.jobId),
      displayName: job.target,
      details: {
        ApplicationId: partId('application', job.jobId),
        ServicePrincipalId: servicePrincipal.id,
        ServicePrincipalDisplayName: servicePrincipal.displayName,
      },
    },
  };
}

interface Around {
  readonly tenantId: string;
  readonly job: JobParts;
  readonly by: Initiator | undefined;
  readonly events: readonly StepRecord[];
}

const unknownInitiator: Initiator = { kind: 'system', name: '' };

function summary(row: EntryRow, { tenantId, job, by = unknownInitiator, events }: Around): ProvisioningObjectSummary {
  const identityType = objectTypeName(row.object_type);
  return {
    id: row.change_id,
    activityDateTime: row.at,
    tenantId,
    jobId: row.job_id,
    cycleId: row.cycle_id,
    changeId: row.change_id,
    provisioningAction: row.action === 'staged-delete' ? 'stagedDelete' : row.action,
    durationInMilliseconds: row.duration_ms,
    initiatedBy: { id: by.kind === 'system' ? '' : by.name, displayName: by.name, initiatorType: by.kind },
    servicePrincipal: job.servicePrincipal,
    sourceSystem: job.sourceSystem,
    targetSystem: job.targetSystem,
    sourceIdentity: { id: row.source_id ?? '', displayName: row.display_name ?? '', identityType, details: {} },
    targetIdentity: { id: row.target_id ?? '', displayName: row.matching_value ?? '', identityType, details: {} },
    provisioningStatusInfo: { status: row.status, errorInformation: errorInformation(row, events) },
    provisioningSteps: events.flatMap((event) => stepsOf(event, job.systems)),
    modifiedProperties: modifiedProperties(row.modified ?? []),
  };
}
