import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { CausesView, ErrorView, EscrowPageView, QuarantinesView, RetryEscrows } from '@provident/contracts';
import { Story } from '@provident/projection/testing';

import { startTestApi, type TestApi } from './testing/test-api.js';

const job = '/provident/v1/jobs/hr-to-wiki';
const by = { kind: 'user', name: 'local' };
let api: TestApi;

beforeAll(async () => {
  const { events } = new Story()
    .configured()
    .cycle([{ plot: 'joiner', id: 'E-1' }], { kind: 'initial' })
    .disabled()
    .aftermath();
  api = await startTestApi(events);
  api.commands.answer = { ok: true, message: 'tried again now', issues: [], result: { jobId: 'hr-to-wiki' } };
}, 120_000);
afterAll(() => api?.close());
afterEach(() => {
  api.commands.sent.length = 0;
});

async function ask(path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  const sent = body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(new URL(path, api.url), sent);
  return { status: response.status, body: await response.json() };
}
const refusal = async (path: string, body?: unknown) => {
  const answer = await ask(path, body);
  return [answer.status, ErrorView.parse(answer.body).error.message];
};

test('causes, escrows and quarantines are the views of the contract', async () => {
  const causes = (await ask(`${job}/causes`)).body;
  expect(CausesView.parse(causes)).toEqual(causes);
  const { escrows } = EscrowPageView.parse((await ask(`${job}/escrows?cause=http-400-1abc&state=trying&limit=1`)).body);
  expect(escrows.map(({ sourceId }) => sourceId)).toEqual(['X-2']);
  const history = (await ask(`${job}/quarantines`)).body;
  expect(QuarantinesView.parse(history)).toEqual(history);
});

test.each([
  [{ all: true }, { kind: 'all' }, 3],
  [{ cause: 'http-400-1abc' }, { kind: 'cause', causeId: 'http-400-1abc' }, 3],
  [{ user: 'X-1' }, { kind: 'objects', objectKeys: ['user:X-1'] }, 1],
])('a retry of %p is an order with its scope, and the answer says of how many', async (order, scope, count) => {
  const { status, body } = await ask(`${job}/retry`, order);
  expect([status, body]).toMatchObject([202, { ok: true, message: `${count} object(s): tried again now`, result: { count } }]);
  expect(api.commands.sent).toEqual([[RetryEscrows.subject, { jobId: 'hr-to-wiki', scope, by }]]);
});

test.each([
  [`${job}/retry`, { user: 'E-1' }, 409, 'nobody by "E-1" has failed'],
  [`${job}/retry`, { cause: 'none' }, 409, 'nobody fails for cause "none"'],
  [`${job}/retry`, {}, 400, 'give one of "user", "cause" and "all"'],
  [`${job}/retry`, { all: true, user: 'X-1' }, 400, 'give one of'],
  [`${job}/retry`, { who: 'X-1' }, 400, 'supported: user, cause, all'],
  ['/provident/v1/jobs/none/retry', { all: true }, 404, 'there is no job none'],
  ['/provident/v1/jobs/none/causes', undefined, 404, 'there is no job none'],
  [`${job}/escrows?state=odd`, undefined, 400, 'parameter "state"'],
  [`${job}/escrows?cursor=x`, undefined, 400, 'the cursor is not one'],
])('%s with %p is refused in words, and nothing is ordered', async (path, body, status, message) => {
  expect(await refusal(path, body)).toEqual([status, expect.stringContaining(message)]);
  expect(api.commands.sent).toEqual([]);
});
