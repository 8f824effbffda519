import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Client, PageIterator } from '@microsoft/microsoft-graph-client';
import {
  ActionTaken,
  ApplyJob,
  AttributeMappingFunctionSchema,
  CommandAnswer,
  ConnectionTested,
  DirectoryDefinition,
  FilterOperatorSchema,
  is,
  ObjectConnection,
  OnDemandObject,
  OnDemandOutcome,
  ParseExpressionResponse,
  ServicePrincipal,
  Synchronization,
  SynchronizationJob,
  SynchronizationSchema,
  SynchronizationTemplate,
} from '@provident/contracts';
import { plots, Projector, Story } from '@provident/projection/testing';
import type { JobDefinition } from '@provident/domain';
import { getConfiguration, partId } from '@provident/report';

import { onDemandView } from '../testing/on-demand-view.js';
import { startTestApi, type TestApi } from '../testing/test-api.js';
import { startTlsFront } from '../testing/tls-front.js';
import { withoutContext } from '../testing/without-context.js';

const expression = 'IIF([level] > 3, Join(".", "x", [givenName], "a\\"b"), "none")';
const objects = [
  {
    type: 'user',
    scope: [
      {
        name: 'Staff',
        all: [
          { attribute: 'employeeType', operator: 'EQUALS', value: 'staff' },
          { attribute: 'mail', operator: 'IS NOT NULL' },
        ],
      },
    ],
    attributes: [
      { target: 'userName', source: 'mail', matching: 1 },
      { target: 'displayName', expression },
      { target: 'userType', constant: 'Staff', apply: 'on-create' },
      { target: 'locale', default: 'nl-NL' },
    ],
  },
];
const target = { connector: 'scim', config: { url: 'https://app.example.com/scim/v2', auth: { bearer: { secret: 'app-token' } } } };
const { events } = new Story()
  .configured({ objects, target, schedule: { every: '90m' } })
  .cycle(
    plots.map((plot, i) => ({ plot, id: `E-${i}` })),
    { kind: 'initial' },
  )
  .failedCycle();
const running = new Story('hr-to-crm', '2026-03-04T00:00:00.000Z', events.length)
  .configured()
  .cycle([{ plot: 'joiner', id: 'E-0' }], { close: false });

let api: TestApi;
let front: Awaited<ReturnType<typeof startTlsFront>>;
let client: Client;
const principal = partId('service-principal', 'hr-to-wiki');
const jobs = `/servicePrincipals/${principal}/synchronization/jobs`;
const job = `${jobs}/hr-to-wiki`;

beforeAll(async () => {
  api = await startTestApi([...events, ...running.events]);
  front = await startTlsFront(api.url);
  client = Client.init({ authProvider: (done) => done(null, 'token'), baseUrl: `${front.url}/`, customHosts: new Set(['127.0.0.1']) });
}, 120_000);
afterAll(async () => {
  await front?.close();
  await api?.close();
});

test('every job has a service principal, found by its name', async () => {
  const { value } = await client.api('/servicePrincipals').filter(`displayName eq 'Wiki'`).get();
  for (const each of value) expect(ServicePrincipal.strict().parse(each)).toEqual(each);
  expect(value.map(({ id }: ServicePrincipal) => id)).toEqual([partId('service-principal', 'hr-to-crm'), principal]);
  expect(withoutContext(await client.api(`/servicePrincipals/${principal.toUpperCase()}`).get())).toEqual(value[1]);
  await expect(client.api('/servicePrincipals/none').get()).rejects.toMatchObject({ statusCode: 404 });
});

test('small collections are asked as large ones are, and what is not supported is refused', async () => {
  const all = await client.api(`${job}/schema/functions`).get();
  const names = all.value.map(({ name }: AttributeMappingFunctionSchema) => name);
  expect(all['@odata.context']).toMatch(/#Collection\(microsoft\.graph\.attributeMappingFunctionSchema\)$/);
  const paged: string[] = [];
  const first = await client.api(`${job}/schema/functions`).top(20).count(true).select('name').get();
  expect(first['@odata.count']).toBe(names.length);
  await new PageIterator(client, first, (item) => paged.push(item.name) > 0).iterate();
  expect(paged).toEqual(names);
  expect(Object.keys(await client.api(job).select(['id', 'status']).get())).toEqual(['@odata.context', 'id', 'status']);
  for (const path of [
    jobs,
    job,
    `${job}/schema`,
    `/servicePrincipals/${principal}/synchronization/templates`,
    `/servicePrincipals/${principal}`,
  ])
    await expect(client.api(path).filter("id eq 'x'").get()).rejects.toMatchObject({
      statusCode: 400,
      message: expect.stringContaining('$filter'),
    });
});

test('a path that is there with other methods says which', async () => {
  for (const [method, path, allowed] of [
    ['PATCH', job, 'DELETE, GET'],
    ['POST', `${job}/schema`, 'DELETE, GET, PUT'],
    ['PUT', `${job}/start`, 'POST'],
  ] as const) {
    const answer = await fetch(new URL(`/beta${path}`, api.url), { method, headers: { 'content-type': 'application/json' }, body: '{}' });
    expect([answer.status, answer.headers.get('allow'), await answer.json()]).toMatchObject([
      405,
      allowed,
      { error: { code: 'MethodNotAllowed' } },
    ]);
  }
});

describe('a job', () => {
  test('tells its state, its quarantine, its runs and its counts', async () => {
    const { value } = await client.api(jobs).get();
    expect(value).toEqual([withoutContext(await client.api(job).get())]);
    expect(SynchronizationJob.strict().parse(value[0])).toEqual(value[0]);
    expect(value[0]).toMatchObject({
      id: 'hr-to-wiki',
      templateId: 'scim',
      schedule: { interval: 'PT1H30M', state: 'Active', expiration: null },
      status: {
        code: 'Quarantine',
        countSuccessiveCompleteFailures: 1,
        lastExecution: { state: 'Failed', activityIdentifier: 'hr-to-wiki-c2', error: { message: expect.any(String) } },
        lastSuccessfulExecution: null,
        progress: [],
        quarantine: { reason: 'EncounteredQuarantineException', seriesCount: 1, error: { tenantActionable: true } },
        synchronizedEntryCountByType: [{ key: 'user to User', value: expect.any(Number) }],
        troubleshootingUrl: '',
      },
    });
    expect(value[0].status.steadyStateFirstAchievedTime).toMatch(/^2026-03-02T/);
  });

  test('shows the progress of the cycle that runs, and "never" where nothing was yet', async () => {
    const other = partId('service-principal', 'hr-to-crm');
    const { status } = await client.api(`/servicePrincipals/${other}/synchronization/jobs/hr-to-crm`).get();
    expect(status).toMatchObject({
      code: 'Active',
      lastExecution: null,
      quarantine: null,
      progress: [{ completedUnits: 1, totalUnits: 1, units: 'objects' }],
      steadyStateFirstAchievedTime: '0001-01-01T00:00:00Z',
    });
    await expect(client.api(`/servicePrincipals/${other}/synchronization/jobs/hr-to-wiki`).get()).rejects.toMatchObject({
      statusCode: 404,
    });
  });

  test('gives its rules as a synchronization schema', async () => {
    const schema = withoutContext(await client.api(`${job}/schema`).get());
    expect(SynchronizationSchema.parse(schema)).toEqual(schema);
    const [mapping] = schema.synchronizationRules[0].objectMappings;
    expect(mapping).toMatchObject({
      flowTypes: 'Add, Update, Delete',
      sourceObjectName: 'user',
      targetObjectName: 'User',
      scope: {
        groups: [
          {
            name: 'Staff',
            clauses: [
              { operatorName: 'EQUALS', sourceOperandName: 'employeeType', targetOperand: { values: ['staff'] } },
              { operatorName: 'IS NOT NULL', sourceOperandName: 'mail', targetOperand: { values: [] } },
            ],
          },
        ],
      },
    });
    expect(mapping.attributeMappings).toMatchObject([
      { targetAttributeName: 'userName', matchingPriority: 1, source: { type: 'Attribute', name: 'mail', expression: '[mail]' } },
      { targetAttributeName: 'displayName', source: { type: 'Function', name: 'IIF', expression } },
      { targetAttributeName: 'userType', flowType: 'ObjectAddOnly', source: { type: 'Constant', name: 'Staff' } },
      { targetAttributeName: 'locale', source: null, defaultValue: 'nl-NL' },
    ]);
    const [condition, joined] = mapping.attributeMappings[1].source.parameters;
    expect(condition).toMatchObject({
      value: { type: 'Function', name: '>', parameters: [{ value: { name: 'level' } }, { value: { name: '3' } }] },
    });
    expect(joined.value.parameters.map(({ value }: { value: { type: string; name: string } }) => [value.type, value.name])).toEqual([
      ['Constant', '.'],
      ['Constant', 'x'],
      ['Attribute', 'givenName'],
      ['Constant', 'a"b'],
    ]);
    expect(
      schema.directories.map(({ objects }: SynchronizationSchema['directories'][number]) => objects[0]!.attributes.map(({ name }) => name)),
    ).toEqual([
      ['mail', 'level', 'givenName', 'employeeType'],
      ['userName', 'displayName', 'userType', 'locale'],
    ]);
  });

  describe('takes its rules as a synchronization schema', () => {
    afterAll(() => void api.commands.sent.splice(0));
    type Schema = SynchronizationSchema;
    const given = async (): Promise<Schema> => client.api(`${job}/schema`).get();
    const put = (schema: unknown): Promise<unknown> => client.api(`${job}/schema`).put(schema);
    const applied = (): { definition: JobDefinition; by: unknown } => {
      const [subject, payload] = api.commands.sent.at(-1)!;
      expect(subject).toBe(ApplyJob.subject);
      return payload as never;
    };
    const rules = (schema: Schema) => schema.synchronizationRules[0]!.objectMappings[0]!;

    test('its own changes nothing, whatever a schema cannot say', async () => {
      await put(await given());
      const { definition, by } = applied();
      expect(by).toEqual({ kind: 'user', name: 'local' });
      const { definition: before } = await getConfiguration(api.dataSource, 'hr-to-wiki');
      expect(definition).toEqual(before);
    });

    test('only over the revision that its sender has seen, and that it is made from', async () => {
      const url = new URL(`/v1.0${job}/schema`, api.url);
      const seen = await fetch(url);
      const [schema, tag] = [(await seen.json()) as Schema, seen.headers.get('etag')!];
      const send = (ifMatch?: string, method = 'PUT') =>
        fetch(url, {
          method,
          headers: {
            ...(method === 'PUT' && { 'content-type': 'application/json' }),
            ...(ifMatch !== undefined && { 'if-match': ifMatch }),
          },
          ...(method === 'PUT' && { body: JSON.stringify(schema) }),
        });
      const before = api.commands.sent.length;
      for (const [ifMatch, status, code] of [
        ['W/"99"', 412, 'PreconditionFailed'],
        ['"98", "99"', 412, 'PreconditionFailed'],
        ['1', 400, 'BadRequest'],
        ['"', 400, 'BadRequest'],
      ] as const) {
        for (const method of ['PUT', 'DELETE']) {
          const refused = await send(ifMatch, method);
          expect([refused.status, await refused.json()]).toMatchObject([status, { error: { code } }]);
        }
      }
      expect(api.commands.sent.length).toBe(before);
      for (const ifMatch of [tag, `"7", ${tag}`, '*', undefined]) {
        expect((await send(ifMatch)).status).toBe(204);
        expect(applied()).toMatchObject({ revision: Number(schema.version) });
      }
    });

    test('mappings, scope and actions become those of the job; the rest of each stays', async () => {
      const schema = await given();
      const mapping = rules(schema);
      mapping.flowTypes = 'Update, Add';
      mapping.scope!.groups[0]!.clauses[0]!.targetOperand.values = ['partner'];
      mapping.attributeMappings[1]!.source = {
        type: 'Function',
        name: 'ToUpper',
        expression: 'ToUpper( [givenName] )',
        parameters: [{ key: 'source', value: { type: 'Attribute', name: 'givenName', expression: '[givenName]', parameters: [] } }],
      };
      mapping.attributeMappings[2]!.flowType = 'Always';
      mapping.attributeMappings[3]!.defaultValue = 'fr-FR';
      const added = {
        ...mapping.attributeMappings[0]!,
        targetAttributeName: 'nickName',
        matchingPriority: 0,
        source: { type: 'Attribute' as const, name: 'nick', expression: '[nick]', parameters: [] },
      };
      mapping.attributeMappings.push(added);
      await put(schema);
      const [changed] = applied().definition.objects;
      const { definition: before } = await getConfiguration(api.dataSource, 'hr-to-wiki');
      expect(applied().definition).toEqual({ ...before, objects: [changed] });
      expect(changed).toMatchObject({
        ...before.objects[0],
        actions: ['create', 'update'],
        scope: [{ name: 'Staff', all: [{ value: 'partner' }, { operator: 'IS NOT NULL' }] }],
        attributes: [
          { target: 'userName', source: 'mail', matching: 1 },
          { target: 'displayName', expression: 'ToUpper( [givenName] )' },
          { target: 'userType', constant: 'Staff', apply: 'always' },
          { target: 'locale', default: 'fr-FR' },
          { target: 'nickName', source: 'nick' },
        ],
      });
    });

    const at = '/objectMappings/0';
    test.each<[string, (schema: Schema) => void, string]>([
      ['rules that are switched off', (schema) => (rules(schema).enabled = false), `synchronizationRules/0${at}/enabled`],
      [
        'a filter on groups',
        (schema) => (schema.synchronizationRules[0]!.groupFilter.includedGroups = ['g']),
        'synchronizationRules/0/groupFilter/includedGroups',
      ],
      [
        'two values in a clause',
        (schema) => (rules(schema).scope!.groups[0]!.clauses[0]!.targetOperand.values = ['a', 'b']),
        `synchronizationRules/0${at}/scope/groups/0/clauses/0/targetOperand/values`,
      ],
      [
        'a flow that is always',
        (schema) => (rules(schema).attributeMappings[0]!.flowBehavior = 'FlowAlways'),
        `synchronizationRules/0${at}/attributeMappings/0/flowBehavior`,
      ],
      [
        'an expression with a mistake',
        (schema) =>
          (rules(schema).attributeMappings[1]!.source = { type: 'Function', name: 'Join', expression: 'Join("-", [a]', parameters: [] }),
        `synchronizationRules/0${at}/attributeMappings/1/source/expression`,
      ],
      [
        'a tree that is not its expression',
        (schema) => (rules(schema).attributeMappings[1]!.source!.parameters[0]!.value.name = '<'),
        `synchronizationRules/0${at}/attributeMappings/1/source/parameters/0/value/name`,
      ],
      [
        'an attribute twice',
        (schema) => rules(schema).attributeMappings.push(rules(schema).attributeMappings[0]!),
        `synchronizationRules/0${at}/attributeMappings/4/targetAttributeName`,
      ],
      ['another kind of objects', (schema) => (rules(schema).targetObjectName = 'Room'), `synchronizationRules/0${at}`],
      [
        'another system',
        (schema) => (schema.synchronizationRules[0]!.targetDirectoryName = 'Elsewhere'),
        'synchronizationRules/0/targetDirectoryName',
      ],
      [
        'another attribute of a system',
        (schema) => (schema.directories[1]!.objects[0]!.attributes[0]!.required = true),
        'directories/1/objects/0/attributes/0/required',
      ],
      ['something unknown', (schema) => Object.assign(schema, { extra: 1 }), 'extra'],
      ['no rules', (schema) => (schema.synchronizationRules = []), 'synchronizationRules'],
    ])('%s: refused, with the place', async (_, change, place) => {
      const schema = await given();
      change(schema);
      const before = api.commands.sent.length;
      await expect(put(schema)).rejects.toMatchObject({ statusCode: 400, message: expect.stringContaining(`${place}: `) });
      expect(api.commands.sent.length).toBe(before);
    });

    test('what the job-scheduler does not take is refused with its places', async () => {
      const issues = [{ path: ['objects', 0, 'attributes', 1, 'target'], message: 'the target has no such attribute' }];
      api.commands.answerTo = () => CommandAnswer.parse({ ok: false, message: '1 problem', issues });
      await expect(put(await given())).rejects.toMatchObject({
        statusCode: 400,
        message: '1 problem; objects/0/attributes/1/target: the target has no such attribute',
      });
      api.commands.answerTo = null;
    });
  });

  test('lists functions, operators and templates', async () => {
    for (const name of ['functions', 'functions()']) {
      const { value } = await client.api(`${job}/schema/${name}`).get();
      for (const each of value) expect(AttributeMappingFunctionSchema.parse(each)).toEqual(each);
      expect(value.map(({ name: known }: AttributeMappingFunctionSchema) => known)).toContain('Switch');
    }
    const { value: operators } = await client.api(`${job}/schema/filterOperators()`).get();
    for (const each of operators) expect(FilterOperatorSchema.parse(each)).toEqual(each);
    expect(operators).toContainEqual(expect.objectContaining({ name: 'IS NULL', arity: 'Unary' }));
    const { value: templates } = await client.api(`/applications/${partId('application', 'hr-to-wiki')}/synchronization/templates`).get();
    expect(templates.map((each: unknown) => SynchronizationTemplate.parse(each).id)).toEqual(['scim']);
  });

  test('tells the attributes of both systems as its rules name them, and as the systems do when they are asked', async () => {
    const { directories } = (await client.api(`${job}/schema`).get()) as SynchronizationSchema;
    expect((await client.api(`${job}/schema/directories`).get()).value).toEqual(directories);
    const [source, target] = directories as [DirectoryDefinition, DirectoryDefinition];
    expect(withoutContext(await client.api(`${job}/schema/directories/${target.id.toUpperCase()}`).get())).toEqual(target);
    await expect(client.api(`${job}/schema/directories/none`).get()).rejects.toMatchObject({
      statusCode: 404,
      message: expect.stringContaining(`${source.id} (HR)`),
    });
    const attribute = (name: string, type: string, more: object = {}) => ({
      name,
      type,
      multiValued: false,
      required: false,
      readOnly: false,
      ...more,
    });
    const described = (name: string, complete: boolean, attributes: object[]) => ({
      name: 'It',
      problem: null,
      objectTypes: [{ name, complete, attributes }],
    });
    let problem: string | null = null;
    api.commands.answerTo = (command, payload) => {
      expect([command.subject, payload]).toMatchObject([
        'provident.command.describe-job-systems',
        { definition: { job: 'hr-to-wiki' }, baseDir: '/jobs' },
      ]);
      const people = described('user', false, [
        attribute('id', 'integer', { required: true }),
        attribute('mail', 'string', { multiValued: true }),
      ]);
      const accounts = described('User', true, [
        attribute('userName', 'string'),
        attribute('meta.created', 'dateTime', { readOnly: true }),
      ]);
      return CommandAnswer.parse({ ok: true, message: 'described', result: { source: { ...people, problem }, target: accounts } });
    };
    const discover = (id: string): Promise<DirectoryDefinition> => client.api(`${job}/schema/directories/${id}/discover`).post(undefined);
    const found = await discover(source.id);
    expect(found).toEqual({
      ...DirectoryDefinition.parse(found),
      '@odata.context': expect.stringMatching(/#microsoft\.graph\.directoryDefinition$/),
    });
    expect(found).toMatchObject({ id: source.id, name: 'HR', discoverabilities: 'AttributeNames, AttributeDataTypes, AttributeReadOnly' });
    expect(Date.parse(found.discoveryDateTime!)).not.toBeNaN();
    // The source may have more than it tells: what the rules name stays.
    expect(found.objects[0]!.attributes.map(({ name, type, required, multivalued }) => [name, type, required, multivalued])).toEqual([
      ['id', 'Integer', true, false],
      ['mail', 'String', false, true],
      ['level', 'String', false, false],
      ['givenName', 'String', false, false],
      ['employeeType', 'String', false, false],
    ]);
    expect((await discover(target.id)).objects[0]!.attributes.map(({ name, type, mutability }) => [name, type, mutability])).toEqual([
      ['userName', 'String', 'ReadWrite'],
      ['meta.created', 'DateTime', 'ReadOnly'],
    ]);
    const taken = api.log.events.filter((event) => is(event, ActionTaken)).map(({ data }) => data);
    expect(taken.slice(-1)).toMatchObject([{ about: 'hr-to-wiki', route: expect.stringMatching(/^POST .*\/discover$/) }]);
    problem = 'the file is gone';
    await expect(discover(source.id)).rejects.toMatchObject({
      statusCode: 400,
      message: 'the source could not be asked: the file is gone',
    });
    api.commands.answerTo = null;
  });

  test.each([
    ['Join("-", [a], [b])', { parsingSucceeded: true, evaluationSucceeded: true, evaluationResult: ['1-2'], error: null }],
    ['[a]', { parsingSucceeded: true, evaluationResult: ['1'], parsedExpression: { type: 'Attribute', name: 'a' } }],
    ['Split([b], ",")', { evaluationResult: ['2'] }],
    ['Join("-", [a]', { parsingSucceeded: false, error: { code: 'InvalidExpression', message: expect.stringContaining('column 14') } }],
    ['Jion("-", [a])', { parsingSucceeded: false, error: { message: expect.stringContaining('Jion') } }],
    ['CDate([a])', { evaluationSucceeded: false, evaluationResult: [], error: { message: expect.stringContaining('not a date') } }],
  ])('%s is parsed and tried', async (text, expected) => {
    const properties = [
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ];
    const answer = await client
      .api(`${job}/schema/parseExpression`)
      .post({ expression: text, testInputObject: { definition: {}, properties } });
    expect(ParseExpressionResponse.parse(answer)).toMatchObject(expected);
  });

  test('is started, paused and tried, without a body', async () => {
    api.commands.sent.length = 0;
    const by = { kind: 'user', name: 'local' };
    const letsIn = { source: true, target: true };
    api.commands.answerTo = (_, payload) => {
      const { system } = payload as { system?: 'source' | 'target' };
      const result = system && { system, ok: letsIn[system], message: letsIn[system] ? 'HR' : 'answered 401', tookMs: 3 };
      return CommandAnswer.parse({ ok: true, message: 'done', result: result ?? {} });
    };
    for (const action of ['start', 'pause', 'validateCredentials'])
      expect(await client.api(`${job}/${action}`).post(undefined)).toBeUndefined();
    const test = { definition: { job: 'hr-to-wiki' }, baseDir: '/jobs' };
    expect(api.commands.sent.slice(0, 2)).toMatchObject([
      ['provident.command.start-job', { jobId: 'hr-to-wiki', by }],
      ['provident.command.pause-job', { jobId: 'hr-to-wiki', by }],
    ]);
    // Both systems at once: who is asked first is nobody's matter.
    for (const system of ['source', 'target'])
      expect(api.commands.sent.slice(2)).toContainEqual([
        'provident.command.test-connection',
        expect.objectContaining({ definition: expect.objectContaining(test.definition), baseDir: test.baseDir, system }),
      ]);
    letsIn.target = false;
    await expect(client.api(`${job}/validateCredentials`).post({ useSavedCredentials: true })).rejects.toMatchObject({
      statusCode: 400,
      message: 'the target does not let us in: answered 401',
    });
    api.commands.answerTo = null;
    api.commands.answer = CommandAnswer.parse({ ok: false, message: 'it is being removed' });
    await expect(client.api(`${job}/start`).post(undefined)).rejects.toMatchObject({ statusCode: 409, code: 'Conflict' });
    await expect(
      client.api(`${job}/validateCredentials`).post({ credentials: [{ key: 'SecretToken', value: 's' }] }),
    ).rejects.toMatchObject({ statusCode: 400 });
    const fromPage = await fetch(`${api.url}/v1.0${job}/start`, { method: 'POST', headers: { origin: 'https://evil.test' } });
    expect(fromPage.status).toBe(403);
  });

  test('is started without a body by those who do not even say that there is none', async () => {
    api.commands.answer = CommandAnswer.parse({ ok: true, message: 'done' });
    const { port, host } = new URL(api.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(`POST /v1.0${job}/start HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 204 /);
  });

  test('is restarted with what the criteria name', async () => {
    api.commands.sent.length = 0;
    api.commands.answer = CommandAnswer.parse({ ok: true, message: 'done' });
    expect(await client.api(`${job}/restart`).post({ criteria: { resetScope: 'Full' } })).toBeUndefined();
    await client.api(`${job}/restart`).post(undefined);
    expect(api.commands.sent).toMatchObject([
      ['provident.command.restart-job', { jobId: 'hr-to-wiki', scopes: ['links', 'escrows', 'watermark', 'quarantine'] }],
      ['provident.command.restart-job', { jobId: 'hr-to-wiki', scopes: [] }],
    ]);
    for (const resetScope of ['Everything', 'None', 7])
      await expect(client.api(`${job}/restart`).post({ criteria: { resetScope } })).rejects.toMatchObject({ statusCode: 400 });
  });

  test('provisions on demand, and answers with JSON in texts', async () => {
    api.commands.sent.length = 0;
    api.commands.answer = CommandAnswer.parse({ ok: true, message: 'done', result: onDemandView('hr-to-wiki') });
    const { synchronizationRules } = await client.api(`${job}/schema`).get();
    const ask = (more: object, ruleId: string = synchronizationRules[0].id) =>
      client
        .api(`${job}/provisionOnDemand`)
        .post({ parameters: [{ ruleId, subjects: [{ objectId: 'E-0', objectTypeName: 'User', ...more }] }] });
    const { key, value } = await ask({});
    expect(OnDemandOutcome.strict().parse(JSON.parse(key)).result).toBe('Success');
    expect(OnDemandObject.strict().parse(JSON.parse(value))).toMatchObject({ action: 'Update', targetIdentity: { id: 'w-E-0' } });
    expect(api.commands.sent).toMatchObject([
      [
        'provident.command.provision-on-demand',
        { jobId: 'hr-to-wiki', subjects: [{ id: 'E-0', objectType: 'user' }], allowRemoval: false },
      ],
    ]);
    await expect(ask({}, 'other')).rejects.toMatchObject({ statusCode: 400, message: expect.stringContaining('only') });
    await expect(ask({ links: { members: [{ objectId: 'x' }] } })).rejects.toMatchObject({ statusCode: 400 });
    api.commands.answer = CommandAnswer.parse({ ok: false, message: 'a system cannot be opened' });
    await expect(ask({})).rejects.toMatchObject({ statusCode: 409 });
  });

  test('connects a person with an account, by either identifier', async () => {
    const connection = withoutContext(await client.api(`${job}/objectConnections('E-0')`).version('beta').get());
    expect(ObjectConnection.parse(connection)).toEqual({
      objectId: 'E-0',
      sourceAnchor: 'E-0',
      targetAnchor: 'w-E-0',
      displayName: 'Person E-0',
      objectTypeName: 'User',
    });
    expect(withoutContext(await client.api(`${job}/objectConnections('w-E-0')`).get())).toEqual({ ...connection, objectId: 'w-E-0' });
    await expect(client.api(`${job}/objectConnections('o''neil')`).get()).rejects.toMatchObject({ statusCode: 404 });
    await expect(client.api(`${job}/objectConnections`).get()).rejects.toMatchObject({ statusCode: 400 });
    await expect(client.api(`${job}/bulk`).get()).rejects.toMatchObject({ statusCode: 404 });
  });
});

describe('what an application is provisioned with', () => {
  const synchronization = `/servicePrincipals/${principal}/synchronization`;
  /** Whether the target lets us in. */
  const letsIn = (ok: boolean): void => {
    api.commands.answerTo = () =>
      CommandAnswer.parse({ ok: true, message: 'done', result: { system: 'target', ok, message: ok ? 'in' : 'answered 401', tookMs: 1 } });
  };
  beforeEach(() => {
    api.secrets.values.clear();
    api.commands.sent.length = 0;
  });
  afterAll(() => void (api.commands.answerTo = null));

  test('is shown without a secret, under the principal and under the application; given back it changes nothing', async () => {
    const entity = withoutContext(await client.api(synchronization).get());
    expect(Synchronization.strict().parse(entity)).toEqual(entity);
    expect(entity).toEqual({
      id: principal,
      secrets: [
        { key: 'BaseAddress', value: 'https://app.example.com/scim/v2' },
        { key: 'SecretToken', value: null },
      ],
    });
    expect(
      await client
        .api(`/applications/${partId('application', 'hr-to-wiki')}/synchronization`)
        .version('beta')
        .get(),
    ).toMatchObject(entity);
    expect(await client.api(`${synchronization}/secrets`).get()).toMatchObject({ value: entity.secrets });
    expect(await client.api(synchronization).put(entity)).toBeUndefined();
    expect(await client.api(`${synchronization}/secrets`).put({ value: entity.secrets })).toBeUndefined();
    expect(api.secrets.values.size).toBe(0);
    await expect(client.api('/servicePrincipals/none/synchronization').get()).rejects.toMatchObject({ statusCode: 404 });
  });

  test('is given a secret as a property, too; jobs are not', async () => {
    await client.api(synchronization).put({ secrets: [{ key: 'SecretToken', value: 't0ken' }] });
    expect([...api.secrets.values].map(([name, { value }]) => [name, value])).toEqual([['app-token', 't0ken']]);
    for (const order of [{ jobs: [] }, { secrets: [{ key: 'SecretToken', value: 's' }], jobs: [] }, {}, { secrets: [] }])
      await expect(client.api(synchronization).put(order)).rejects.toMatchObject({ statusCode: 400 });
    expect(api.secrets.values.get('app-token')).toMatchObject({ value: 't0ken' });
  });

  test('is let in with the access token that is given, which is saved; or with what is saved', async () => {
    letsIn(true);
    const acquire = (order?: unknown): Promise<unknown> => client.api(`${synchronization}/acquireAccessToken`).post(order);
    expect(await acquire({ credentials: [{ key: 'Oauth2AccessToken', value: 'acc3ss' }] })).toBeUndefined();
    expect(api.secrets.values.get('app-token')).toMatchObject({ value: 'acc3ss' });
    expect(await acquire()).toBeUndefined();
    expect(api.commands.sent).toMatchObject(
      [1, 2].map(() => ['provident.command.test-connection', { definition: { job: 'hr-to-wiki' }, system: 'target' }]),
    );
    expect(JSON.stringify([api.commands.sent, api.log.events])).not.toContain('acc3ss');
    const tested = api.log.events.filter((event) => is(event, ConnectionTested)).map(({ data }) => data);
    expect(tested.slice(-2)).toMatchObject(
      [1, 2].map(() => ({ jobId: 'hr-to-wiki', system: 'target', result: 'success', by: { name: 'local' } })),
    );
    letsIn(false);
    await expect(acquire({ credentials: [{ key: 'SecretToken', value: 'n3w' }] })).rejects.toMatchObject({
      statusCode: 400,
      message: 'the target does not let us in: answered 401; what was given is saved nevertheless',
    });
    await expect(acquire({})).rejects.toMatchObject({ statusCode: 400, message: 'the target does not let us in: answered 401' });
  });

  test.each<[string, unknown]>([
    ['a grant that no target takes', { credentials: [{ key: 'Oauth2ClientSecret', value: 's3cret' }] }],
    ['another address', { credentials: [{ key: 'BaseAddress', value: 'https://s3cret.example' }] }],
    ['no list', { credentials: 's3cret' }],
  ])('is refused %s, which is not repeated, and nothing is saved', async (_, order) => {
    letsIn(true);
    const refused = await client
      .api(`${synchronization}/acquireAccessToken`)
      .post(order)
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ statusCode: 400 });
    expect(JSON.stringify(refused)).not.toContain('s3cret');
    expect([api.secrets.values.size, api.commands.sent]).toEqual([0, []]);
  });
});

describe('a job from a template', () => {
  /** What the scheduler and the projector do: the job is there once it was applied. */
  const applying = (applied: JobDefinition[]): void => {
    api.commands.answerTo = (command, payload) => {
      if (command.subject !== ApplyJob.subject) return CommandAnswer.parse({ ok: true, message: 'done' });
      const { definition } = payload as { definition: JobDefinition };
      applied.push(definition);
      void projectLater(definition);
      return CommandAnswer.parse({ ok: true, message: 'created' });
    };
  };
  let sequence = 10_000;
  const projectLater = async (definition: JobDefinition): Promise<void> => {
    const { events: told } = new Story(definition.job, '2026-03-05T00:00:00.000Z', sequence).configured(definition);
    sequence = told.at(-1)!.sequence;
    await new Projector(api.models.connection, 'log').project(told);
  };

  test('has its systems and rules, waits until it is started, and is found where it was made', async () => {
    const applied: JobDefinition[] = [];
    applying(applied);
    const made = withoutContext<SynchronizationJob>(await client.api(jobs).post({ templateId: 'scim' }));
    expect(SynchronizationJob.strict().parse(made)).toEqual(made);
    expect(made).toMatchObject({
      id: expect.stringMatching(/^scim-[0-9a-f]{8}$/),
      templateId: 'scim',
      schedule: { state: 'Disabled' },
      status: { code: 'NotConfigured', lastExecution: null, steadyStateFirstAchievedTime: '0001-01-01T00:00:00Z' },
    });
    const { definition: template } = await getConfiguration(api.dataSource, 'hr-to-wiki');
    expect(applied).toEqual([
      {
        ...template,
        job: made.id,
        name: expect.stringContaining(made.id),
        template: 'hr-to-wiki',
        schedule: { ...template.schedule, paused: true },
      },
    ]);
    expect(await client.api(`${jobs}/${made.id}`).get()).toMatchObject({
      ...made,
      '@odata.context': expect.stringContaining('/jobs/$entity'),
    });
    const { value } = await client.api(jobs).get();
    expect(value.map(({ id }: SynchronizationJob) => id)).toEqual(['hr-to-wiki', made.id]);
    // Like every job it has an application of its own, too.
    const own = await client.api(`/servicePrincipals/${partId('service-principal', made.id)}/synchronization/jobs`).get();
    expect(own.value.map(({ id }: SynchronizationJob) => id)).toEqual([made.id]);
    expect(await client.api(`${jobs}/${made.id}/start`).post(undefined)).toBeUndefined();
    expect(api.commands.sent.at(-1)).toMatchObject(['provident.command.start-job', { jobId: made.id }]);
    expect(await client.api(`${jobs}/${made.id}`).delete()).toBeUndefined();
    expect(api.commands.sent.at(-1)).toMatchObject(['provident.command.remove-job', { jobId: made.id }]);
  });

  test('says where it is in the header of the answer', async () => {
    applying([]);
    const answer = await fetch(`${api.url}/beta${jobs}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ templateId: 'scim', id: 'chosen' }),
    });
    const { id } = (await answer.json()) as SynchronizationJob;
    expect([answer.status, answer.headers.get('location')]).toEqual([201, `/v1.0${jobs}/${id}`]);
    expect(id).not.toBe('chosen');
  });

  test('has the rules of the template again when its schema is deleted; the template has its own', async () => {
    const applied: JobDefinition[] = [];
    applying(applied);
    const { id } = await client.api(jobs).post({ templateId: 'scim' });
    const schema = await client.api(`${jobs}/${id}/schema`).get();
    schema.synchronizationRules[0].objectMappings[0].attributeMappings.pop();
    await client.api(`${jobs}/${id}/schema`).put(schema);
    expect(applied[1]!.objects[0]!.attributes).toHaveLength(applied[0]!.objects[0]!.attributes.length - 1);
    expect(await client.api(`${jobs}/${id}/schema`).delete()).toBeUndefined();
    expect(applied[2]!.objects).toEqual(applied[0]!.objects);
    await expect(client.api(`${job}/schema`).delete()).rejects.toMatchObject({ statusCode: 409, code: 'Conflict' });
    const [rule] = (await client.api(`/servicePrincipals/${principal}/synchronization/templates/scim/schema`).get()).synchronizationRules;
    expect(rule.objectMappings).toEqual((await client.api(`${job}/schema`).get()).synchronizationRules[0].objectMappings);
  });

  test('is not made of what is none, nor of nothing', async () => {
    applying([]);
    for (const order of [{ templateId: 'aws' }, { templateId: 7 }, {}])
      await expect(client.api(jobs).post(order)).rejects.toMatchObject({ statusCode: 400 });
    await expect(client.api('/servicePrincipals/none/synchronization/jobs').post({ templateId: 'scim' })).rejects.toMatchObject({
      statusCode: 404,
    });
    await expect(client.api(`/servicePrincipals/${principal}/synchronization/templates/aws/schema`).get()).rejects.toMatchObject({
      statusCode: 404,
    });
    api.commands.answerTo = (_, payload) => {
      const { system } = payload as { system?: string };
      return CommandAnswer.parse({ ok: true, message: 'done', result: { system, ok: true, message: 'in', tookMs: 1 } });
    };
    expect(await client.api(`${jobs}/validateCredentials`).post(undefined)).toBeUndefined();
    api.commands.answerTo = () => CommandAnswer.parse({ ok: false, message: 'one more is not allowed' });
    await expect(client.api(jobs).post({ templateId: 'scim' })).rejects.toMatchObject({ statusCode: 409 });
    api.commands.answerTo = null;
  });
});
