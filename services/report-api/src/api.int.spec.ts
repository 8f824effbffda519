import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  AttemptDifferenceView,
  CycleReportView,
  ErrorView,
  GraphError,
  JobChangesView,
  JobRestarted,
  type LogEvent,
  LogEntryView,
  LogPageView,
  openApiDocument,
  PersonStoryView,
  portalPath,
  ProvisioningObjectSummary,
  type Route,
  routes,
  WhyView,
} from '@provident/contracts';
import { openedSimulation, simulatedRow, simulationProgress } from '@provident/bus/testing';
import { plots, Story } from '@provident/projection/testing';
import { partId } from '@provident/report';
import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';

import { onDemandView } from './testing/on-demand-view.js';
import { fromSchema, slightlyWrong } from './testing/from-schema.js';
import { startTestApi, type TestApi } from './testing/test-api.js';

const people = plots.map((plot, i) => ({ plot, id: `E-${i}` }));
const idOf = (plot: (typeof plots)[number]): string => `E-${plots.indexOf(plot)}`;

function aLot(): LogEvent[] {
  const wiki = new Story()
    .configured()
    .cycle(people, { kind: 'initial' })
    .cycle([{ plot: 'mover', id: 'E-0', name: '=Zoë, "the" Müller' }]);
  const first = wiki.events[0] as LogEvent<{ by: object; definition: { objects: { attributes: object[] }[] } }>;
  const definition = structuredClone(first.data.definition);
  definition.objects[0]!.attributes[0] = { ...definition.objects[0]!.attributes[0], source: 'login' };
  const sequence = wiki.events.length + 1;
  const configured = { ...first, sequence, id: 'conf-2', data: { ...first.data, revision: 2, definition } };
  const crm = new Story('hr-to-crm', '2026-03-04T00:00:00.000Z', sequence)
    .configured()
    .cycle([{ plot: 'joiner', id: 'E-0' }], { close: false });
  const last = crm.events.at(-1)!;
  const restarted = {
    ...configured,
    sequence: last.sequence + 1,
    id: 'restart',
    type: JobRestarted.type,
    at: '2026-03-05T00:00:00.000Z',
    jobId: last.jobId,
    data: { jobId: last.jobId, scopes: ['watermark', 'links'], otherTarget: false, by: first.data.by },
  };
  return [...wiki.events, configured, ...crm.events, restarted];
}

const simulation = openedSimulation();
let api: TestApi;
beforeAll(async () => {
  api = await startTestApi(aLot());
  await api.simulations.open(simulation, simulationProgress());
  await api.simulations.addRows(simulation.simulationId, [simulatedRow('1'), simulatedRow('2', 'skip')]);
}, 120_000);
afterAll(() => api?.close());

const ask = async (path: string) => {
  const response = await fetch(new URL(path, api.url));
  return { status: response.status, headers: response.headers, body: await response.json() };
};

describe('one person´s story', () => {
  test('over all jobs, as of now and as of any instant', async () => {
    const { body } = await ask('/provident/v1/people/E-0%40acme.test/story');
    const story = PersonStoryView.parse(body);
    expect(story).toEqual(body);
    expect(story.objects.map(({ jobId, account, inScope, changes }) => [jobId, account.id, inScope, changes.length])).toEqual([
      ['hr-to-crm', 'w-E-0', true, 1],
      ['hr-to-wiki', 'w-E-0', true, 2],
    ]);
    const [, wiki] = story.objects;
    expect(wiki!.displayName).toBe('=Zoë, "the" Müller');
    const [exported, rule] = wiki!.changes[1]!.steps.toReversed();
    const before = PersonStoryView.parse((await ask(`/provident/v1/people/E-0/story?job=hr-to-wiki&at=${rule!.at}`)).body);
    expect(before.objects).toMatchObject([
      { account: { id: null, isLinked: false }, displayName: 'Person E-0', asOf: { sequence: rule!.sequence } },
    ]);
    const after = PersonStoryView.parse((await ask(`/provident/v1/people/E-0/story?job=hr-to-wiki&at=${exported!.at}`)).body);
    expect(after.objects).toMatchObject([{ account: { id: 'w-E-0', isLinked: true, attributes: { title: 'Engineer "II"' } } }]);
    expect((await ask('/provident/v1/people/E-0/story?at=2026-01-01')).body).toMatchObject({ objects: [] });
    expect((await ask('/provident/v1/people/nobody/story')).body).toMatchObject({ objects: [] });
  });
});

describe('why', () => {
  const why = async (value: string, job = 'hr-to-wiki') => {
    const { body } = await ask(`/provident/v1/people/${value}/why?job=${job}`);
    expect(WhyView.parse(body)).toEqual(body);
    return WhyView.parse(body).jobs[0]!;
  };

  test('somebody is out of scope: the rule, the value, and what would change it', async () => {
    expect(await why(idOf('out-of-scope'))).toMatchObject({
      verdict: 'skipped',
      reason: 'out-of-scope',
      clauses: [{ filter: 'Staff', clause: "employeeType EQUALS 'staff'", actual: 'guest', holds: false }],
      wouldChange: [`filter "Staff" holds: employeeType EQUALS 'staff' (now it is "guest")`],
    });
  });

  test('somebody failed, in the words of the target, and what to do', async () => {
    expect(await why(idOf('given-up'))).toMatchObject({
      verdict: 'failed',
      reason: 'invalid-value',
      text: expect.stringContaining('phone is not a number'),
      wouldChange: [expect.stringContaining('Correct the value')],
    });
    expect(await why(idOf('bad-record'))).toMatchObject({
      verdict: 'failed',
      reason: 'no-anchor',
      wouldChange: ['The record cannot be used as it stands: correct it in the source.'],
    });
  });

  test('nothing has to change for those who are provisioned', async () => {
    for (const plot of ['joiner', 'unchanged', 'ambiguous'] as const)
      expect(await why(idOf(plot))).toMatchObject({ verdict: 'provisioned', wouldChange: [] });
  });

  test('nobody of that name was seen: which of the two readings applies', async () => {
    expect(await why('nobody')).toMatchObject({ verdict: 'not-seen', text: 'HR was read to its end and holds nobody with "nobody"' });
    expect(await why('nobody', 'hr-to-crm')).toMatchObject({ verdict: 'not-seen', text: expect.stringContaining('a cycle runs') });
    expect((await ask('/provident/v1/people/x/why?job=none')).status).toBe(404);
    expect(((await ask('/provident/v1/people/E-0/why')).body as WhyView).jobs).toHaveLength(2);
  });
});

test('a restart that forgets the links is told of the person and of the job', async () => {
  const linked = async (query: string) =>
    PersonStoryView.parse((await ask(`/provident/v1/people/E-0/story${query}`)).body).objects.map(({ jobId, account }) => [
      jobId,
      account.isLinked,
    ]);
  const before = ['hr-to-wiki', true];
  expect(await linked('')).toEqual([['hr-to-crm', false], before]);
  expect(await linked('?at=2026-03-04T23:00:00Z')).toEqual([['hr-to-crm', true], before]);
  expect((await ask('/provident/v1/jobs/hr-to-crm/changes?limit=1')).body).toMatchObject({
    changes: [{ type: 'job-restarted', by: { name: 'kim' }, text: 'the job begins anew: watermark, links' }],
  });
});

test('links are chosen when a job is applied, not when it is simulated', async () => {
  const send = async (path: string) => {
    const body = JSON.stringify({ definition: {}, links: 'keep' });
    return (await fetch(new URL(path, api.url), { method: 'POST', body, headers: { 'content-type': 'application/json' } })).status;
  };
  expect([await send('/provident/v1/jobs'), await send('/provident/v1/jobs/validate'), await send('/provident/v1/simulate')]).toEqual([
    200, 400, 400,
  ]);
});

test('two attempts are told apart', async () => {
  const { body } = await ask(`/provident/v1/attempts/difference?from=hr-to-wiki-c1-${idOf('rejected')}&toAttempt=1`);
  expect(AttemptDifferenceView.parse(body)).toEqual(body);
  expect(body).toMatchObject({
    from: { attempt: 0, outcome: 'failed', failure: { code: 'invalid-value' } },
    to: { attempt: 1, outcome: 'exported', failure: null },
    source: [],
    planned: [],
    facts: [
      { name: 'failure', to: null },
      { name: 'outcome', from: 'failed', to: 'exported' },
    ],
  });
  const changes = await ask('/provident/v1/attempts/difference?from=hr-to-wiki-c1-E-0&to=hr-to-wiki-c2-E-0');
  expect(AttemptDifferenceView.parse(changes.body).source).toContainEqual({
    name: 'givenName',
    from: 'Person E-0',
    to: '=Zoë, "the" Müller',
  });
  expect((await ask('/provident/v1/attempts/difference?from=none')).status).toBe(404);
  expect((await ask('/provident/v1/attempts/difference?from=hr-to-wiki-c1-E-0&toAttempt=7')).status).toBe(404);
});

test('a cycle is reported with its latencies and causes', async () => {
  const { body } = await ask('/provident/v1/jobs/hr-to-wiki/cycles/hr-to-wiki-c1/report');
  const report = CycleReportView.parse(body);
  expect(report.cycle).toEqual((await ask('/provident/v1/jobs/hr-to-wiki/cycles/hr-to-wiki-c1')).body);
  expect(report.latency!.count).toBeGreaterThan(3);
  expect(report.latency!.p50).toBeLessThanOrEqual(report.latency!.max);
  expect(report.causes).toContainEqual({
    status: 'failure',
    action: 'other',
    reason: 'no-anchor',
    count: 1,
    example: 'row 17 has no employee number',
  });
});

test('who changed a job, and what in it', async () => {
  const { body } = await ask('/provident/v1/jobs/hr-to-wiki/changes?limit=2');
  const page = JobChangesView.parse(body);
  expect(page.changes).toMatchObject([
    {
      revision: 2,
      by: { kind: 'user', name: 'kim' },
      difference: [{ path: 'objects[0].attributes[0].source', old: 'mail', new: 'login' }],
    },
    { type: 'removals-released' },
  ]);
  const rest = JobChangesView.parse((await ask(`/provident/v1/jobs/hr-to-wiki/changes?limit=2&cursor=${page.next}`)).body);
  expect(rest).toMatchObject({ changes: [{ revision: 1, difference: [] }], next: null });
});

describe('an export', () => {
  const file = async (path: string) => {
    const response = await fetch(new URL(path, api.url));
    expect(response.status).toBe(200);
    return { type: response.headers.get('content-type'), text: await response.text() };
  };

  test('is the whole answer as CSV, in three files joined by change id, that no spreadsheet runs', async () => {
    const read = async (name: string) =>
      parse((await file(`/provident/v1/export/provisioning?file=${name}`)).text, { columns: true, bom: true }) as Record<string, string>[];
    const [entries, steps, modified] = [await read('entries'), await read('steps'), await read('modified-properties')];
    expect(entries).toHaveLength(plots.length + 2);
    expect(entries.find(({ id }) => id === 'hr-to-wiki-c2-E-0')).toMatchObject({
      sourceIdentityDisplayName: `'=Zoë, "the" Müller`,
      status: 'success',
    });
    expect(entries.find(({ sourceIdentityId }) => sourceIdentityId === idOf('given-up'))).toMatchObject({
      errorCode: 'InvalidValue',
      reason: expect.stringContaining('phone'),
    });
    const whole = (await file('/provident/v1/export/provisioning?format=jsonl')).text.trimEnd().split('\n');
    const initiators = whole.map((line) => ProvisioningObjectSummary.parse(JSON.parse(line)).initiatedBy.displayName);
    expect(initiators).toContain('Provident');
    expect(entries.map(({ initiatedBy }) => initiatedBy)).toEqual(initiators);
    const ids = new Set(entries.map(({ changeId }) => changeId));
    for (const row of [...steps, ...modified]) expect(ids).toContain(row['changeId']);
    expect(steps.length).toBeGreaterThan(3 * entries.length);
  });

  test('is filtered as Graph filters, and comes as JSON lines too', async () => {
    const { type, text } = await file(
      `/provident/v1/export/provisioning?format=jsonl&$filter=${encodeURIComponent(`sourceIdentity/id eq 'E-0'`)}`,
    );
    expect(type).toBe('application/jsonl; charset=utf-8');
    const entries = text
      .trimEnd()
      .split('\n')
      .map((line) => ProvisioningObjectSummary.parse(JSON.parse(line)));
    expect(entries.map(({ id }) => id)).toEqual(['hr-to-crm-c1-E-0', 'hr-to-wiki-c2-E-0', 'hr-to-wiki-c1-E-0']);
    expect((await file(`/provident/v1/export/audits?$filter=${encodeURIComponent(`result eq 'failure'`)}`)).text).toContain(
      'Synchronization rule action',
    );
    expect(
      (await file(`/provident/v1/export/audits?$filter=${encodeURIComponent(`id eq 'x'`)}`)).text.trimEnd().split('\r\n'),
    ).toHaveLength(1);
    expect((await file(`/provident/v1/export/audits?format=jsonl&$filter=${encodeURIComponent(`id eq 'x'`)}`)).text).toBe('');
    const refused = await ask('/provident/v1/export/audits?$filter=nme');
    expect([refused.status, ErrorView.parse(refused.body).error.code]).toEqual([400, 'bad-query']);
  });

  test('of the log has every entry that fits, as its pages show them, and without steps where they are not wanted', async () => {
    const all = LogPageView.parse((await ask('/provident/v1/log?limit=1000')).body).entries;
    const read = async (query: string): Promise<LogEntryView[]> => {
      const { type, text } = await file(`/provident/v1/export/log${query}`);
      expect(type).toBe('application/jsonl; charset=utf-8');
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => LogEntryView.parse(JSON.parse(line)));
    };
    expect(all.length).toBeGreaterThan(plots.length);
    expect(await read('')).toEqual(all);
    expect(await read('?detail=entries')).toEqual(all.map((entry) => ({ ...entry, steps: [] })));
    expect(await read('?status=failure')).toEqual(all.filter(({ status }) => status === 'failure'));
    expect(await read('?user=E-0')).toEqual(all.filter(({ sourceId }) => sourceId === 'E-0'));
    expect(await read('?user=nobody')).toEqual([]);
    expect((await ask('/provident/v1/export/log?limit=5')).status).toBe(400);
  });

  test('of many entries is read as fast as it is taken, and no faster', async () => {
    await api.models.dataSource.query(`
      insert into provisioning_entry
      select 'big-' || n, 'big', 'c', 'user:P-' || n, 'user', 'P-' || n, null, repeat('name ', 1000), null, 'update', 'success', null, '', 1, 3, null, null,
             timestamptz '2027-01-01' + n * interval '1 second', timestamptz '2027-01-01' + n * interval '1 second', null, n, n, '[]'
      from generate_series(1, 12000) n`);
    let pages = 0;
    const { dataSource } = api;
    const original = dataSource.query.bind(dataSource);
    dataSource.query = ((sql: string, ...rest: unknown[]) => {
      if (sql.includes('from provisioning_entry entry')) pages += 1;
      return (original as (...all: unknown[]) => Promise<unknown>)(sql, ...rest);
    }) as typeof dataSource.query;
    try {
      const response = await fetch(
        new URL(`/provident/v1/export/provisioning?$filter=${encodeURIComponent(`startswith(id, 'big-')`)}`, api.url),
      );
      const reader = response.body!.getReader();
      await reader.read();
      const lately = async (): Promise<number> => {
        const before = pages;
        await new Promise((resolve) => setTimeout(resolve, 300));
        return pages === before ? pages : lately();
      };
      expect(await lately()).toBeLessThan(10);
      let lines = 0;
      for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read())
        lines += (chunk.value as Uint8Array).filter((byte) => byte === 10).length;
      expect(lines).toBeGreaterThan(11_000);
      expect(pages).toBe(12);
    } finally {
      dataSource.query = original;
      await dataSource.query(`delete from provisioning_entry where job_id = 'big'`);
    }
  }, 60_000);
});

describe('the OpenAPI document', () => {
  test('is served, and names every route of the service and no other', async () => {
    const { body } = await ask('/provident/v1/openapi.json');
    expect(body).toEqual(JSON.parse(JSON.stringify(openApiDocument())));
    const served = new Set(
      api.routes
        .map((route) => route.replace(/ \/(beta|v1\.0)\/applications\//, ' /$1/servicePrincipals/').replace(' /beta/', ' /v1.0/'))
        .map((route) => route.replace(/directoryProvisioning$/, 'provisioning'))
        .filter((route) => !route.endsWith('()') && !isPage(route))
        .map(nameless),
    );
    const documented = new Set(Object.values<Route>(routes).map(({ method, path }) => nameless(`${method} ${path}`)));
    expect([...served].toSorted()).toEqual([...documented].toSorted());
  });

  test('is kept by every route, whatever is asked: no failure inside, no other form of error, no answer that never comes', async () => {
    const check = { checkId: 'x', kind: 'verify', state: 'running', by: { kind: 'user', name: 'local' }, startedAt: '', endedAt: null };
    const system = { name: 'x', problem: null, objectTypes: [] };
    const systems = { source: system, target: system };
    const preview = {
      found: false,
      id: 'E-0',
      displayName: null,
      attributes: {},
      inScope: false,
      clauses: [],
      active: null,
      mappings: [],
      issues: [],
    };
    api.commands.answer = {
      ok: true,
      message: 'done',
      issues: [],
      result: {
        check: { ...check, position: 0, head: 0, findings: [] },
        ...onDemandView('hr-to-wiki'),
        ...systems,
        ...preview,
        streams: [],
        keys: [],
        system: 'source',
        ok: true,
        message: '',
        tookMs: 1,
      },
    };
    const quick = Object.entries<Route>(routes).filter(([name]) => name !== 'follow');
    const values: Record<string, string[]> = {
      jobId: ['hr-to-wiki', 'none'],
      cycleId: ['hr-to-wiki-c1'],
      simulationId: [simulation.simulationId, 'none'],
      action: ['create'],
      cause: ['none'],
      state: ['waiting'],
      value: ['E-0', 'w-E-0'],
      search: ['per', 'E-'],
      principal: [api.principalOf('hr-to-wiki')],
      id: ['hr-to-wiki-c1-E-0', 'Sync_x_0_5'],
      templateId: ['scim'],
      directoryId: [partId('target-directory', 'hr-to-wiki')],
      connection: ["objectConnections('E-0')"],
      $filter: [`id eq 'x'`, `startswith(id, 'hr') and not (id eq null)`, `contains(tolower(id), 'E')`],
      $select: ['id', 'ID,activityDateTime'],
      $orderby: ['activityDateTime asc'],
      $top: ['0', '3', '99999'],
      $count: ['true'],
      limit: ['1', '2'],
      since: ['2026-03-02'],
      at: ['2026-03-02T09:00:01Z'],
      from: ['hr-to-wiki-c1-E-0'],
      format: ['csv', 'jsonl'],
      file: ['steps', 'entries'],
    };
    const wild = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string(),
      fc.webQueryParameters(),
      fc.constantFrom('', '0', '-1', 'null', '\0', "'", '%00', '1e400', '9'.repeat(20)),
    );
    const valueOf = (name: string): fc.Arbitrary<string> =>
      fc.oneof({ arbitrary: fc.constantFrom(...(values[name] ?? ['x'])), weight: 2 }, { arbitrary: wild, weight: 1 });
    const { paths } = openApiDocument() as { paths: Record<string, Record<string, { operationId: string; requestBody?: Body }>> };
    const schemas = new Map(
      Object.values(paths).flatMap((methods) => Object.values(methods).map(({ operationId, requestBody }) => [operationId, requestBody])),
    );
    const bodyOf = (name: string): fc.Arbitrary<string> => {
      const fitting = fromSchema(schemas.get(name)?.content['application/json'].schema ?? {});
      const known = fc.constantFrom(
        '{}',
        '',
        '{',
        '{"definition":{}}',
        '{"all":true}',
        '{"subjects":[{"id":"E-0"}]}',
        '{"expression":"[a]"}',
      );
      return fc.oneof(
        { arbitrary: fitting.map((value) => JSON.stringify(value) ?? ''), weight: 3 },
        { arbitrary: slightlyWrong(fitting).map((value) => JSON.stringify(value) ?? ''), weight: 2 },
        { arbitrary: fc.json(), weight: 1 },
        { arbitrary: known, weight: 2 },
      );
    };
    const request = fc.constantFrom(...quick).chain(([name, route]) => {
      const parameters = [...route.path.matchAll(/:(\w+)/g)].map(([, parameter]) => parameter!);
      const options = Object.keys(route.query?.shape ?? {});
      return fc.record({
        name: fc.constant(name),
        route: fc.constant(route),
        path: fc.tuple(...parameters.map(valueOf)).map((given) => {
          let index = 0;
          return route.path.replace(/:\w+/g, () => encodeURIComponent(wellFormed(given[index++]!)) || 'x');
        }),
        query: fc
          .subarray(options)
          .chain((chosen) => fc.tuple(...chosen.map((option) => valueOf(option).map((text) => [option, wellFormed(text)])))),
        body: route.body === undefined ? fc.constant(null) : bodyOf(name),
      });
    });
    await fc.assert(
      fc.asyncProperty(request, async ({ name, route, path, query, body }) => {
        const url = new URL(path, api.url);
        for (const [option, text] of query) url.searchParams.append(option!, text!);
        const response = await fetch(url, {
          method: route.method,
          ...(body !== null && { body, headers: { 'content-type': 'application/json' } }),
          signal: AbortSignal.timeout(120_000),
        });
        const text = await response.text();
        // Without a broker and a scheduler, health may be 503; nothing else may.
        expect([name, url.href, body, response.status < 500 || name === 'ready']).toEqual([name, url.href, body, true]);
        if (response.ok && route.answer) route.answer.parse(JSON.parse(text));
        if (!response.ok)
          (route.path.startsWith('/v1.0') && url.pathname.startsWith('/v1.0') ? GraphError : ErrorView).parse(JSON.parse(text));
      }),
      { numRuns: Number(process.env['PROVIDENT_FUZZ_RUNS'] ?? 1_000) },
    );
    expect(api.errors).toEqual([]);
  }, 600_000);
});

interface Body {
  readonly content: { readonly 'application/json': { readonly schema: Record<string, unknown> } };
}

/** The portal answers with pages and files for people: they are no part of the API. */
const isPage = (route: string): boolean => ['GET /', `GET ${portalPath}`, `GET ${portalPath}/*`].includes(route);
/** Half a pair of surrogates has no form in UTF-8. */
const wellFormed = (text: string): string => Buffer.from(text).toString();
const nameless = (route: string): string => route.replace(/:\w+/g, ':');
