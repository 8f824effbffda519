import { expect, jest, test } from '@jest/globals';
import { ConnectorError } from '@provident/connectors';
import { RulesPreviewView } from '@provident/contracts';
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

function previewOver(people: Record<string, Record<string, string>>) {
  const source = new MemorySource();
  const closing = jest.spyOn(source, 'close');
  source.people = new Map(Object.entries(people));
  return { closing, rules: new RulesPreview(new BaseDir(undefined), async () => source) };
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
