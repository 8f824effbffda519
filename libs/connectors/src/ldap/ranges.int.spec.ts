import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import type { MembershipPage, SourceConnector, SourceCursor } from '../connector.js';
import { type AnsweredAttribute, RangedDirectory } from '../testing/ranged-directory.js';
import { LdapSourceConfig } from './config.js';
import { ldapSource } from './index.js';

const { signal } = new AbortController();
const inPeople = (uid: string) => `uid=${uid},ou=people,dc=x`;
const inGroups = (cn: string) => `cn=${cn},ou=groups,dc=x`;
const some = (count: number, from = 0) => Array.from({ length: count }, (_, at) => `p${from + at}`);

let directory: RangedDirectory;
let source: SourceConnector;

beforeEach(async () => {
  directory = new RangedDirectory();
  const url = await directory.start();
  const groups = { baseDn: 'ou=groups,dc=x', filter: '(objectClass=group)', anchor: 'cn' };
  const config = LdapSourceConfig.parse({ url, baseDn: 'ou=people,dc=x', filter: '(objectClass=user)', anchor: 'uid', groups });
  source = await ldapSource.open(config, { baseDir: '/', readOnly: true, timeoutMs: 5_000 });
});
afterEach(async () => {
  await source.close();
  await directory.stop();
});

const putPerson = (uid: string) => directory.put(inPeople(uid), { objectClass: ['user'], uid: [uid] });
const putGroup = (cn: string, members: readonly string[]) =>
  directory.put(inGroups(cn), { objectClass: ['group'], cn: [cn], member: members.map(inPeople) });

/** What somebody who follows the pages knows in the end, group by group. */
async function read(watermark: SourceCursor | null = null) {
  const reading = await source.readMembers(watermark, signal, true);
  const pages: MembershipPage[] = [];
  const groups = new Map<string, Set<string>>();
  for await (const page of reading.pages) {
    pages.push(page);
    for (const group of page.anew ?? []) groups.delete(group);
    for (const { group, member } of page.memberships) groups.set(group, (groups.get(group) ?? new Set()).add(member));
  }
  return {
    kind: reading.kind,
    watermark: reading.watermark,
    groups: Object.fromEntries([...groups].map(([group, members]) => [group, [...members].sort()])),
    failures: pages.flatMap(({ failures }) => failures),
    whole: pages.flatMap(({ whole = [] }) => whole).sort(),
    anew: pages.flatMap(({ anew = [] }) => anew),
    pages,
  };
}

/** Reads until everything that was read is settled, and the source says that nothing has changed. */
async function untilNone(watermark: SourceCursor) {
  const settled = { ...watermark, latestSince: '2026-01-01T00:00:00.000Z', namesLatestSince: '2026-01-01T00:00:00.000Z' };
  const once = await read(settled);
  const twice = await read(once.watermark);
  expect(twice.kind).toBe('none');
  return twice.watermark;
}

describe('a server that gives long lists in ranges', () => {
  test('is asked until the list ends, and for whole lists not at all', async () => {
    some(3_200).forEach(putPerson);
    putGroup('big', some(3_200));
    putGroup('small', some(2));
    putGroup('none', []);
    const { kind, groups, failures } = await read();
    expect([kind, groups, failures]).toEqual(['snapshot', { big: some(3_200).sort(), small: ['p0', 'p1'] }, []]);
    expect(directory.given).toEqual(['member;range=0-1499', 'member;range=1500-2999', 'member;range=3000-*']);
  });

  test('a list that changes between two ranges begins anew: nobody is missed, and nobody who left is in it', async () => {
    directory.valuesAtOnce = 10;
    some(40).forEach(putPerson);
    putGroup('big', some(35));
    let isLeft = false;
    directory.onAnswer = (_, attribute) => {
      // With the first ones gone, every later value moves to an earlier range.
      if (attribute.name.includes('=10-') && !isLeft) {
        isLeft = true;
        directory.change(inGroups('big'), 'member', some(20, 15).map(inPeople));
      }
      return attribute;
    };
    const { groups, anew, failures } = await read();
    expect([groups, anew, failures]).toEqual([{ big: some(20, 15).sort() }, ['big'], []]);
  });

  test('a list that never stands still fails alone; the next read takes it up again', async () => {
    directory.valuesAtOnce = 10;
    some(40).forEach(putPerson);
    putGroup('busy', some(35));
    putGroup('calm', some(12));
    directory.onAnswer = (dn, attribute) => {
      if (dn === inGroups('busy') && !attribute.name.includes('=0-')) directory.change(dn, 'description', [String(Math.random())]);
      return attribute;
    };
    const first = await read();
    expect(first.groups['calm']).toEqual(some(12).sort());
    expect(first.failures).toEqual([
      {
        anchor: 'busy',
        group: 'busy',
        code: 'unreadable-record',
        message: 'the list "member" cannot be read to its end: it changed 5 times while it was read',
        place: inGroups('busy'),
      },
    ]);
    directory.onAnswer = (_, attribute) => attribute;
    const second = await read(await untilFailing(first.watermark));
    expect([second.kind, second.whole, second.groups['busy']]).toEqual(['delta', ['busy'], some(35).sort()]);
  });

  /** The failed group alone is left to be read. */
  async function untilFailing(watermark: SourceCursor): Promise<SourceCursor> {
    const ago = '2026-01-01T00:00:00.000Z';
    return { ...watermark, latestSince: ago, namesLatestSince: ago, isSettled: true, namesSettled: true };
  }

  test.each<[string, (attribute: AnsweredAttribute) => AnsweredAttribute, RegExp]>([
    ['no range at all', (each) => ({ ...each, name: 'member;range=all' }), /"member;range=all" is not a range/],
    [
      'always the first',
      (each) => ({ ...each, name: 'member;range=0-9' }),
      /values from 10 on were asked for, and "member;range=0-9" came/,
    ],
    ['a part of what it says', (each) => ({ ...each, values: each.values.slice(1) }), /came with 9 value/],
    ['none, and no end', (each) => ({ name: each.name.replace('*', '10'), values: [] }), /came with 0 value/],
  ])('one that answers with %s fails that group alone', async (_case, distorted, words) => {
    directory.valuesAtOnce = 10;
    some(25).forEach(putPerson);
    putGroup('broken', some(25));
    putGroup('sound', some(25));
    directory.onAnswer = (dn, attribute) => (dn === inGroups('broken') && attribute.name.includes(';') ? distorted(attribute) : attribute);
    const { groups, failures } = await read();
    expect(groups['sound']).toEqual(some(25).sort());
    expect(failures).toMatchObject([{ group: 'broken', anchor: 'broken', message: expect.stringMatching(words) }]);
  });

  test('a group that goes away while it is read fails alone', async () => {
    directory.valuesAtOnce = 10;
    some(25).forEach(putPerson);
    putGroup('gone', some(25));
    directory.onAnswer = (dn, attribute) => {
      if (attribute.name.includes(';range=')) directory.drop(dn);
      return attribute;
    };
    expect((await read()).failures).toMatchObject([{ group: 'gone', message: expect.stringContaining('went away') }]);
  });

  test('a group of 100,000 comes in small parts', async () => {
    // A few people under all these names: who they are is looked up once each.
    some(50).forEach(putPerson);
    const names = Array.from({ length: 100_000 }, (_, at) => inPeople(`p${at % 50}`));
    directory.put(inGroups('huge'), { objectClass: ['group'], cn: ['huge'], member: names });
    const { pages, groups } = await read();
    expect(groups['huge']).toHaveLength(50);
    expect(pages.reduce((sum, { memberships }) => sum + memberships.length, 0)).toBe(100_000);
    expect(Math.max(...pages.map(({ memberships }) => memberships.length))).toBeLessThanOrEqual(2_000);
    expect([directory.mostGiven, directory.given.length]).toEqual([1_500, 67]);
  });
});

describe('changes of memberships', () => {
  test('come as the lists of the groups that changed; the others are not read', async () => {
    some(30).forEach(putPerson);
    putGroup('changed', some(5));
    putGroup('same', some(20));
    const watermark = await untilNone((await read()).watermark);
    directory.second = '20260101000100';
    directory.change(inGroups('changed'), 'member', some(5, 3).map(inPeople));
    const { kind, groups, whole } = await read(watermark);
    expect([kind, groups, whole]).toEqual(['delta', { changed: some(5, 3).sort() }, ['changed']]);
  });

  test('somebody who was named before being there is found in the group once there', async () => {
    some(3).forEach(putPerson);
    putGroup('waiting', ['p1', 'late']);
    const watermark = await untilNone((await read()).watermark);
    directory.second = '20260101000100';
    putPerson('late');
    const { kind, groups, whole } = await read(watermark);
    expect([kind, groups, whole]).toEqual(['delta', { waiting: ['late'] }, []]);
  });

  test('come as a whole to whoever cannot do with less', async () => {
    some(3).forEach(putPerson);
    putGroup('one', ['p1']);
    putGroup('other', ['p2']);
    const { watermark } = await read();
    directory.second = '20260101000100';
    directory.change(inGroups('one'), 'member', [inPeople('p0')]);
    const reading = await source.readMembers(watermark, signal);
    expect(reading.kind).toBe('snapshot');
  });
});
