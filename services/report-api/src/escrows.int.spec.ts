import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { MemorySimulations } from '@provident/bus/testing';
import { CausesView, type CommandAnswer, ErrorView, EscrowPageView, QuarantinesView, RetryEscrows } from '@provident/contracts';
import { Projector, Story, type TestReadModels, testReadModels } from '@provident/projection/testing';
import { readModelDataSource } from '@provident/report';

import { listen } from './listen.js';
import { Broker, type Command, Commands } from './ports.js';
import { reportApiModule } from './report-api.module.js';

class RecordedCommands extends Commands {
  readonly sent: [subject: string, payload: unknown][] = [];

  async send(command: Command, payload: unknown): Promise<CommandAnswer> {
    this.sent.push([command.subject, payload]);
    return { ok: true, message: 'tried again now', issues: [], result: { jobId: 'hr-to-wiki' } };
  }
}

class QuietBroker extends Broker {
  head = async (): Promise<number | null> => null;
  sessions = async () => [];
  archive = (): never => {
    throw new Error('nothing is archived here');
  };
}

const quiet = { log: () => undefined, error: () => undefined, warn: () => undefined };
const commands = new RecordedCommands();
const job = '/provident/v1/jobs/hr-to-wiki';
const by = { kind: 'user', name: 'local' };
let models: TestReadModels;
let application: NestFastifyApplication;
let base: string;

beforeAll(async () => {
  models = await testReadModels();
  const { events } = new Story()
    .configured()
    .cycle([{ plot: 'joiner', id: 'E-1' }], { kind: 'initial' })
    .disabled()
    .aftermath();
  await new Projector(models.connection, 'log').project(events);
  const dataSource = await readModelDataSource({ url: models.url, schema: models.schema }).initialize();
  const module = reportApiModule({
    dataSource,
    commands,
    broker: new QuietBroker(),
    simulations: new MemorySimulations(),
    logger: quiet,
    baseDir: '/here',
  });
  application = await listen(module, { HOST: '127.0.0.1', PORT: 0 }, quiet);
  base = await application.getUrl();
}, 120_000);
afterAll(async () => {
  await application?.close();
  await models?.close();
});
afterEach(() => {
  commands.sent.length = 0;
});

async function ask(path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  const sent = body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(new URL(path, base), sent);
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
  expect(commands.sent).toEqual([[RetryEscrows.subject, { jobId: 'hr-to-wiki', scope, by }]]);
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
  expect(commands.sent).toEqual([]);
});
