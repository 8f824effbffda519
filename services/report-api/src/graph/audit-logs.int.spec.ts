import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, type GraphError as ClientError, type PageCollection, PageIterator } from '@microsoft/microsoft-graph-client';
import { collectionOf, DirectoryAudit, ErrorView, GraphError, ProvisioningObjectSummary } from '@provident/contracts';
import { plots, Story } from '@provident/projection/testing';
import { eventually } from '@provident/testing';
import type { QueryRunner } from 'typeorm';

import { startTestApi, type TestApi } from '../testing/test-api.js';
import { withoutContext } from '../testing/without-context.js';
import { startTlsFront } from '../testing/tls-front.js';

const { events } = new Story().configured().cycle(
  plots.map((plot, i) => ({ plot, id: `E-${i}` })),
  { kind: 'initial' },
);
let api: TestApi;
let front: Awaited<ReturnType<typeof startTlsFront>>;
let client: Client;

beforeAll(async () => {
  api = await startTestApi(events, { statementTimeoutMs: 5_000 });
  front = await startTlsFront(api.url);
  client = Client.init({
    authProvider: (done) => done(null, 'token'),
    baseUrl: `${front.url}/`,
    customHosts: new Set(['127.0.0.1']),
  });
}, 120_000);
afterAll(async () => {
  await front?.close();
  await api?.close();
});

const ask = async (path: string, init: RequestInit = {}): Promise<{ status: number; headers: Headers; body: unknown }> => {
  const response = await fetch(new URL(path, api.url), init);
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: /json/.test(response.headers.get('content-type')!) ? JSON.parse(text) : text,
  };
};

describe('the official client', () => {
  test('iterates over the whole provisioning log, page by page', async () => {
    const first = (await client.api('/auditLogs/provisioning').top(5).select(['id', 'activityDateTime']).get()) as PageCollection;
    expect(first['@odata.nextLink']).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/v1\.0\/auditLogs\/provisioning\?.*\$skiptoken=[\w-]+$/);
    const seen: string[] = [];
    await new PageIterator(client, first, ({ id }: { id: string }) => seen.push(id) > 0).iterate();
    expect(new Set(seen).size).toBe(plots.length);
  });

  test('finds the log under its first name too, in beta', async () => {
    const first = (await client.api('/auditLogs/directoryProvisioning').version('beta').top(5).get()) as PageCollection;
    expect(first['@odata.nextLink']).toContain('/beta/auditLogs/directoryProvisioning?');
    const seen: string[] = [];
    await new PageIterator(client, first, ({ id }: { id: string }) => seen.push(id) > 0).iterate();
    expect(new Set(seen).size).toBe(plots.length);
    await expect(client.api('/auditLogs/directoryProvisioning').get()).rejects.toMatchObject({ statusCode: 404 });
  });

  test('filters as the documents of Microsoft do, over beta too', async () => {
    const app = 'Wiki';
    const filter = `((contains(tolower(servicePrincipal/id), '${app.toLowerCase()}') or contains(tolower(servicePrincipal/displayName), '${app.toLowerCase()}')) and activityDateTime gt 2026-03-02 and activityDateTime lt 2026-03-03)`;
    const query = client
      .api('/auditLogs/provisioning')
      .version('beta')
      .filter(filter)
      .orderby('activityDateTime desc')
      .top(500)
      .count(true);
    const page = collectionOf(ProvisioningObjectSummary).parse(await query.get());
    expect(page['@odata.context']).toBe(`${front.url}/beta/$metadata#auditLogs/provisioning`);
    expect([page['@odata.count'], page.value.length, page['@odata.nextLink']]).toEqual([plots.length, plots.length, undefined]);
    const id = page.value[0]!.id;
    expect(withoutContext(await client.api(`/auditLogs/provisioning/${id}`).get())).toEqual(page.value[0]);
    expect(await client.api('/auditLogs/provisioning/$count').get()).toBe(String(plots.length));
    const audits = collectionOf(DirectoryAudit).parse(
      await client
        .api('/auditLogs/directoryaudits')
        .filter(`targetResources/any(t: t/id eq 'E-0') and activityDateTime ge 2026-03-02`)
        .get(),
    );
    expect(audits.value.map(({ activityDisplayName }) => activityDisplayName)).toEqual([
      'Export',
      'Synchronization rule action',
      'Import',
      'Import',
    ]);
    expect(withoutContext(await client.api(`/auditLogs/directoryAudits/${audits.value[0]!.id}`).get())).toEqual(audits.value[0]);
  });

  test('finds code, message and request id in an error', async () => {
    const error = (await client
      .api('/auditLogs/provisioning')
      .filter(`nme eq 'x'`)
      .get()
      .catch((refused: unknown) => refused)) as ClientError;
    expect(error).toMatchObject({
      statusCode: 400,
      code: 'BadRequest',
      message: expect.stringMatching(/^\$filter, character 1: unknown property nme; supported: id, changeId, jobId/),
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      date: expect.any(Date),
    });
    await expect(client.api('/auditLogs/provisioning/none').get()).rejects.toMatchObject({
      statusCode: 404,
      code: 'Request_ResourceNotFound',
    });
    await expect(client.api('/auditLogs/signIns').get()).rejects.toMatchObject({ statusCode: 404 });
  });
});

test('paths and options count in any case of letters, + is a space, and ids of requests are given back', async () => {
  const answer = await ask(`/V1.0/AUDITLOGS/Provisioning?$FILTER=jobid+eq+%27hr-to-wiki%27&$Top=2`, {
    headers: { 'client-request-id': 'mine-1' },
  });
  expect(answer.status).toBe(200);
  expect(collectionOf(ProvisioningObjectSummary).parse(answer.body).value).toHaveLength(2);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'client-request-id': 'mine-1',
    'request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    'content-type': expect.stringContaining('application/json; odata.metadata=minimal'),
    'x-provident-position': String(events.length),
    date: expect.any(String),
  });
});

test.each([
  ['$filter=id%20eq', 400],
  ["$filter=id eq 'a&b'", 400],
  ['$filter=' + encodeURIComponent(`${'('.repeat(500)}`), 400],
  ['$filter=%', 400],
  ['$filter=id eq %27%00%27', 400],
  ['$top=x', 400],
  ['$skip=1', 400],
  ['$expand=jobs', 400],
  ['$search=x', 400],
  ['$skiptoken=', 400],
  ['$skiptoken=abc', 400],
  ['$skiptoken=' + Buffer.from('["2026-03-02T09:00:00.000Z",1,"x"]').toString('base64url'), 400],
  ["$filter=id eq 'a'&$filter=id eq 'b'", 400],
])('%s is refused in the form that clients read', async (query, status) => {
  for (const path of ['/v1.0/auditLogs/provisioning', '/beta/auditLogs/directoryAudits']) {
    const answer = await ask(`${path}?${query}`, { headers: { 'client-request-id': 'mine-2' } });
    expect(answer.status).toBe(status);
    const { error } = GraphError.parse(answer.body);
    expect(error.innerError['client-request-id']).toBe('mine-2');
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  }
});

test('a question that takes too long is broken off and is the asker´s to mend, and the others are answered meanwhile', async () => {
  const runner = api.models.dataSource.createQueryRunner();
  await runner.startTransaction();
  try {
    await runner.query('lock table audit_event');
    const tooLong = ask('/v1.0/auditLogs/directoryAudits');
    expect((await ask('/v1.0/auditLogs/provisioning?$top=1&$select=id')).status).toBe(200);
    const answer = await tooLong;
    expect([answer.status, GraphError.parse(answer.body).error.message]).toEqual([400, expect.stringContaining('took too long')]);
    const own = await ask('/provident/v1/events');
    expect([own.status, ErrorView.parse(own.body).error.code]).toEqual([400, 'too-slow']);
    expect(await (await blockedBy(runner, api))()).toBe(0);
  } finally {
    await runner.rollbackTransaction();
    await runner.release();
  }
  expect((await ask('/v1.0/auditLogs/directoryAudits?$top=1')).status).toBe(200);
  expect(api.errors).toEqual([]);
}, 60_000);

/** Tells how many statements wait, in Postgres itself, for what this connection holds. Asked over another one: a transaction sees others as it saw them first. */
async function blockedBy(runner: QueryRunner, { dataSource }: TestApi): Promise<() => Promise<number>> {
  const [{ pid }] = (await runner.query('select pg_backend_pid() as pid')) as [{ pid: number }];
  return async () => {
    const sql = 'select count(*)::int as blocked from pg_stat_activity where $1 = any (pg_blocking_pids(pid))';
    const [{ blocked }] = (await dataSource.query(sql, [pid])) as [{ blocked: number }];
    return blocked;
  };
}

test('a question whose asker hangs up is broken off in the database, too, and takes nothing from the others', async () => {
  // Nothing but hanging up ends a question here.
  const patient = await startTestApi(events, { statementTimeoutMs: 0 });
  const runner = patient.models.dataSource.createQueryRunner();
  const get = (path: string, init: RequestInit = {}): Promise<Response> => fetch(new URL(path, patient.url), init);
  try {
    await runner.startTransaction();
    await runner.query('lock table audit_event');
    const blocked = await blockedBy(runner, patient);
    // More rounds than there are connections to the database.
    for (let round = 0; round < 12; round++) {
      const hangUp = new AbortController();
      const asked = ['/v1.0/auditLogs/directoryAudits', '/provident/v1/events', '/provident/v1/export/audits'].map((path) =>
        get(path, { signal: hangUp.signal }).catch((error: Error) => error.name),
      );
      await eventually(async () => (await blocked()) === asked.length);
      hangUp.abort();
      expect(await Promise.all(asked)).toEqual(asked.map(() => 'AbortError'));
      await eventually(async () => (await blocked()) === 0);
      expect((await get('/v1.0/auditLogs/provisioning?$top=1&$select=id')).status).toBe(200);
    }
    await runner.rollbackTransaction();
    expect((await get('/v1.0/auditLogs/directoryAudits?$top=1')).status).toBe(200);
    expect(patient.errors).toEqual([]);
  } finally {
    if (runner.isTransactionActive) await runner.rollbackTransaction();
    await runner.release();
    await patient.close();
  }
}, 120_000);
