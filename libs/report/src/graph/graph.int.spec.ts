import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  auditActivities,
  demandRequestId,
  DirectoryAudit,
  isDemandRequest,
  JobConfigured,
  JobRestarted,
  JobStateChanged,
  type LogEvent,
  ProvisioningObjectSummary,
  provisioningActions,
  provisioningResults,
} from '@provident/contracts';
import {
  explain,
  makeRoom,
  plots,
  Projector,
  resetReadModels,
  Story,
  type TestReadModels,
  testReadModels,
} from '@provident/projection/testing';
import * as fc from 'fast-check';

import {
  auditPages,
  BadQuery,
  countAudits,
  countProvisioning,
  getAudit,
  getProvisioning,
  listAudits,
  listProvisioning,
  NotFound,
  partId,
  provisioningPages,
} from '../index.js';
import { rowsQuery } from '../odata/find-rows.js';
import { readQuery } from '../odata/query-options.js';
import { type Compared, odataFilter } from '../testing/odata-filter.js';
import { auditSource } from './audits/audit-source.js';
import { provisioningSource } from './provisioning/provisioning-source.js';

const tenant = 'aaaaaaaa-0000-4000-8000-000000000000';
const everybody = plots.map((plot, i) => ({ plot, id: `E-${i}`, name: i % 2 === 0 ? `Zoë ${plot}` : `O'Neil_${i}%` }));

let models: TestReadModels;
let db: TestReadModels['dataSource'];
let events: readonly LogEvent[];

/** Two jobs, several cycles, a changed configuration, a quarantine. */
function aLot(): LogEvent[] {
  const wiki = new Story()
    .configured()
    .cycle(everybody, { kind: 'initial' })
    .failedCycle()
    .recovered()
    .cycle([
      { plot: 'mover', id: 'E-0' },
      { plot: 'leaver', id: 'E-1' },
    ]);
  const first = wiki.events.find(({ type }) => type === JobConfigured.type) as LogEvent<{ definition: object }>;
  const after = wiki.events.length;
  const at = '2026-03-03T00:00:00.000Z';
  const next = (offset: number, type: string, data: object): LogEvent =>
    ({ ...first, sequence: after + offset, id: `conf-${offset}`, type, at, data: { ...first.data, ...data } }) as LogEvent;
  const paused = { jobId: first.jobId, state: 'paused', by: { kind: 'user', name: 'kim' } };
  const configured = [
    next(1, JobConfigured.type, { revision: 2, definition: { ...first.data.definition, name: 'Other name' } }),
    next(2, JobConfigured.type, { revision: 3, definition: { ...first.data.definition, name: 'Other name', objects: mappedOtherwise } }),
    next(3, JobStateChanged.type, paused),
    next(4, JobStateChanged.type, { ...paused, state: 'active' }),
    next(5, JobRestarted.type, { scopes: ['escrows', 'watermark'], otherTarget: false }),
    next(6, JobStateChanged.type, { ...paused, state: 'stopped' }),
    next(7, JobStateChanged.type, { ...paused, state: 'active' }),
  ];
  const crm = new Story('hr-to-crm', '2026-03-04T00:00:00.000Z', after + configured.length)
    .configured()
    .cycle(everybody.slice(0, 5), { kind: 'initial' });
  return [...wiki.events, ...configured, ...crm.events, ...onDemand(crm.events, 'E-0')];
}

/** What a cycle did with one person, done again because somebody asked for it. */
function onDemand(cycle: readonly LogEvent[], id: string): LogEvent[] {
  const cycleId = demandRequestId(id);
  const demand = { by: { kind: 'user', name: 'kim' }, allowRemoval: false };
  const last = cycle.at(-1)!.sequence;
  return cycle
    .filter(({ data }) => (data as { objectKey?: string }).objectKey === `user:${id}`)
    .map((event, i) => ({
      ...event,
      sequence: last + 1 + i,
      id: `${cycleId}-${i}`,
      at: `2026-03-05T00:00:0${i}.000Z`,
      lane: 'd0',
      data: { ...(event.data as object), cycleId, changeId: `${cycleId}-c`, demand },
    }));
}
const mappedOtherwise = [{ type: 'user', attributes: [{ target: 'userName', source: 'login', matching: 1 }] }];

const allEntries = async () => (await listProvisioning(db, tenant, { $top: '1000' })).items;
const allAudits = async () => (await listAudits(db, { $top: '1000' })).items;

beforeAll(async () => {
  models = await testReadModels();
  db = models.dataSource;
  events = aLot();
  await resetReadModels(models.connection);
  await new Projector(models.connection, 'log').project(events);
}, 120_000);
afterAll(() => models?.close());

describe('the provisioning log', () => {
  test('has every member of the contract, and every value of its enumerations that the engine can give', async () => {
    const entries = await allEntries();
    expect(entries).toHaveLength(everybody.length + 2 + 5 + 1);
    for (const entry of entries) expect(ProvisioningObjectSummary.strict().parse(entry)).toEqual(entry);
    const seen = <Value>(of: (entry: ProvisioningObjectSummary) => Value | readonly Value[]) => new Set(entries.flatMap(of as never));
    expect(seen((entry) => entry.provisioningAction)).toEqual(new Set(provisioningActions.filter((action) => action !== 'stagedDelete')));
    expect(seen((entry) => entry.provisioningStatusInfo.status)).toEqual(new Set(['success', 'failure', 'skipped']));
    expect(seen((entry) => entry.provisioningSteps.map(({ provisioningStepType }) => provisioningStepType))).toEqual(
      new Set(['import', 'scoping', 'matching', 'processing', 'export']),
    );
    expect(seen((entry) => entry.provisioningSteps.map(({ status }) => status))).toEqual(new Set(provisioningResults));
  });

  test('tells a creation step by step', async () => {
    const [entry] = (
      await listProvisioning(db, tenant, {
        $filter: `targetIdentity/id eq 'w-E-0' and provisioningAction eq 'Create' and jobId eq 'hr-to-wiki'`,
      })
    ).items;
    expect(entry).toMatchObject({
      jobId: 'hr-to-wiki',
      tenantId: tenant,
      initiatedBy: { id: '', displayName: 'Provident', initiatorType: 'system' },
      servicePrincipal: { id: partId('service-principal', 'hr-to-wiki'), displayName: 'Wiki' },
      sourceSystem: { displayName: 'HR' },
      sourceIdentity: { id: 'E-0', displayName: 'Zoë joiner', identityType: 'User', details: {} },
      targetIdentity: { id: 'w-E-0', displayName: 'E-0@Acme.test', identityType: 'User', details: {} },
      provisioningStatusInfo: { status: 'success', errorInformation: null },
    });
    expect(entry!.provisioningSteps.map(({ name, provisioningStepType, status }) => [name, provisioningStepType, status])).toEqual([
      ['EntryImportAdd', 'import', 'success'],
      ['EntryImportObjectNotFound', 'matching', 'success'],
      ['EntrySynchronizationScoping', 'scoping', 'success'],
      ['EntrySynchronizationAdd', 'processing', 'success'],
      ['EntryExportAdd', 'export', 'success'],
    ]);
    expect(entry!.provisioningSteps[0]!.details).toMatchObject({ mail: 'E-0@Acme.test', active: 'true' });
    expect(JSON.parse(entry!.provisioningSteps[2]!.details['ScopeEvaluationResult']!)).toEqual({
      "Staff.employeeType EQUALS 'staff'": true,
    });
    expect(entry!.modifiedProperties[0]).toEqual({ displayName: 'userName', oldValue: null, newValue: 'E-0@Acme.test' });
    expect(await getProvisioning(db, tenant, entry!.id)).toEqual(entry);
    await expect(getProvisioning(db, tenant, 'none')).rejects.toThrow(NotFound);
  });

  test('says of every failure what, whose fault, and what to do', async () => {
    const { items } = await listProvisioning(db, tenant, {
      $filter: `provisioningStatusInfo/status eq 'failure' and jobId eq 'hr-to-wiki'`,
    });
    expect(items.map(({ provisioningStatusInfo: { errorInformation } }) => errorInformation!.errorCode).toSorted()).toEqual([
      'InvalidValue',
      'NoAnchor',
    ]);
    for (const { provisioningStatusInfo } of items)
      expect(provisioningStatusInfo.errorInformation).toMatchObject({
        errorCategory: 'nonServiceFailure',
        reason: expect.stringMatching(/./),
        recommendedAction: expect.stringMatching(/./),
      });
    const [skipped] = (await listProvisioning(db, tenant, { $filter: `sourceIdentity/id eq 'E-5' and jobId eq 'hr-to-wiki'` })).items;
    expect(skipped!.provisioningSteps.at(-1)).toMatchObject({
      name: 'EntrySynchronizationSkip',
      details: { SkipReason: 'NotEffectivelyEntitled' },
    });
  });

  test('answers every generated filter with what plain code finds', async () => {
    const entries = await allEntries();
    const values = (path: string): (string | number)[] => [
      ...new Set(entries.map((entry) => path.split('/').reduce<unknown>((value, name) => (value as never)[name], entry) as string)),
    ];
    const texts = [
      'id',
      'jobId',
      'cycleId',
      'sourceIdentity/id',
      'sourceIdentity/displayName',
      'targetIdentity/id',
      'targetIdentity/displayName',
      'sourceIdentity/identityType',
      'servicePrincipal/id',
      'servicePrincipal/displayName',
      'targetSystem/displayName',
      'initiatedBy/displayName',
      'tenantId',
    ];
    const compared: Compared[] = [
      ...texts.map((path) => ({ path, type: 'text' as const, values: [...values(path), 'nothing', "o'neil", ''] })),
      { path: 'provisioningAction', type: 'word', values: [...provisioningActions] },
      { path: 'provisioningStatusInfo/status', type: 'word', values: [...provisioningResults] },
      { path: 'durationInMilliseconds', type: 'number', values: [0, ...values('durationInMilliseconds'), 1e9] },
      {
        path: 'activityDateTime',
        type: 'instant',
        values: [...values('activityDateTime'), '2026-03-02', '2026-03-04', '2026-03-02T10:00:00+01:00'],
      },
    ];
    const modified: Compared = { path: 'displayName', type: 'text', values: ['title', 'userName', 'Title', 'name'] };
    await fc.assert(
      fc.asyncProperty(odataFilter(compared, [{ path: 'modifiedProperties', compared: [modified] }]), async ({ text, holds }) => {
        const found = await listProvisioning(db, tenant, { $filter: text, $top: '1000', $select: 'id' });
        expect(found.items.map(({ id }) => id)).toEqual(entries.filter(holds).map(({ id }) => id));
      }),
      { numRuns: 100 },
    );
  }, 600_000);

  test('counts, selects and pages in both directions, each entry once, while new ones arrive', async () => {
    const entries = await allEntries();
    const filter = `contains(tolower(servicePrincipal/displayName), 'wik') and activityDateTime gt 2026-01-01`;
    const wanted = entries.filter(({ jobId }) => jobId !== 'late');
    expect(await countProvisioning(db, tenant, { $filter: filter })).toBe(wanted.length);
    for (const [order, expected] of [
      ['desc', wanted],
      ['asc', wanted.toReversed()],
    ] as const) {
      const seen: string[] = [];
      let token: string | null = null;
      let page = 0;
      do {
        const options: Record<string, string> = {
          $filter: `${filter} and activityDateTime lt 2026-04-01`,
          $top: '4',
          $orderby: `activityDateTime ${order}`,
          $count: 'true',
        };
        if (token !== null) options['$skiptoken'] = token;
        const answer = await listProvisioning(db, tenant, options);
        expect(answer.count).toBe(token === null ? wanted.length : null);
        seen.push(...answer.items.map(({ id }) => id));
        token = answer.next;
        const newer = new Story(`late-${order}-${page}`, '2026-05-01T00:00:00.000Z', 100_000 * ++page + (order === 'asc' ? 5_000_000 : 0));
        await new Projector(models.connection, 'log').project(newer.configured().cycle([{ plot: 'joiner', id: 'N-1' }]).events);
      } while (token !== null);
      expect(seen).toEqual(expected.map(({ id }) => id));
    }
    const first = await listProvisioning(db, tenant, { $top: '1' });
    await expect(listProvisioning(db, tenant, { $top: '1', $filter: `id eq 'x'`, $skiptoken: first.next! })).rejects.toThrow(BadQuery);
    expect(await listProvisioning(db, tenant, { $top: '0', $count: 'true' })).toMatchObject({ items: [], next: null });
  }, 60_000);

  test('tells who asked for what was done on demand, and finds it by its request', async () => {
    const { items } = await listProvisioning(db, tenant, { $filter: `cycleId eq '${demandRequestId('E-0')}'` });
    expect(items.map(({ sourceIdentity, initiatedBy }) => [sourceIdentity.id, initiatedBy])).toEqual([
      ['E-0', { id: 'kim', displayName: 'kim', initiatorType: 'user' }],
    ]);
    expect(isDemandRequest(items[0]!.cycleId)).toBe(true);
    const audits = await listAudits(db, { $filter: `correlationId eq '${items[0]!.changeId}' and initiatedBy/user/displayName eq 'kim'` });
    expect(audits.items.map(({ initiatedBy }) => initiatedBy.user?.displayName)).toEqual(['kim', 'kim', 'kim', 'kim']);
  });

  test('is exported page by page, the whole of it', async () => {
    const pages: string[][] = [];
    const filter = { $filter: `jobId eq 'hr-to-wiki'` };
    for await (const page of provisioningPages(db, tenant, filter, 5)) pages.push([...page].map(({ id }) => id));
    expect(pages.map(({ length }) => length)).toEqual([5, 5, 4]);
    expect(pages.flat()).toEqual((await listProvisioning(db, tenant, { ...filter, $top: '1000' })).items.map(({ id }) => id));
  });
});

describe('the audit log', () => {
  const of = async (filter: string) =>
    (await listAudits(db, { $filter: `(${filter}) and activityDateTime lt 2026-05-01`, $top: '1000' })).items;

  test('has every member of the contract, and the activities of the service', async () => {
    const audits = await allAudits();
    for (const audit of audits) expect(DirectoryAudit.strict().parse(audit)).toEqual(audit);
    expect(new Set(audits.map(({ activityDisplayName }) => activityDisplayName))).toEqual(
      new Set(auditActivities.filter((name) => name !== 'Delete provisioning configuration')),
    );
    expect(new Set(audits.map(({ id }) => id)).size).toBe(audits.length);
  });

  test('tells one person´s way in the order of the article: import, import, rule, export; found by the matching value', async () => {
    const filter = `targetResources/any(t: t/displayName eq 'E-0@Acme.test') and targetResources/any(t: t/id eq '${partId('service-principal', 'hr-to-crm')}') and initiatedBy/user/id eq null`;
    const story = (await of(filter)).toReversed();
    expect(story.map(({ activityDisplayName }) => activityDisplayName)).toEqual([
      'Import',
      'Import',
      'Synchronization rule action',
      'Export',
    ]);
    expect(story[0]).toMatchObject({
      category: 'ProvisioningManagement',
      loggedByService: 'Account Provisioning',
      result: 'success',
      initiatedBy: { user: null, app: { displayName: 'Provident' } },
      targetResources: [{ type: 'ServicePrincipal' }, { id: 'E-0', type: 'User', displayName: 'E-0@Acme.test' }],
    });
    expect(story[0]!.targetResources[1]!.modifiedProperties).toContainEqual({
      displayName: 'mail',
      oldValue: null,
      newValue: '"E-0@Acme.test"',
    });
    expect(story[3]!.additionalDetails).toContainEqual({ key: 'TargetAnchor', value: 'w-E-0' });
    expect(story[3]!.additionalDetails).toContainEqual({ key: 'EventName', value: 'EntryExportAdd' });
    expect(await of(`correlationId eq '${story[0]!.correlationId}'`)).toEqual(story.toReversed());
    expect(await getAudit(db, story[0]!.id)).toEqual(story[0]);
    for (const id of ['none', `Sync_x_0_${events.length}`]) await expect(getAudit(db, id)).rejects.toThrow(NotFound);
  });

  test('keeps who configured what, and the history of quarantines', async () => {
    const configured = await of(`contains(activityDisplayName, 'provisioning') or startswith(activityDisplayName, 'Update')`);
    expect(configured.map(({ activityDisplayName, initiatedBy }) => [activityDisplayName, initiatedBy.user?.displayName])).toEqual([
      ['Add provisioning configuration', 'kim'],
      ['Enable/start provisioning configuration', 'kim'],
      ['Disable/pause provisioning configuration', 'kim'],
      ['Enable/restart provisioning configuration', 'kim'],
      ['Enable/start provisioning configuration', 'kim'],
      ['Disable/pause provisioning configuration', 'kim'],
      ['Update attribute mappings or scope', 'kim'],
      ['Update provisioning setting or credentials', 'kim'],
      ['Add provisioning configuration', 'kim'],
    ]);
    expect(await of(`activityDisplayName eq 'Enable/restart provisioning configuration'`)).toMatchObject([
      { resultReason: 'the job begins anew: escrows, watermark' },
    ]);
    expect(await of(`activityDisplayName eq 'Quarantine'`)).toMatchObject([
      { result: 'failure', resultReason: expect.stringContaining('quarantined: ') },
    ]);
    expect(await countAudits(db, { $filter: `activityDisplayName eq 'Add user'` })).toBe(0);
  });

  test('answers every generated filter with what plain code finds', async () => {
    const audits = await allAudits();
    const some = <Value>(of: (audit: DirectoryAudit) => Value[]): Value[] => [...new Set(audits.filter((_, i) => i % 7 === 0).flatMap(of))];
    const compared: Compared[] = [
      { path: 'id', type: 'text', values: some(({ id }) => [id]) },
      { path: 'correlationId', type: 'text', values: some(({ correlationId }) => [correlationId]) },
      { path: 'activityDateTime', type: 'instant', values: some(({ activityDateTime }) => [activityDateTime]) },
      { path: 'activityDisplayName', type: 'text', values: [...auditActivities, 'Add user'] },
      { path: 'category', type: 'text', values: ['ProvisioningManagement', 'ApplicationManagement'] },
      { path: 'result', type: 'word', values: ['success', 'failure'] },
      { path: 'initiatedBy/user/displayName', type: 'text', values: ['kim', 'Kim', 'nobody'] },
      { path: 'initiatedBy/app/displayName', type: 'text', values: ['Provident', 'kim'] },
      { path: 'initiatedBy/app/appId', type: 'text', values: ['x'] },
    ];
    const targets: Compared[] = [
      { path: 'id', type: 'text', values: ['E-0', 'w-E-0', 'E-6', 'w-E-7', 'nobody', '', partId('service-principal', 'hr-to-crm')] },
      { path: 'displayName', type: 'text', values: ['E-0@Acme.test', 'e-0@acme.test', 'E-6', 'Wiki', ''] },
      { path: 'type', type: 'text', values: ['User', 'ServicePrincipal', 'Group'] },
    ];
    await fc.assert(
      fc.asyncProperty(odataFilter(compared, [{ path: 'targetResources', compared: targets }]), async ({ text, holds }) => {
        const found = await listAudits(db, { $filter: text, $top: '1000' });
        expect(found.items.map(({ id }) => id)).toEqual(audits.filter(holds).map(({ id }) => id));
      }),
      { numRuns: 100 },
    );
  }, 120_000);

  test('tells who asked for what was done on demand, and finds it by its request', async () => {
    const { items } = await listProvisioning(db, tenant, { $filter: `cycleId eq '${demandRequestId('E-0')}'` });
    expect(items.map(({ sourceIdentity, initiatedBy }) => [sourceIdentity.id, initiatedBy])).toEqual([
      ['E-0', { id: 'kim', displayName: 'kim', initiatorType: 'user' }],
    ]);
    expect(isDemandRequest(items[0]!.cycleId)).toBe(true);
    const audits = await listAudits(db, { $filter: `correlationId eq '${items[0]!.changeId}' and initiatedBy/user/displayName eq 'kim'` });
    expect(audits.items.map(({ initiatedBy }) => initiatedBy.user?.displayName)).toEqual(['kim', 'kim', 'kim', 'kim']);
  });

  test('is exported page by page, the whole of it', async () => {
    const ids: string[] = [];
    for await (const page of auditPages(db, { $filter: `result eq 'failure'` }, 3)) ids.push(...page.map(({ id }) => id));
    expect(ids).toEqual((await listAudits(db, { $filter: `result eq 'failure'`, $top: '1000' })).items.map(({ id }) => id));
  });
});

test('every question of a tool is answered by an index, whatever else is in the log', async () => {
  await makeRoom(models.connection, 10_020_000);
  await db.query(`
    insert into provisioning_entry
    select 'big-' || n, 'job-' || n % 20, 'c1', 'user:P-' || n % 5000, 'user', 'P-' || n % 5000, null, null, null, 'other', 'skipped', null, '', 1, 3, null, null,
           timestamptz '2020-01-01' + n * interval '1 minute', timestamptz '2020-01-01' + n * interval '1 minute', null, n, 10000000 + n, '[]'
    from generate_series(1, 20000) n`);
  await db.query(`
    insert into audit_event
    select 10000000 + n, 'big-' || n, 'source-object-imported', timestamptz '2020-01-01' + n * interval '1 minute', 'job-' || n % 20, 'c1', 'big-' || n,
           'user:P-' || n % 5000, '0', 'importer', 'import', 'success', 'P-' || n % 5000, null, '{}'
    from generate_series(1, 20000) n`);
  await db.query('analyze provisioning_entry, audit_event, identity, cycle, job');
  const plan = async (source: Parameters<typeof rowsQuery>[1], $filter: string): Promise<string> => {
    const [sql, values] = await rowsQuery(db, source, readQuery({ $filter, $top: '10' }, source));
    return explain(models.dataSource, sql, values);
  };
  const log = provisioningSource(tenant);
  const principal = partId('service-principal', 'hr-to-crm');
  const plans: [index: string, plan: string][] = [
    ['provisioning_entry_pkey', await plan(log, `changeId eq 'big-7'`)],
    ['provisioning_entry_pkey', await plan(log, `sourceIdentity/id eq 'E-0' or targetIdentity/displayName eq 'e-0@acme.test'`)],
    ['provisioning_entry_object', await plan(log, `contains(sourceIdentity/id, 'E-0') and activityDateTime gt 2020-01-03`)],
    ['provisioning_entry_job', await plan(log, `contains(servicePrincipal/id, '${principal}') and activityDateTime gt 2026-01-01`)],
    ['provisioning_entry_at', await plan(log, 'activityDateTime ge 2020-01-03 and activityDateTime lt 2020-01-04')],
    [
      'provisioning_entry_failed_at',
      await plan(log, `activityDateTime ge 2020-01-03 and activityDateTime lt 2020-01-04 and provisioningStatusInfo/status eq 'failure'`),
    ],
    ['audit_event_at', await plan(auditSource, 'activityDateTime ge 2020-01-03 and activityDateTime lt 2020-01-04')],
    ['audit_event_pkey', await plan(auditSource, `targetResources/any(t: t/id eq 'E-0' or t/displayName eq 'E-0')`)],
    ['audit_event_pkey', await plan(auditSource, `correlationId eq 'big-7'`)],
    ['audit_event_about_job', await plan(auditSource, `activityDisplayName eq 'Quarantine'`)],
  ];
  for (const [index, text] of plans) {
    expect(text).toContain(index);
    expect(text).not.toMatch(/Seq Scan on (provisioning_entry|audit_event)/);
  }
}, 60_000);
