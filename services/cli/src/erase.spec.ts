import { afterEach, expect, test } from '@jest/globals';

import { runProgram } from './program.js';
import type { FakeApi } from './testing/fake-api.js';
import { startFakeApi } from './testing/fake-api.js';
import { fakeCli } from './testing/fake-cli.js';

let api: FakeApi | null = null;
afterEach(async () => {
  await api?.close();
  api = null;
});

const path = '/provident/v1/people/1002/erase';

async function run(words: string, typed = '') {
  api = await startFakeApi({ [`POST ${path}`]: { body: { ok: true, message: 'erased in "hr"', issues: [], result: {} } } });
  const cli = fakeCli({ PROVIDENT_URL: api.url }, '/', typed);
  const status = await runProgram(words.split(' '), cli);
  return {
    status,
    out: cli.out.text,
    err: cli.err.text,
    sent: api.requests.filter(({ line }) => line === `POST ${path}`).map(({ body }) => body),
  };
}

test('a person is erased in all jobs or in one, once the id was typed again', async () => {
  expect(await run('erase --user 1002', '1002')).toMatchObject({ status: 0, out: 'erased in "hr"\n', sent: [{ stillInSource: false }] });
  await api!.close();
  expect((await run('erase hr --user 1002 --why request-7 --still-in-source --yes')).sent).toEqual([
    { job: 'hr', why: 'request-7', stillInSource: true },
  ]);
});

test('whoever types something else erases nobody', async () => {
  expect(await run('erase --user 1002', 'no')).toMatchObject({ status: 1, sent: [], err: expect.stringContaining('nothing was erased') });
});
