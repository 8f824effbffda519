import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { runProgram } from '../program.js';
import { fakeCli } from '../testing/fake-cli.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provident-expression-'));
  await writeFile(join(folder, 'person.json'), JSON.stringify({ firstName: 'Zoë', lastName: 'Müller', grade: '8' }));
  await writeFile(join(folder, 'list.json'), '[]');
});
afterAll(() => rm(folder, { recursive: true }));

async function run(...words: string[]) {
  const cli = fakeCli({}, folder);
  const status = await runProgram(['expression', ...words], cli);
  return { status, out: cli.out.text, err: cli.err.text };
}

test('the result comes first, then every part with its value', async () => {
  expect(await run('Switch([grade], Error("which?"), "8", Join(" ", [firstName], [nick]))', '--with', 'person.json')).toEqual({
    status: 0,
    err: '',
    out: [
      '"Zoë"',
      '',
      'Switch([grade], Error("which?"), "8", Join(" ", [firstName], [nick]))  = "Zoë"',
      '  [grade]  = "8"',
      '  Error("which?")  (not evaluated)',
      '  Join(" ", [firstName], [nick])  = "Zoë"',
      '    [firstName]  = "Zoë"',
      '    [nick]  = null',
      '',
    ].join('\n'),
  });
});

test('a mistake is marked where it stands', async () => {
  expect(await run('Join("👍", [a] [b])')).toEqual({
    status: 1,
    out: '',
    err: 'Join("👍", [a] [b])\n               ^\ncolumn 15: expected a comma or a closing parenthesis of Join\n',
  });
  expect((await run('Append(Lef([a], 1),\n  Now("x"))')).err).toBe(
    [
      'Append(Lef([a], 1),',
      '       ^',
      'line 1, column 8: there is no function "Lef"; did you mean "Left"?',
      '  Now("x"))',
      '  ^',
      'line 2, column 3: expected Now(), found 1 argument',
      '',
    ].join('\n'),
  );
});

test('an error of the evaluation is marked too, beside what did have a value', async () => {
  const { status, out, err } = await run('Append(CDate([grade]), "x")', '--with', 'person.json');
  expect(status).toBe(1);
  expect(out).toContain('    [grade]  = "8"');
  expect(err).toContain('Append(CDate([grade]), "x")\n             ^\ncolumn 14: expression of CDate: "8" is not a date');
});

test('--json tells the same, for programs', async () => {
  const { status, out } = await run('Trim([firstName])', '--with', 'person.json', '--json');
  expect(status).toBe(0);
  expect(JSON.parse(out)).toEqual({
    expression: 'Trim([firstName])',
    value: 'Zoë',
    steps: [
      { text: 'Trim([firstName])', kind: 'call', at: 0, depth: 0, state: 'value', value: 'Zoë' },
      { text: '[firstName]', kind: 'attribute', at: 5, depth: 1, state: 'value', value: 'Zoë' },
    ],
  });
  const refused = await run('Trim(', '--json');
  expect(refused.status).toBe(1);
  expect(JSON.parse(refused.out)).toMatchObject({ expression: 'Trim(', issues: [{ at: 5 }] });
});

test('time and chance are those of here and now; a target is not asked', async () => {
  expect((await run('Now()')).out).toContain('"11/22/2026 12:00:00 PM"');
  expect((await run('Guid()')).out).toMatch(/^"[0-9a-f-]{36}"\n/);
  expect((await run('SelectUniqueValue([a], [b])')).err).toContain('which is not available here');
});

test('a file that holds no person is refused', async () => {
  expect(await run('Now()', '--with', 'nobody.json')).toMatchObject({ status: 1, err: expect.stringContaining('cannot be read') });
  expect(await run('Now()', '--with', 'list.json')).toMatchObject({ status: 1, err: expect.stringContaining('must hold one JSON object') });
});
