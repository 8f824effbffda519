import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import {
  CommandAnswer,
  ConnectionTested,
  ConnectionTestView,
  CredentialsView,
  is,
  TestConnection,
  ValidateJob,
} from '@provident/contracts';
import { Projector, Story } from '@provident/projection/testing';

import { startTestApi, type TestApi } from './testing/test-api.js';

const story = new Story('hr-to-wiki').configured({
  source: {
    connector: 'ldap',
    name: 'HR directory',
    config: { url: 'ldaps://hr.example.com', bind: { dn: 'cn=x', password: { env: 'HR_PASSWORD' } } },
  },
  target: { connector: 'scim', config: { url: 'https://wiki.example.com/scim', auth: { bearer: { secret: 'wiki-token' } } } },
});
let api: TestApi;
beforeAll(async () => {
  api = await startTestApi(story.events);
}, 120_000);
afterAll(() => api?.close());
beforeEach(() => {
  api.commands.answerTo = null;
});

async function ask(method: string, path: string, body?: unknown): Promise<{ status: number; json: Record<string, unknown> }> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const answer = await fetch(`${api.url}${path}`, { method, ...sent });
  return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
}

const credentials = async (): Promise<CredentialsView> =>
  CredentialsView.parse((await ask('GET', '/provident/v1/jobs/hr-to-wiki/credentials')).json);
/** What the service said, in its order. */
const said = () => api.log.events.filter((event) => is(event, ConnectionTested));
let projected = 0;
/** As the projector would, behind what is there. */
async function project(): Promise<void> {
  const fresh = said().slice(projected);
  const from = story.events.length + projected;
  await new Projector(api.models.connection, 'log').project(fresh.map((event, i) => ({ ...event, sequence: from + i + 1 })));
  projected += fresh.length;
}

test('a job says what it shows to get in: by name, with who set it, and what is not there', async () => {
  const ofNobody = { setAt: null, setBy: null };
  const env = { place: 'source.config.bind.password', of: 'source', kind: 'env', name: 'HR_PASSWORD', ...ofNobody };
  const secret = { place: 'target.config.auth.bearer', of: 'target', kind: 'secret', name: 'wiki-token' };
  expect((await credentials()).credentials).toEqual([env, { ...secret, ...ofNobody }]);
  await api.secrets.set('wiki-token', 's3cret', { kind: 'user', name: 'sam' });
  expect((await credentials()).credentials).toEqual([env, { ...secret, setAt: '2026-03-02T09:00:00.000Z', setBy: 'sam' }]);
  expect((await ask('GET', '/provident/v1/jobs/none/credentials')).status).toBe(404);
});

test('each system is asked by itself, its own words are the answer, and who asked is on record', async () => {
  const words = 'https://wiki.example.com/scim answered 401: no such token';
  api.commands.answerTo = (_, payload) => {
    const { system } = TestConnection.schema.parse(payload);
    const told = system === 'source' ? { ok: true, message: 'LDAP directory: user' } : { ok: false, message: words };
    return CommandAnswer.parse({ ok: true, message: 'asked', result: { system, ...told, tookMs: 12 } });
  };
  const tested = async (system: string) => ask('POST', `/provident/v1/jobs/hr-to-wiki/systems/${system}/test`, {});
  expect(ConnectionTestView.parse((await tested('target')).json)).toMatchObject({ system: 'target', ok: false, message: words });
  await project();
  expect((await credentials()).systems).toEqual([
    { system: 'source', name: 'HR directory', connector: 'ldap', lastTest: null },
    { system: 'target', name: 'scim', connector: 'scim', lastTest: { at: expect.any(String), by: 'local', ok: false, message: words } },
  ]);
  expect(ConnectionTestView.parse((await tested('source')).json).ok).toBe(true);
  await project();
  expect((await credentials()).systems[0]!.lastTest).toMatchObject({ ok: true, message: 'LDAP directory: user' });
  const { json } = await ask('GET', "/v1.0/auditLogs/directoryAudits?$filter=result eq 'failure'");
  expect(json['value']).toMatchObject([
    {
      activityDisplayName: 'Other',
      resultReason: `the connection to the target was tested: ${words}`,
      initiatedBy: { user: { displayName: 'local' } },
      targetResources: [{ type: 'ServicePrincipal' }],
    },
  ]);
  expect((await tested('middle')).status).toBe(404);
  expect((await ask('POST', '/provident/v1/jobs/none/systems/target/test', {})).status).toBe(404);
});

test('a file that is checked has its systems asked too: of its job when there is one, and it is no test of what applies', async () => {
  const asked = [
    { system: 'source', connector: 'csv', ok: true, message: 'CSV file' },
    { system: 'target', connector: 'scim', ok: false, message: 'nobody answers' },
  ];
  api.commands.answerTo = ({ subject }) =>
    CommandAnswer.parse({ ok: subject === ValidateJob.subject, message: 'valid', result: { asked } });
  const before = said().length;
  await ask('POST', '/provident/v1/jobs/validate', { definition: { job: 'hr-to-wiki' } });
  await ask('POST', '/provident/v1/jobs/validate', { definition: { job: 'never-applied' } });
  expect(
    said()
      .slice(before)
      .map(({ data }) => data),
  ).toMatchObject([
    { jobId: 'hr-to-wiki', system: 'source', rules: 'checked', result: 'success', by: { name: 'local' } },
    { jobId: 'hr-to-wiki', system: 'target', rules: 'checked', result: 'failure', message: 'nobody answers' },
    { jobId: '_installation', system: 'source' },
    { jobId: '_installation', system: 'target' },
  ]);
  await project();
  expect((await credentials()).systems[0]!.lastTest?.message).toBe('LDAP directory: user');
});
