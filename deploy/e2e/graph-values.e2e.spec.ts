import { renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { QuirkFault, type QuirkScimServer, startQuirkScimServer } from '@provident/connectors/testing';
import {
  CycleClosed,
  type DirectoryAudit,
  ExportFailed,
  JobQuarantined,
  JobStateChanged,
  type ProvisioningObjectSummary,
  RemovalsHeld,
  type SynchronizationJob,
  apiPaths,
  accessPaths,
  auditActivities,
  errorCategories,
  initiatorTypes,
  operationResults,
  provisioningActions,
  provisioningResults,
  provisioningStepTypes,
  quarantineReasons,
} from '@provident/contracts';
import { eventually, eventuallyHolds } from '@provident/testing';

import { Installation, type JobInput, pipeline, scimTarget } from './harness/index.js';

/*
 * Every value of the enumerations that Graph's logs have is given by real services in a real run: nothing here writes events.
 */

const manager = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager';
const refusal = new QuirkFault(
  { do: 'answer', status: 400, body: { scimType: 'invalidValue', detail: 'The account cannot be like this.' } },
  { method: 'POST', url: /Users/, times: 1 },
);

let installation: Installation;
let api: string;
const targets: QuirkScimServer[] = [];

beforeAll(async () => {
  const port = await freePort();
  api = `http://127.0.0.1:${port}`;
  installation = await Installation.start({ services: [...pipeline, 'audit-projector', 'report-api'], env: { PORT: String(port) } });
}, 120_000);
afterAll(async () => {
  await installation?.stop();
  await Promise.all(targets.map((target) => target.close()));
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function startTarget(options: Parameters<typeof startQuirkScimServer>[0] = {}): Promise<QuirkScimServer> {
  const target = await startQuirkScimServer(options);
  targets.push(target);
  return target;
}

async function ask<Answer>(method: string, path: string, body?: unknown, token?: string): Promise<Answer> {
  const headers = { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(`${api}${path}`, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return JSON.parse(text) as Answer;
}

/** Everything that a collection holds, page by page. */
async function collect<Item>(path: string): Promise<Item[]> {
  const items: Item[] = [];
  for (let next: string | undefined = `${api}${path}`; next !== undefined; ) {
    const page: { value: Item[]; '@odata.nextLink'?: string } = await ask('GET', next.slice(api.length));
    items.push(...page.value);
    next = page['@odata.nextLink'];
  }
  return items;
}

const valuesOf = <Item, Value>(items: readonly Item[], of: (item: Item) => readonly (Value | null | undefined)[]): Value[] =>
  [...new Set(items.flatMap(of))].filter((value) => value !== null && value !== undefined).sort();
const sorted = <Value>(values: readonly Value[]): Value[] => [...values].sort();

interface World {
  /** Numbers of people. */
  readonly people: readonly number[];
  readonly inactive?: readonly number[];
  readonly names?: Readonly<Record<number, string>>;
}

function source(job: string, { people, inactive = [], names = {} }: World): void {
  const row = (id: number): string =>
    `E${id},e${id}@example.org,${names[id] ?? `Name ${id}`},${inactive.includes(id) ? 'left' : 'active'},${id === 1 ? 'Guests' : 'Staff'},${id === 3 ? 'E2' : ''}`;
  write(`${job}-staff.csv`, ['id,mail,name,status,kind,boss', ...people.map(row)]);
  write(`${job}-teams.csv`, ['id', 'Team']);
  write(`${job}-belongings.csv`, ['team,member', 'Team,E2']);
}

function write(name: string, lines: readonly string[]): void {
  const file = join(installation.folder, name);
  writeFileSync(`${file}.new`, `${lines.join('\n')}\n`);
  renameSync(`${file}.new`, file);
}

const definition = (job: string, url: string, more: Partial<JobInput> = {}, title = 'name'): JobInput => ({
  job,
  source: {
    connector: 'csv',
    config: {
      file: `${job}-staff.csv`,
      anchor: 'id',
      groups: { file: `${job}-teams.csv`, anchor: 'id' },
      memberships: { file: `${job}-belongings.csv`, group: 'team', member: 'member' },
    },
  },
  target: scimTarget(url),
  objects: [
    {
      type: 'user',
      displayName: 'name',
      scope: [{ name: 'staff', all: [{ attribute: 'kind', operator: 'EQUALS', value: 'Staff' }] }],
      active: { attribute: 'status', operator: 'EQUALS', value: 'active' },
      attributes: [
        { target: 'userName', source: 'mail', matching: 1 },
        { target: 'displayName', source: 'name' },
        { target: 'title', source: title },
        { target: manager, reference: 'boss' },
      ],
    },
    { type: 'group', attributes: [{ target: 'displayName', source: 'id', matching: 1 }] },
  ],
  thresholds: { removals: { percent: 20, atLeast: 2 }, failures: { percent: 100, atLeast: 1_000 } },
  retry: { after: ['1h'], thenEvery: '1h', giveUpAfter: '1d' },
  schedule: { every: '1d' },
  ...more,
});

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at);

describe('a job that meets everything', () => {
  const job = 'everything';
  const entries: ProvisioningObjectSummary[] = [];
  let audits: DirectoryAudit[];

  beforeAll(async () => {
    await live();
    await look();
    audits = await collect('/v1.0/auditLogs/directoryAudits?$top=200');
  }, 240_000);

  /** The provisioning log as it is now: what failed has succeeded in the end. */
  async function look(): Promise<void> {
    const { sequence } = (await installation.events(job)).at(-1)!;
    const position = async () => Number((await fetch(`${api}/provident/v1/events?limit=1`)).headers.get('x-provident-position'));
    await eventually(async () => (await position()) >= sequence);
    entries.push(...(await collect<ProvisioningObjectSummary>('/v1.0/auditLogs/provisioning?$top=200')));
  }

  /** Everything that can happen to people, and that administrators do. */
  async function live(): Promise<void> {
    const target = await startTarget();
    target.fail(refusal);
    // Created; one is no staff, one is refused, and one refers to another.
    source(job, { people: range(1, 13) });
    await installation.apply(definition(job, target.url));
    await installation.cycleClosed(job);
    // Tried again, for an escrow ends in success too.
    await installation.find(job, ExportFailed);
    await look();
    await eventuallyHolds(async () => {
      await installation.retry(job, { kind: 'all' });
      expect(target.users()).toHaveLength(11);
    });
    // Changed, disabled, deleted.
    source(job, { people: range(1, 12), inactive: [11], names: { 4: 'Another Name' } });
    await installation.run(job);
    // Too many are gone.
    source(job, { people: range(1, 6), names: { 4: 'Another Name' } });
    const { cycleId } = await installation.run(job);
    await installation.find(job, RemovalsHeld, ({ data }) => data.cycleId === cycleId);
    await eventuallyHolds(async () => expect((await graphJob(job)).status.quarantine?.reason).toBe('TooManyDeletes'));
    await look();
    await installation.release(job, cycleId);
    await eventuallyHolds(() => expect(target.users()).toHaveLength(4));
    // A program asks for somebody.
    const made = { name: 'help desk', grants: [{ role: 'operator' }] };
    const { secret } = await ask<{ secret: string }>('POST', accessPaths.tokens, made);
    source(job, { people: [...range(1, 6), 20], names: { 4: 'Another Name' } });
    await ask('POST', apiPaths.provisionOnDemand.replace(':jobId', job), { subjects: [{ id: 'E20' }] }, secret);
    // The target says that it has disabled somebody, and has not: it cannot be relied on, until a person says so.
    target.behave({ patchDoesNothing: true });
    source(job, { people: [...range(1, 6), 20], inactive: [5], names: { 4: 'Another Name' } });
    await installation.run(job);
    await installation.find(job, JobQuarantined, ({ data }) => data.reason === 'connection');
    await look();
    target.behave({});
    // What administrators do.
    await installation.pause(job);
    await installation.startJob(job);
    await installation.apply(definition(job, target.url, {}, 'kind'));
    await installation.apply(definition(job, target.url, { schedule: { every: '2d' } }, 'kind'));
    await installation.restart(job, 'watermark');
    await installation.run(job);
    await installation.deleteJob(job);
    await installation.find(job, JobStateChanged, ({ data }) => data.state === 'removed');
  }

  test('every action, status, kind of step, category and initiator of the provisioning log', () => {
    expect({
      actions: valuesOf(entries, ({ provisioningAction }) => [provisioningAction]),
      statuses: valuesOf(entries, ({ provisioningStatusInfo }) => [provisioningStatusInfo.status]),
      categories: valuesOf(entries, ({ provisioningStatusInfo }) => [provisioningStatusInfo.errorInformation?.errorCategory]),
      steps: valuesOf(entries, ({ provisioningSteps }) => provisioningSteps.map((step) => step.provisioningStepType)),
      stepStatuses: valuesOf(entries, ({ provisioningSteps }) => provisioningSteps.map(({ status }) => status)),
      initiators: valuesOf(entries, ({ initiatedBy }) => [initiatedBy.initiatorType]),
      types: valuesOf(entries, ({ sourceIdentity }) => [sourceIdentity.identityType]),
    }).toEqual({
      actions: sorted(provisioningActions),
      statuses: sorted(provisioningResults),
      categories: sorted(errorCategories),
      steps: sorted(provisioningStepTypes),
      stepStatuses: sorted(provisioningResults),
      initiators: sorted(initiatorTypes),
      types: ['Group', 'User'],
    });
  });

  test('every activity and result of the audit log', () => {
    expect({
      activities: valuesOf(audits, ({ activityDisplayName }) => [activityDisplayName]),
      results: valuesOf(audits, ({ result }) => [result]),
      resources: valuesOf(audits, ({ targetResources }) => targetResources.map(({ type }) => type)),
    }).toEqual({
      activities: sorted(auditActivities),
      results: sorted(operationResults),
      resources: expect.arrayContaining(['Group', 'ServicePrincipal', 'User']),
    });
  });
});

test('every reason of a quarantine that the engine has a name for', async () => {
  const refusing = await startTarget();
  refusing.fail(new QuirkFault({ do: 'answer', status: 400, body: { detail: 'No.' } }, { method: 'POST' }));
  const closed = await startTarget({ token: 'another' });
  const never = { percent: 100, atLeast: 1_000 };
  const jobs: [job: string, url: string, failures: object][] = [
    ['count', refusing.url, { ...never, count: 1 }],
    ['total', refusing.url, { ...never, total: 1 }],
    ['share', refusing.url, { percent: 40, atLeast: 1 }],
    ['credentials', closed.url, never],
  ];
  for (const [job, url, failures] of jobs) {
    source(job, { people: range(2, 6) });
    await installation.apply(definition(job, url, { thresholds: { failures } }));
  }
  for (const [job] of jobs) {
    await installation.find(job, CycleClosed);
    await installation.find(job, JobQuarantined);
  }
  await eventuallyHolds(async () => {
    const reasons = await Promise.all(jobs.map(async ([job]) => (await graphJob(job)).status.quarantine?.reason));
    // "Unknown" stands for reasons of versions to come; the removals of the job above are held for "TooManyDeletes".
    expect(sorted([...reasons, 'TooManyDeletes', 'Unknown'])).toEqual(sorted(quarantineReasons));
  });
}, 180_000);

/** The job as Graph shows it, among those of its application. */
async function graphJob(job: string): Promise<SynchronizationJob> {
  const principals = await collect<{ id: string }>('/v1.0/servicePrincipals');
  for (const { id } of principals) {
    const found = (await collect<SynchronizationJob>(`/v1.0/servicePrincipals/${id}/synchronization/jobs`)).find((each) => each.id === job);
    if (found) return found;
  }
  throw new Error(`Graph shows no job ${job}`);
}
