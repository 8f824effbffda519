import { appendFile, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import iconv from 'iconv-lite';

import type { SourceCursor, SourcePage, SourceRead } from '../connector.js';
import { ConnectorError } from '../connector-error.js';
import { classifyFileError } from './client.js';
import { CsvSourceConfig } from './config.js';
import { csvSource } from './index.js';
import { nearest } from './nearest.js';
import { createHashTally, hash52 } from './repeats.js';
import { createSplitter } from './splitter.js';

const { signal } = new AbortController();
let baseDir: string;
let file: string;

beforeAll(async () => {
  baseDir = await mkdtemp(join(tmpdir(), 'provident-csv-'));
});
beforeEach(() => {
  file = join(baseDir, 'people.csv');
});
afterAll(() => rm(baseDir, { recursive: true }));

function open(settings: Record<string, unknown> = {}) {
  const config = CsvSourceConfig.parse({ file: 'people.csv', anchor: 'id', ...settings });
  return csvSource.open(config, { baseDir, readOnly: true, timeoutMs: 1000 });
}

function request(overrides: Partial<SourceRead> = {}): SourceRead {
  return { objectType: 'user', attributes: ['name'], resumeAt: null, watermark: null, pageSize: 100, ...overrides };
}

async function pagesOf(text: string | Buffer, settings: Record<string, unknown> = {}, overrides: Partial<SourceRead> = {}) {
  await writeFile(file, text);
  const source = await open(settings);
  const reading = await source.read(request(overrides), signal);
  return collect(reading.pages);
}

async function collect(pages: AsyncIterable<SourcePage>): Promise<SourcePage[]> {
  const collected: SourcePage[] = [];
  for await (const page of pages) collected.push(page);
  return collected;
}

const objectsOf = (pages: readonly SourcePage[]) => pages.flatMap(({ objects }) => objects);
const failuresOf = (pages: readonly SourcePage[]) => pages.flatMap(({ failures }) => failures);
const marks = (pages: readonly SourcePage[]) => pages.map(({ watermark }) => watermark);
const person = (anchor: string, name: string | null) => ({ anchor, attributes: { name } });

/** That many people, each with a line break in the name. */
function peopleText(rows: number): string {
  return `id,name\r\n${Array.from({ length: rows }, (_, index) => `${index},"N\n${index}"\r\n`).join('')}`;
}

function written(value: string, quoted: boolean): string {
  return quoted || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

async function factsOf(action: Promise<unknown>) {
  const error = await action.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ConnectorError);
  return (error as ConnectorError).facts;
}

describe('a well-formed file', () => {
  test.each([
    ['LF', 'id,name\n1,Ada\n2,Bo\n'],
    ['CRLF', 'id,name\r\n1,Ada\r\n2,Bo\r\n'],
    ['LF and CRLF mixed', 'id,name\r\n1,Ada\n2,Bo\r\n'],
    ['no line break at the end', 'id,name\n1,Ada\n2,Bo'],
    ['empty lines', 'id,name\n\n1,Ada\n\r\n2,Bo\n\n'],
    ['a byte order mark', '\ufeffid,name\n1,Ada\n2,Bo\n'],
    ['a byte order mark before a quote', '\ufeff"id","name"\n"1","Ada"\n"2","Bo"\n'],
    ['headers in another case, with blanks', ' ID , Name \n1,Ada\n2,Bo\n'],
    ['columns in another order', 'name,other,id\nAda,x,1\nBo,y,2\n'],
    ['a carriage return where the file ends', 'id,name\r\n1,Ada\r\n2,Bo\r'],
  ])('%s', async (_case, text) => {
    const pages = await pagesOf(text);
    expect(objectsOf(pages)).toEqual([person('1', 'Ada'), person('2', 'Bo')]);
    expect(failuresOf(pages)).toEqual([]);
  });

  test.each([
    ['a delimiter in quotes', '"Lovelace, Ada"', 'Lovelace, Ada'],
    ['a doubled quote', '"Ada ""the first"" L"', 'Ada "the first" L'],
    ['a line break in quotes', '"Ada\nLovelace"', 'Ada\nLovelace'],
    ['CRLF in quotes', '"Ada\r\nLovelace"', 'Ada\r\nLovelace'],
    ['a quote inside an unquoted field', 'Ada "the first" L', 'Ada "the first" L'],
    ['blanks, which are kept', ' Ada ', ' Ada '],
    ['an empty field', '', null],
    ['an empty field in quotes', '""', null],
    ['text beyond ASCII', 'Zoë Ångström 李 😀', 'Zoë Ångström 李 😀'],
  ])('%s', async (_case, field, value) => {
    expect(objectsOf(await pagesOf(`id,name\n1,${field}\n2,Bo\n`))).toEqual([person('1', value), person('2', 'Bo')]);
  });

  test.each(['utf-8', 'utf-16le', 'windows-1252', 'windows-1250', 'iso-8859-1', 'iso-8859-2', 'iso-8859-15'])('in %s', async (encoding) => {
    const bytes = iconv.encode('id;name\n1;"Zo\u00eb; \u00d6"\n2;B\u00f6\n'.replace(/\u00eb/, '\u00e9'), encoding, {
      addBOM: encoding.startsWith('utf'),
    });
    expect(objectsOf(await pagesOf(bytes, { encoding, delimiter: ';' }))).toEqual([person('1', 'Zoé; Ö'), person('2', 'Bö')]);
  });

  test('with tabs, another quote, other names, several values, a null literal and booleans', async () => {
    const pages = await pagesOf(
      "ID\tFull Name\tmails\tactive\n1\t'Ada\tL'\ta@x.org| b@x.org ||\tYES\n2\tNULL\t\tno\n3\tCy\t|\t\n",
      {
        delimiter: 'tab',
        quote: "'",
        columns: { 'full name': 'displayName' },
        multiValue: { Mails: '|' },
        nullLiteral: 'NULL',
        booleans: { columns: ['Active'] },
      },
      { attributes: ['displayName', 'mails', 'active'] },
    );
    expect(objectsOf(pages)).toEqual([
      { anchor: '1', attributes: { displayName: 'Ada\tL', mails: ['a@x.org', 'b@x.org'], active: true } },
      { anchor: '2', attributes: { displayName: null, mails: null, active: false } },
      { anchor: '3', attributes: { displayName: 'Cy', mails: null, active: null } },
    ]);
  });

  test('attributes come under the name that was asked for', async () => {
    expect(objectsOf(await pagesOf('id,name\n1,Ada\n', {}, { attributes: ['NAME', 'Id'] }))).toEqual([
      { anchor: '1', attributes: { NAME: 'Ada', Id: '1' } },
    ]);
  });

  test('is described by its header', async () => {
    await writeFile(file, 'id,Full Name,tags,active\n1,Ada,a|b,yes\n');
    const source = await open({ columns: { 'Full Name': 'name' }, multiValue: { tags: '|' }, booleans: { columns: ['active'] } });
    const { name, objectTypes } = await source.describe(signal);
    expect(name).toBe('CSV file (people.csv)');
    expect(objectTypes[0]).toMatchObject({ name: 'user', complete: true });
    expect(objectTypes[0]?.attributes.map((one) => [one.name, one.type, one.multiValued, one.required])).toEqual([
      ['id', 'string', false, true],
      ['name', 'string', false, false],
      ['tags', 'string', true, false],
      ['active', 'boolean', false, false],
    ]);
  });
});

describe('a record with a flaw fails and the others go on', () => {
  test.each([
    ['an empty anchor', ',Ada', { anchor: null, code: 'missing-anchor' }],
    ['a blank anchor', '  ,Ada', { anchor: null, code: 'missing-anchor' }],
    ['an anchor that is the null literal', 'NULL,Ada', { anchor: null, code: 'missing-anchor' }],
    ['too few fields', '1', { anchor: '1', code: 'wrong-field-count' }],
    ['too many fields', '1,Ada,L', { anchor: '1', code: 'wrong-field-count' }],
    ['text behind a closing quote', '1,"Ada"L', { anchor: '1', code: 'unreadable-record' }],
    ['a quote that the next quoted field closes', '1,"Ada', { anchor: '1', code: 'unreadable-record' }],
  ])('%s', async (_case, line, failure) => {
    const pages = await pagesOf(`id,name\n0,Zed\n${line}\n8,Hal\n9,"In ""q"""\n`, { nullLiteral: 'NULL' });
    expect(objectsOf(pages).map(({ anchor }) => anchor)).toEqual(['0', '8', '9']);
    expect(failuresOf(pages)).toEqual([{ ...failure, message: expect.any(String), place: 'line 3' }]);
  });

  test('a stray quote that swallows whole records to a wrong number of fields costs only its own', async () => {
    const pages = await pagesOf('id,name,title\n1,"Ada,x\n2,Bo,y\n3,"Cy",z\n');
    expect(objectsOf(pages).map(({ anchor }) => anchor)).toEqual(['2', '3']);
    expect(failuresOf(pages)).toMatchObject([{ anchor: '1', code: 'unreadable-record', place: 'line 2' }]);
    const joined = await pagesOf('id,name,title\n1,"Ada,x\n2,Bo",y,z\n3,Cy,z\n');
    expect(failuresOf(joined)).toMatchObject([
      { anchor: '1', code: 'unreadable-record', place: 'line 2' },
      { anchor: '2', code: 'wrong-field-count', place: 'line 3' },
    ]);
    expect(objectsOf(joined).map(({ anchor }) => anchor)).toEqual(['3']);
  });

  test('with a wrong number of fields, an anchor that is not the first field is not guessed', async () => {
    const pages = await pagesOf('name,id\nAda,1,x\nBo,2\n');
    expect(failuresOf(pages)).toMatchObject([{ anchor: null, code: 'wrong-field-count', place: 'line 2' }]);
  });

  test.each([
    ['utf-8', Buffer.from('id,name\n1,Ada\n2,B\xff\n3,Cy\n', 'latin1')],
    ['windows-1252', Buffer.from('id,name\n1,Ada\n2,B\x81\n3,Cy\n', 'latin1')],
    ['utf-16le', Buffer.from('id,name\n1,Ada\n2,B\ud800\n3,Cy\n', 'utf16le')],
  ])('bytes that are not %s', async (encoding, bytes) => {
    const pages = await pagesOf(bytes, { encoding });
    expect(objectsOf(pages)).toEqual([person('1', 'Ada'), person('3', 'Cy')]);
    expect(failuresOf(pages)).toMatchObject([{ anchor: '2', code: 'broken-encoding', place: 'line 3' }]);
  });

  test('broken bytes in the anchor', async () => {
    const pages = await pagesOf(Buffer.from('id,name\n1\xff,Ada\n', 'latin1'));
    expect(failuresOf(pages)).toMatchObject([{ anchor: null, code: 'broken-encoding', place: 'line 2' }]);
  });

  test('a replacement character that really stands in the file is text', async () => {
    expect(objectsOf(await pagesOf('id,name\n1,\ufffd\n'))).toEqual([person('1', '\ufffd')]);
  });

  test('a word that is neither yes nor no, without showing it', async () => {
    const pages = await pagesOf(
      'id,name,active\n1,Ada,perhaps\n2,Bo,1\n',
      { booleans: { columns: ['active'] } },
      { attributes: ['active'] },
    );
    expect(objectsOf(pages)).toEqual([{ anchor: '2', attributes: { active: true } }]);
    expect(failuresOf(pages)).toMatchObject([{ anchor: '1', code: 'unreadable-record', place: 'line 2' }]);
    expect(failuresOf(pages)[0]?.message).not.toContain('perhaps');
  });

  test('every record of a repeated anchor, a flawed one included', async () => {
    const pages = await pagesOf('id,name\n1,Ada\n2,Bo\n1,Ada2\n3,Cy\n3,Cy,x\n1,Ada3\n');
    expect(objectsOf(pages)).toEqual([person('2', 'Bo')]);
    expect(failuresOf(pages).map(({ anchor, code, place }) => [anchor, code, place])).toEqual([
      ['1', 'repeated-anchor', 'line 2'],
      ['1', 'repeated-anchor', 'line 4'],
      ['3', 'repeated-anchor', 'line 5'],
      ['3', 'wrong-field-count', 'line 6'],
      ['1', 'repeated-anchor', 'line 7'],
    ]);
  });

  test('places are physical lines, behind quoted line breaks too', async () => {
    const pages = await pagesOf('id,name\n1,"A\nd\na"\n\n2\n3,Cy\n');
    expect(failuresOf(pages)).toMatchObject([{ anchor: '2', place: 'line 6' }]);
  });
});

describe('a file that cannot be trusted is refused as a whole', () => {
  test.each([
    ['no bytes', '', 'csv-empty'],
    ['only a byte order mark', '\ufeff', 'csv-empty'],
    ['only empty lines', '\n\r\n', 'csv-empty'],
    ['a quote that is never closed', 'id,name\n1,Ada\n2,"Bo\n3,Cy\n', 'csv-truncated'],
    ['a last record that breaks off', 'id,name\n1,Ada\n2', 'csv-truncated'],
    ['a duplicate header', 'id,name,NAME \n1,Ada,x\n', 'csv-duplicate-header'],
    ['a garbled header', 'id,"na"me\n1,Ada\n', 'csv-broken-header'],
    ['no anchor column', 'number,name\n1,Ada\n', 'csv-unknown-column'],
    ['no column that is asked for', 'id,nam\n1,Ada\n', 'csv-unknown-column'],
    ['lines that end in CR', 'id,name\r1,Ada\r2,Bo\r', 'csv-line-breaks'],
    ['UTF-16 without saying so', Buffer.from('\ufeffid,name\n1,Ada\n', 'utf16le'), 'csv-encoding'],
    ['a record without an end', `id,name\n1,Ada\n2,"${'x\n'.repeat(700_000)}`, 'csv-endless-record'],
  ])('%s', async (_case, text, code) => {
    expect(await factsOf(pagesOf(text))).toMatchObject({ kind: 'misconfigured', code });
  });

  test('half a character at the end', async () => {
    expect(await factsOf(pagesOf(Buffer.from('id,name\n1,Ada\n', 'utf16le').subarray(0, -1), { encoding: 'utf-16le' }))).toMatchObject({
      code: 'csv-truncated',
    });
  });

  test('a missing file', async () => {
    const source = await open({ file: 'nowhere.csv' });
    const actions = [() => source.read(request(), signal), () => source.describe(signal), () => source.find('user', '1', [], signal)];
    for (const action of actions) {
      expect(await factsOf(action())).toMatchObject({
        kind: 'misconfigured',
        code: 'csv-missing',
        message: 'the file nowhere.csv does not exist',
      });
    }
  });

  test('a folder', async () => {
    const source = await open({ file: '.' });
    expect(await factsOf(source.read(request(), signal))).toMatchObject({ kind: 'misconfigured', code: 'csv-unreadable' });
  });

  test('an attribute that is no column names the nearest one', async () => {
    const facts = await factsOf(pagesOf('id,familyName\n1,L\n', {}, { attributes: ['famlyname'] }));
    expect(facts.message).toBe('people.csv has no column "famlyname"; did you mean "familyName"?');
  });

  test('another object type', async () => {
    expect(await factsOf(pagesOf('id,name\n', {}, { objectType: 'group' }))).toMatchObject({ kind: 'misconfigured' });
  });

  test.each([
    ['ENOENT', 'misconfigured', 'csv-missing'],
    ['ENOTDIR', 'misconfigured', 'csv-missing'],
    ['EACCES', 'misconfigured', 'csv-unreadable'],
    ['EISDIR', 'misconfigured', 'csv-unreadable'],
    ['EIO', 'unavailable', 'csv-unreadable'],
    ['ESTALE', 'unavailable', 'csv-unreadable'],
    [undefined, 'unavailable', 'csv-unreadable'],
  ])('a file operation that fails with %s is %s', (code, kind, expected) => {
    expect(classifyFileError(code, 'people.csv', 'words')).toMatchObject({ kind, code: expected });
  });
});

describe('change', () => {
  const text = 'id,name,title\n1,Ada,x\n2,Bo,y\n';
  const watermarkOf = async (settings = {}) => marks(await pagesOf(text, settings)).at(-1) as SourceCursor;

  test('the same bytes and the same questions: none', async () => {
    const watermark = await watermarkOf();
    const source = await open();
    await writeFile(file, text);
    const reading = await source.read(request({ watermark }), signal);
    expect(reading).toMatchObject({ kind: 'none', total: 2 });
    expect(await collect(reading.pages)).toEqual([]);
  });

  test.each([
    ['other bytes', `${text}3,Cy,z\n`, {}, {}],
    ['another attribute', text, {}, { attributes: ['name', 'title'] }],
    ['another setting', text, { nullLiteral: 'x' }, {}],
    ['an added column', 'id,name,title,more\n1,Ada,x,\n', {}, {}],
    ['a vanished column that nobody needs', 'id,name\n1,Ada\n', {}, {}],
    ['no rows: the importer weighs that', 'id,name,title\n', {}, {}],
  ])('%s: a snapshot', async (_case, next, settings, overrides) => {
    const watermark = await watermarkOf();
    await writeFile(file, next);
    expect(await (await open(settings)).read(request({ watermark, ...overrides }), signal)).toMatchObject({ kind: 'snapshot' });
  });

  test.each([
    ['a needed column', 'id,title\n1,x\n', '"name"'],
    ['the anchor', 'name,title\nAda,x\n', '"id"'],
  ])('%s vanished', async (_case, next, named) => {
    const watermark = await watermarkOf();
    const facts = await factsOf(pagesOf(next, {}, { watermark }));
    expect(facts).toMatchObject({ kind: 'misconfigured', code: 'csv-header-changed', message: expect.stringContaining(named) });
  });

  test('a watermark of another connector asks for everything', async () => {
    await writeFile(file, text);
    expect(await (await open()).read(request({ watermark: { token: 'x' } }), signal)).toMatchObject({ kind: 'snapshot' });
  });

  test('watermark and cursor stay below 4 KiB, however wide the file', async () => {
    const header = Array.from({ length: 400 }, (_, index) => `some-long-column-${index}`);
    const pages = await pagesOf(`id,name,${header.join(',')}\n`);
    expect(marks(pages).at(-1)).toMatchObject({ header: ['id', 'name'] });
    for (const mark of [pages[0]?.cursor, pages[0]?.watermark]) expect(JSON.stringify(mark).length).toBeLessThan(4096);
  });

  test('a file that must be quiet first is put off', async () => {
    expect(await factsOf(pagesOf(text, { quietSeconds: 60 }))).toMatchObject({ kind: 'unavailable', code: 'csv-not-quiet' });
    await utimes(file, new Date(0), new Date(0));
    expect(await (await open({ quietSeconds: 60 })).read(request(), signal)).toMatchObject({ kind: 'snapshot' });
  });
});

describe('pages', () => {
  test.each([
    [0, 3, [0]],
    [2, 3, [2]],
    [3, 3, [3]],
    [7, 3, [3, 3, 1]],
  ])('%i rows by %i', async (rows, pageSize, sizes) => {
    const pages = await pagesOf(peopleText(rows), {}, { pageSize });
    expect(pages.map(({ objects }) => objects.length)).toEqual(sizes);
    expect(marks(pages).map((mark) => mark !== null)).toEqual(sizes.map((_, index) => index === sizes.length - 1));
    expect(pages.every(({ removed }) => removed.length === 0)).toBe(true);
  });

  test.each(['utf-8', 'utf-16le'])('a read goes on exactly behind any page (%s)', async (encoding) => {
    const bytes = iconv.encode(`\ufeff${peopleText(7)}8\r\n\r\n9,Ni\u00f1o\r\n`, encoding);
    const pages = await pagesOf(bytes, { encoding }, { pageSize: 2 });
    for (const [index, { cursor }] of pages.entries()) {
      const source = await open({ encoding });
      const { pages: left } = await source.read(request({ pageSize: 2, resumeAt: JSON.parse(JSON.stringify(cursor)) }), signal);
      const expected = index === pages.length - 1 ? [{ ...pages.at(-1), objects: [], failures: [] }] : pages.slice(index + 1);
      expect(await collect(left)).toEqual(expected);
    }
  });

  test('a read of another file does not go on', async () => {
    const [first] = await pagesOf(peopleText(5), {}, { pageSize: 2 });
    expect(await factsOf(pagesOf(peopleText(6), {}, { resumeAt: first?.cursor ?? null }))).toMatchObject({
      kind: 'unavailable',
      code: 'csv-changed-while-reading',
    });
  });

  test.each([
    ['grows', () => appendFile(file, '9,New\r\n')],
    [
      'is replaced',
      async () => {
        await writeFile(`${file}.new`, peopleText(7));
        await rename(`${file}.new`, file);
      },
    ],
    ['only gets another time', () => utimes(file, new Date(0), new Date(0))],
  ])('nothing more comes once the file %s', async (_case, change) => {
    await writeFile(file, peopleText(7));
    const { pages } = await (await open()).read(request({ pageSize: 3 }), signal);
    const seen: SourcePage[] = [];
    const consume = async () => {
      for await (const page of pages) {
        seen.push(page);
        await change();
      }
    };
    expect(await factsOf(consume())).toMatchObject({ kind: 'unavailable', code: 'csv-changed-while-reading' });
    expect(marks(seen)).toEqual([null]);
  });

  test('an interrupted read throws a connector error', async () => {
    await writeFile(file, peopleText(3));
    expect(await factsOf((await open()).read(request(), AbortSignal.abort()))).toMatchObject({ kind: 'unavailable', code: 'interrupted' });
  });

  test('a file of many stretches comes whole and in order', async () => {
    const rows = 30_000;
    const lines = Array.from({ length: rows }, (_, index) => (index % 3 === 0 ? `${index},"Zoë, ${index}"` : `${index},Zoë ${index}`));
    const pages = await pagesOf(`id,name\n${lines.join('\n')}\n`, {}, { pageSize: 1000 });
    expect(objectsOf(pages).map(({ anchor }) => anchor)).toEqual(Array.from({ length: rows }, (_, index) => String(index)));
    expect(objectsOf(pages).at(-1)).toEqual(person('29999', 'Zoë 29999'));
  });
});

describe('find', () => {
  beforeEach(() => writeFile(file, 'id,name\n1,Ada\n2,Bo\n2,Bob\n3\n4,Di\n'));

  test.each([
    ['1', person('1', 'Ada')],
    ['4', person('4', 'Di')],
    ['9', null],
    ['id', null],
  ])('%s', async (anchor, object) => {
    expect(await (await open()).find('user', anchor, ['name'], signal)).toEqual(object);
  });

  test.each([
    ['2', 'repeated-anchor'],
    ['3', 'wrong-field-count'],
  ])('%s is there but cannot be used', async (anchor, code) => {
    expect(await factsOf((await open()).find('user', anchor, ['name'], signal))).toMatchObject({ kind: 'rejected', code });
  });

  test('does not take a broken-off file for an answer, nor an old one', async () => {
    const source = await open();
    expect(await source.find('user', '9', ['name'], signal)).toBeNull();
    await writeFile(file, 'id,name\n9,Ida\n');
    expect(await source.find('user', '9', ['name'], signal)).toEqual(person('9', 'Ida'));
    await writeFile(file, 'id,name\n9,Ida\n8,"');
    expect(await factsOf(source.find('user', '1', ['name'], signal))).toMatchObject({ code: 'csv-truncated' });
  });
});

describe('settings', () => {
  test.each([
    [{ delimiter: ',,' }],
    [{ delimiter: '§' }],
    [{ delimiter: '"' }],
    [{ quote: '' }],
    [{ encoding: 'ebcdic' }],
    [{ anchor: ' ' }],
    [{ separator: ';' }],
    [{ booleans: { columns: [] } }],
  ])('%j is refused', (settings) => {
    expect(CsvSourceConfig.safeParse({ file: 'people.csv', anchor: 'id', ...settings }).success).toBe(false);
  });

  test.each([
    [{ booleans: { columns: ['actve'] } }, 'actve'],
    [{ multiValue: { mails: '|' } }, 'mails'],
    [{ columns: { nick: 'name2' } }, 'nick'],
  ])('a column that the file lacks is named: %j', async (settings, name) => {
    expect(await factsOf(pagesOf('id,name,active\n', settings))).toMatchObject({
      code: 'csv-unknown-column',
      message: expect.stringContaining(name),
    });
  });
});

describe('parts', () => {
  const field = fc.string({ unit: fc.constantFrom('a', 'b', ',', '"', '\n', '\r\n', ' ', 'é'), maxLength: 6 });

  test('records agree with csv-parse, wherever the text is cut', () => {
    const rows = fc.array(fc.tuple(field, field, fc.boolean()), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(
        rows,
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        fc.integer({ min: 1, max: 9 }),
        (values, lineBreak, isClosed, size) => {
          const text =
            values.map(([one, two, quoted]) => `${written(one, quoted)},${written(two, quoted)}`).join(lineBreak) +
            (isClosed ? lineBreak : '');
          const splitter = createSplitter({ delimiter: ',', quote: '"' }, { offset: 0, line: 1, width: null });
          const stretches = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
          const records = [...stretches.flatMap((stretch) => splitter.push(stretch)), ...splitter.finish()];
          expect(records.map(({ fields }) => fields)).toEqual(parse(text, { record_delimiter: ['\r\n', '\n'] }));
          expect(records.at(-1)?.next.offset).toBe(text.length);
        },
      ),
    );
  });

  test('no text whatever makes the splitter lose a character or stand still', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r'), maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        (text, size) => {
          const splitter = createSplitter({ delimiter: ',', quote: '"' }, { offset: 0, line: 1, width: null });
          const stretches = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
          const records = [...stretches.flatMap((stretch) => splitter.push(stretch)), ...splitter.finish()];
          const whole = createSplitter({ delimiter: ',', quote: '"' }, { offset: 0, line: 1, width: null });
          expect(records).toEqual([...whole.push(text), ...whole.finish()]);
          expect(splitter.pending()).toBe(0);
        },
      ),
    );
  });

  test('hashes are whole numbers of 52 bits, and those that come twice are told', () => {
    fc.assert(fc.property(fc.string(), (text) => Number.isSafeInteger(hash52(text)) && hash52(text) >= 0 && hash52(text) < 2 ** 52));
    const tally = createHashTally();
    for (let index = 0; index < 5000; index += 1) tally.add(`E${index % 4998}`);
    expect(tally.repeated()).toEqual(new Set([hash52('E0'), hash52('E1')]));
  });

  test.each([
    ['famlyname', 'familyName'],
    ['EMAIL', 'email'],
    ['zzz', null],
  ])('the nearest name to %s is %s', (word, expected) => {
    expect(nearest(word, ['email', 'familyName', 'title'])).toBe(expected);
  });
});
