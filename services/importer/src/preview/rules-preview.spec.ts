import { describe, expect, jest, test } from '@jest/globals';
import { ConnectorError } from '@provident/connectors';
import { RulesPreviewView } from '@provident/contracts';
import { JobDefinition } from '@provident/domain';
import { BaseDir } from '@provident/service-kit';

import { MemorySource } from '../testing/memory-source.js';
import { RulesPreview } from './rules-preview.js';

const file = (attributes: readonly object[], more: object = {}) => ({
  job: 'hr',
  source: { connector: 'csv', config: { file: 'people.csv', anchor: 'id' } },
  target: { connector: 'scim', config: { url: 'http://127.0.0.1:1/scim', auth: { none: true } } },
  objects: [
    { type: 'user', displayName: 'name', attributes: [{ target: 'userName', source: 'mail', matching: 1 }, ...attributes], ...more },
  ],
});
const asked = (definition: unknown, id = '1') => ({ definition, baseDir: '/here', objectType: 'user', id });

function previewOver(people: Record<string, Record<string, string>>, applied: readonly JobDefinition[] = []) {
  const source = new MemorySource();
  const closing = jest.spyOn(source, 'close');
  source.people = new Map(Object.entries(people));
  return {
    closing,
    rules: new RulesPreview(
      new BaseDir(undefined),
      async () => source,
      () => applied,
    ),
  };
}
const jane = { mail: 'jane@example.com', name: 'Jane Doe', kind: 'guest' };

test('rules that are being written are tried on somebody as the source has them, and the source is closed again', async () => {
  const { closing, rules } = previewOver({ 1: jane });
  const scope = [{ name: 'Staff', all: [{ attribute: 'kind', operator: 'EQUALS', value: 'staff' }] }];
  const { ok, result } = await rules.preview(asked(file([{ target: 'nickName', expression: 'ToLower([name]' }], { scope })));
  const view = RulesPreviewView.parse(result);
  expect([ok, view.found, view.displayName, view.inScope, view.clauses[0]?.actual]).toEqual([true, true, 'Jane Doe', false, 'guest']);
  expect(view.mappings).toEqual([
    { target: 'userName', value: 'jane@example.com', from: 'source', error: null },
    { target: 'nickName', value: null, from: 'source', error: { at: expect.any(Number), message: expect.any(String) } },
  ]);
  expect(view.issues.map(({ path }) => path.join('.'))).toEqual(['objects.0.attributes.1.expression']);
  expect(closing).toHaveBeenCalledTimes(1);
});

test('nobody of that id is an answer; a file without readable rules, and a source that is away, are refusals', async () => {
  const { rules } = previewOver({});
  expect(RulesPreviewView.parse((await rules.preview(asked(file([])))).result).found).toBe(false);
  expect((await rules.preview(asked({ ...file([]), objects: [{ type: 'user', attributes: 'none' }] }))).issues.length).toBeGreaterThan(0);
  expect(await rules.preview(asked('garbage'))).toMatchObject({ ok: false });
  expect(await rules.preview({ ...asked(file([])), objectType: 'group' })).toMatchObject({
    ok: false,
    message: expect.stringContaining('"group"'),
  });
  const away = new RulesPreview(new BaseDir(undefined), async () => {
    throw new ConnectorError({ kind: 'misconfigured', code: 'no-file', message: 'no such file' });
  });
  expect(await away.preview(asked(file([])))).toMatchObject({ ok: false, message: 'the source cannot be asked: no such file' });
});

describe("what is nobody's business is shown to nobody who writes rules", () => {
  const people = { 1: { ...jane, ssn: 'SSN-123-45', grade: 'x7' } };
  const sensitive = { target: 'nationalId', source: 'ssn', sensitive: true };
  const curious = [
    { target: 'nickName', source: 'ssn' },
    { target: 'title', expression: 'Join("-", "a", [ssn])' },
    { target: 'hired', expression: 'CDate([ssn])' },
    { target: 'locale', source: 'none', default: 'nl' },
  ];
  const scope = [{ name: 'Known', all: [{ attribute: 'ssn', operator: 'IS NOT NULL' }] }];
  const active = { attribute: 'ssn', operator: 'IS NOT NULL' };
  const preview = async (definition: unknown, applied: readonly JobDefinition[] = []) => {
    const { rules } = previewOver(people, applied);
    const { ok, result } = await rules.preview(asked(definition));
    expect(ok).toBe(true);
    return { text: JSON.stringify(result), view: RulesPreviewView.parse(result) };
  };

  test('whatever is made of it, wherever it stands, and also in the words of a failure', async () => {
    const { text, view } = await preview(file([sensitive, ...curious], { scope, active, displayName: 'ssn' }));
    expect(text).not.toMatch(/123/);
    expect(view).toMatchObject({ found: true, inScope: true, displayName: '(sealed)', attributes: { ssn: '(sealed)', mail: jane.mail } });
    expect(view.clauses[0]).toMatchObject({ holds: true, actual: '(sealed)' });
    expect(view.mappings).toEqual([
      { target: 'userName', value: jane.mail, from: 'source', error: null },
      { target: 'nationalId', value: '(sealed)', from: 'source', error: null },
      { target: 'nickName', value: '(sealed)', from: 'source', error: null },
      { target: 'title', value: '(sealed)', from: 'source', error: null },
      { target: 'hired', value: null, from: 'source', error: { at: expect.any(Number), message: '(sealed)' } },
      { target: 'locale', value: 'nl', from: 'default', error: null },
    ]);
  });

  test('also when a draft says nothing of it and a job that is there does, whatever that job is called', async () => {
    const other = JobDefinition.parse({ ...file([sensitive]), job: 'elsewhere' });
    expect((await preview(file(curious), [other])).text).not.toMatch(/123/);
    expect((await preview(file(curious))).text).toMatch(/123/);
    const { view } = await preview(file([{ target: 'nationalId', source: 'grade' }]), [JobDefinition.parse(file([sensitive]))]);
    expect(view.mappings[1]).toMatchObject({ target: 'nationalId', value: '(sealed)' });
  });

  test('a mistake in an expression is told all the same', async () => {
    const { view } = await preview(file([sensitive, { target: 'title', expression: 'ToLower([ssn]' }]));
    expect(view.mappings[2]!.error!.message).not.toBe('(sealed)');
  });
});
