import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import type { SourceConnector, SourceCursor } from '../connector.js';
import { ConnectorError } from '../connector-error.js';
import { CsvSourceConfig } from './config.js';
import { csvSource } from './index.js';

const { signal } = new AbortController();
const files = {
  'people.csv': 'id,name\n1,Ada\n2,Bo\n',
  'groups.csv': 'code,title,owners\nw,Welding,1|2\np,Paint,\n',
  'members.csv': 'group,member,kind\nw,1,user\nw,p,group\np,2,\n',
};
let baseDir: string;

beforeAll(async () => {
  baseDir = await mkdtemp(join(tmpdir(), 'provident-csv-groups-'));
});
beforeEach(async () => {
  for (const [name, text] of Object.entries(files)) await put(name, text);
});
afterAll(() => rm(baseDir, { recursive: true }));

async function put(name: string, text: string | Buffer): Promise<void> {
  await writeFile(join(baseDir, `${name}.new`), text);
  await rename(join(baseDir, `${name}.new`), join(baseDir, name));
}

const settings = {
  file: 'people.csv',
  anchor: 'id',
  columns: { name: 'fullName' },
  groups: { file: 'groups.csv', anchor: 'code', columns: { title: 'name' }, multiValue: { owners: '|' } },
  memberships: { file: 'members.csv', group: 'group', member: 'member', memberType: 'kind' },
};

const open = (more: Record<string, unknown> = {}): Promise<SourceConnector> =>
  csvSource.open(CsvSourceConfig.parse({ ...settings, ...more }), { baseDir, readOnly: true, timeoutMs: 1_000 });

async function groupsOf(source: SourceConnector, watermark: SourceCursor | null = null) {
  const request = { objectType: 'group', attributes: ['name', 'owners'], resumeAt: null, watermark, pageSize: 100 };
  const reading = await source.read(request, signal);
  const pages = [];
  for await (const page of reading.pages) pages.push(page);
  return {
    kind: reading.kind,
    objects: pages.flatMap(({ objects }) => objects),
    failures: pages.flatMap(({ failures }) => failures),
    watermark: pages.at(-1)?.watermark ?? null,
  };
}

async function membersOf(source: SourceConnector, watermark: SourceCursor | null = null) {
  const reading = await source.readMembers(watermark, signal);
  const pages = [];
  for await (const page of reading.pages) pages.push(page);
  return {
    kind: reading.kind,
    watermark: reading.watermark,
    memberships: pages.flatMap(({ memberships }) => memberships),
    failures: pages.flatMap(({ failures }) => failures),
  };
}

const factsOf = async (action: Promise<unknown>) => {
  const error = await action.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConnectorError);
  return (error as ConnectorError).facts;
};

describe('groups', () => {
  test('are read from a file of their own, with columns of their own', async () => {
    const { kind, objects } = await groupsOf(await open());
    expect(kind).toBe('snapshot');
    expect(objects).toEqual([
      { anchor: 'w', attributes: { name: 'Welding', owners: ['1', '2'] } },
      { anchor: 'p', attributes: { name: 'Paint', owners: null } },
    ]);
  });

  test('are described beside the people', async () => {
    const { objectTypes } = await (await open()).describe(signal);
    expect(objectTypes.map(({ name, attributes }) => [name, attributes.map((attribute) => attribute.name)])).toEqual([
      ['user', ['id', 'fullName']],
      ['group', ['code', 'name', 'owners']],
    ]);
  });

  test('change with the bytes of their file, whatever happens to the others', async () => {
    const source = await open();
    const { watermark } = await groupsOf(source);
    await put('people.csv', 'id,name\n3,Cy\n');
    expect((await groupsOf(source, watermark)).kind).toBe('none');
    await put('groups.csv', `${files['groups.csv']}x,Extra,\n`);
    expect((await groupsOf(source, watermark)).objects).toHaveLength(3);
  });

  test('fail one by one like people', async () => {
    await put('groups.csv', 'code,title,owners\nw,Welding,1\n,Nameless,\nw,Again,\n');
    expect((await groupsOf(await open())).failures.map(({ code, place }) => `${code} ${place}`)).toEqual([
      'repeated-anchor line 2',
      'missing-anchor line 3',
      'repeated-anchor line 4',
    ]);
  });

  test('are looked up one by one', async () =>
    expect(await (await open()).find('group', 'p', ['name'], signal)).toEqual({ anchor: 'p', attributes: { name: 'Paint' } }));

  test('that nobody configured are refused with the remedy', async () => {
    const source = await open({ groups: undefined, memberships: undefined });
    expect(await factsOf(groupsOf(source))).toMatchObject({
      kind: 'misconfigured',
      message: 'these CSV files hold "user" objects, not "group"; name their file in "groups"',
    });
    expect(await membersOf(source)).toEqual({ kind: 'none', watermark: {}, memberships: [], failures: [] });
  });
});

describe('memberships', () => {
  test('come one per record; a member is a person unless the record says group', async () =>
    expect(await membersOf(await open())).toMatchObject({
      kind: 'snapshot',
      failures: [],
      memberships: [
        { group: 'w', member: '1', memberType: 'user' },
        { group: 'w', member: 'p', memberType: 'group' },
        { group: 'p', member: '2', memberType: 'user' },
      ],
    }));

  test('come again only when their file has other bytes or the settings changed', async () => {
    const source = await open();
    const { watermark } = await membersOf(source);
    await put('members.csv', files['members.csv']);
    expect((await membersOf(source, watermark)).kind).toBe('none');
    const others = await open({ memberships: { file: 'members.csv', group: 'group', member: 'member' } });
    expect((await membersOf(others, watermark)).kind).toBe('snapshot');
    await put('members.csv', 'group,member,kind\n');
    expect(await membersOf(source, watermark)).toMatchObject({ kind: 'snapshot', memberships: [] });
  });

  test('come in pages, of any number', async () => {
    await put('members.csv', `group,member,kind\n${Array.from({ length: 4_500 }, (_, at) => `w,${at},\n`).join('')}`);
    const pages = [];
    for await (const page of (await (await open()).readMembers(null, signal)).pages) pages.push(page.memberships.length);
    expect(pages).toEqual([2_000, 2_000, 500]);
  });

  test.each([
    ['no member', 'w,,user', 'missing-member'],
    ['no group', ',1,user', 'missing-anchor'],
    ['a kind that is none', 'w,1,machine', 'unreadable-record'],
    ['a field too many', 'w,1,user,x', 'wrong-field-count'],
    ['bytes that are no text', Buffer.from('w,\xff\xfe,user', 'latin1'), 'broken-encoding'],
  ])('a record with %s fails with its place, and the others go on', async (_, record, code) => {
    await put('members.csv', Buffer.concat([Buffer.from('group,member,kind\nw,1,user\n'), Buffer.from(record), Buffer.from('\np,2,\n')]));
    const { memberships, failures } = await membersOf(await open());
    expect(memberships.map(({ member }) => member)).toEqual(['1', '2']);
    expect(failures).toEqual([{ anchor: null, code, message: expect.stringMatching(/\w/), place: 'line 3 of members.csv' }]);
  });

  test.each([
    ['is missing', null, 'csv-missing'],
    ['is cut short', 'group,member,kind\nw,"1', 'csv-truncated'],
    ['has lost a column', 'group,kind\nw,user\n', 'csv-unknown-column'],
  ])('a file that %s is refused as a whole', async (_, text, code) => {
    if (text === null) await rm(join(baseDir, 'members.csv'));
    else await put('members.csv', text);
    const source = await open();
    expect(await factsOf(membersOf(source))).toMatchObject({ kind: 'misconfigured', code });
    expect(await factsOf(source.describe(signal))).toMatchObject({ code });
  });

  test('a file that changes while it is read is read again later', async () => {
    await put('members.csv', `group,member,kind\n${Array.from({ length: 4_500 }, (_, at) => `w,${at},\n`).join('')}`);
    const { pages } = await (await open()).readMembers(null, signal);
    const reading = (async () => {
      for await (const _page of pages) await put('members.csv', 'group,member,kind\n');
    })();
    expect(await factsOf(reading)).toMatchObject({ kind: 'unavailable', code: 'csv-changed-while-reading' });
  });

  test('need groups to belong to', () =>
    expect(CsvSourceConfig.safeParse({ ...settings, groups: undefined }).error?.issues).toMatchObject([{ path: ['memberships'] }]));
});
