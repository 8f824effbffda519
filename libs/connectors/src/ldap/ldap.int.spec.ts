import { createServer, connect, type Server, type Socket } from 'node:net';

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Attribute, Change, Client } from 'ldapts';

import type { SourceConnector, SourcePage, SourceRead } from '../connector.js';
import { ConnectorError } from '../connector-error.js';
import { findSlapd, type Slapd, startSlapd } from '../testing/slapd.js';
import { LdapSourceConfig } from './config.js';
import { ldapSource } from './index.js';

const people = 520;
const { signal } = new AbortController();
const withSlapd = findSlapd() === null ? describe.skip : describe;
if (findSlapd() === null) process.stdout.write('slapd is not installed: the LDAP connector is not tried against a real server\n');

withSlapd('against a real OpenLDAP server', () => {
  let slapd: Slapd;
  const opened: SourceConnector[] = [];

  beforeAll(async () => {
    slapd = await startSlapd({ people, tls: true, ldif: twins('dc=example,dc=org') });
    process.env.LDAP_SPEC_PASSWORD = slapd.reader.password;
    process.env.LDAP_SPEC_WRONG = 'wrong';
  }, 30_000);
  afterEach(async () => {
    for (const source of opened.splice(0)) await source.close();
  });
  afterAll(() => slapd?.stop());

  async function open(settings: Record<string, unknown> = {}, timeoutMs = 5000): Promise<SourceConnector> {
    const login = { bindDn: slapd.reader.dn, password: { env: 'LDAP_SPEC_PASSWORD' } };
    const config = LdapSourceConfig.parse({ url: slapd.url, baseDn: slapd.peopleDn, ...login, ...settings });
    const source = await ldapSource.open(config, { baseDir: '/', readOnly: true, timeoutMs });
    opened.push(source);
    return source;
  }

  const secured = () => ({ tls: { ca: slapd.caFile } });

  test.each([
    ['plain', () => ({})],
    ['with StartTLS', () => ({ startTls: true, ...secured() })],
    ['over ldaps', () => ({ url: slapd.ldapsUrl, ...secured() })],
    ['over ldaps by name', () => ({ url: slapd.ldapsUrl?.replace('127.0.0.1', 'localhost'), ...secured() })],
    ['with StartTLS and another name', () => ({ startTls: true, tls: { ca: slapd.caFile, serverName: 'localhost' } })],
    ['without checking, when told so', () => ({ startTls: true, tls: { rejectUnauthorized: false } })],
  ])('connects %s', async (_case, settings) => {
    const { kind, pages, objects, watermark, total } = await readAll(await open(settings()), {
      pageSize: 50,
      attributes: ['UID', 'mail', 'title', 'dn'],
    });
    expect({ kind, total, count: objects.length, pages: pages.length }).toEqual({
      kind: 'snapshot',
      total: people,
      count: people,
      pages: 11,
    });
    expect(pages.map((page) => page.watermark !== null)).toEqual([...Array<boolean>(10).fill(false), true]);
    expect(watermark).toMatchObject({ changedUpTo: '20200101000839' });
    expect(new Set(objects.map(({ anchor }) => anchor)).size).toBe(people);
    expect(objects[7]).toEqual({
      anchor: expect.stringMatching(/^[0-9a-f-]{36}$/),
      attributes: { UID: 'p7', mail: ['p7@example.org', 'person.7@example.org'], dn: `uid=p7,${slapd.peopleDn}` },
    });
  });

  test.each([
    ['a wrong password', () => ({ password: { env: 'LDAP_SPEC_WRONG' } }), 'unauthorized', 'ldap-invalid-credentials'],
    ['an unset password', () => ({ password: { env: 'LDAP_SPEC_UNSET' } }), 'misconfigured', 'secret-missing'],
    ['no log-in where one is needed', () => ({ bindDn: undefined, password: undefined }), 'unauthorized', 'ldap-insufficient-access'],
    ['an authority nobody named', () => ({ url: slapd.ldapsUrl }), 'misconfigured', 'ldap-tls-untrusted'],
    ['the same with StartTLS', () => ({ startTls: true }), 'misconfigured', 'ldap-tls-untrusted'],
    [
      'a certificate for another name',
      () => ({ url: slapd.ldapsUrl, tls: { ca: slapd.caFile, serverName: 'other.example.org' } }),
      'misconfigured',
      'ldap-tls-untrusted',
    ],
    ['TLS where none is spoken', () => ({ url: slapd.url.replace('ldap:', 'ldaps:') }), 'unavailable', 'ldap-unreachable'],
    ['a missing authority file', () => ({ tls: { ca: 'nowhere.pem' } }), 'misconfigured', 'ldap-ca-unreadable'],
    ['a base that is not there', () => ({ baseDn: 'ou=none,dc=example,dc=org' }), 'misconfigured', 'ldap-no-such-base'],
    ['a base that is no name', () => ({ baseDn: 'people' }), 'misconfigured', 'ldap-invalid-dn'],
    ['nobody on the port', () => ({ url: 'ldap://127.0.0.1:1' }), 'unavailable', 'ldap-unreachable'],
  ])('%s', async (_case, settings, kind, code) => {
    const facts = await factsOf(open(settings()).then((source) => source.read(request(), signal)));
    expect(facts).toMatchObject({ kind, code });
    expect(JSON.stringify(facts)).not.toContain(slapd.reader.password);
  });

  test('a change is read as a delta from the boundary second on, and nobody else', async () => {
    const source = await open();
    const first = await readAll(source);
    const idle = await readAll(source, { watermark: first.watermark });
    expect([idle.kind, idle.objects.map(({ attributes }) => attributes.uid)]).toEqual(['delta', [`p${people - 1}`]]);

    await modify(slapd, 'uid=p3', 'title', 'Captain');
    const delta = await readAll(source, { watermark: idle.watermark, attributes: ['uid', 'title'] });
    expect(delta.kind).toBe('snapshot'); // other attributes are asked for
    const changed = await readAll(source, { watermark: idle.watermark });
    expect([changed.kind, changed.total, changed.objects.map(({ attributes }) => attributes.uid).sort()]).toEqual([
      'delta',
      2,
      ['p3', `p${people - 1}`],
    ]);
    const after = await readAll(source, { watermark: changed.watermark });
    expect(after.objects.map(({ attributes }) => attributes.uid)).toEqual(['p3']);
    expect(after.watermark).toMatchObject({ fullReadAt: (first.watermark as { fullReadAt: string }).fullReadAt });
  });

  test('everything is read again once the last full read is too old', async () => {
    const source = await open({ fullReadEvery: '0s' });
    const { watermark } = await readAll(source);
    expect((await readAll(source, { watermark })).kind).toBe('snapshot');
  });

  test('an interrupted read starts over', async () => {
    const source = await open();
    const { pages } = await readAll(source, { pageSize: 100 });
    const again = await readAll(source, { pageSize: 100, resumeAt: pages[2]?.cursor ?? null });
    expect(again.objects).toHaveLength(people);
  });

  test('a branch without people is an empty snapshot with a watermark', async () => {
    const { kind, pages, watermark } = await readAll(await open({ filter: '(uid=nobody)' }));
    expect([kind, pages.length, pages[0]?.objects]).toEqual(['snapshot', 1, []]);
    expect(watermark).toMatchObject({ changedUpTo: null });
  });

  test("an anchor that two people share is nobody's", async () => {
    const source = await open({ baseDn: slapd.baseDn, anchor: 'employeeNumber', filter: '(|(ou=twins)(uid=p1))' });
    const { pages, objects } = await readAll(source, { pageSize: 1 });
    expect(objects).toEqual([{ anchor: 'E1', attributes: { uid: 'p1' } }]);
    expect(pages.flatMap(({ failures }) => failures).map(({ anchor, code, place }) => [anchor, code, place])).toEqual([
      ['T1', 'repeated-anchor', 'uid=twin1,dc=example,dc=org'],
      ['t1', 'repeated-anchor', 'uid=twin2,dc=example,dc=org'],
      [null, 'missing-anchor', 'uid=twin3,dc=example,dc=org'],
    ]);
    expect(await factsOf(source.find('user', 'T1', ['uid'], signal))).toMatchObject({ kind: 'rejected', code: 'repeated-anchor' });
  });

  test('find looks one person up, within the filter', async () => {
    const source = await open();
    const { objects } = await readAll(source);
    expect(await source.find('user', objects[5]?.anchor ?? '', ['uid'], signal)).toEqual(objects[5]);
    expect(await source.find('user', '00000000-0000-0000-0000-000000000000', ['uid'], signal)).toBeNull();
    const byNumber = await open({ anchor: 'employeeNumber' });
    expect(await byNumber.find('user', 'E9', ['uid'], signal)).toEqual({ anchor: 'E9', attributes: { uid: 'p9' } });
    for (const hostile of ['*', 'E9)(uid=*', '\\2a', 'E9\0']) expect(await byNumber.find('user', hostile, ['uid'], signal)).toBeNull();
  });

  test('describes the attributes of the classes that people have', async () => {
    const { name, objectTypes } = await (await open({ tls: { rejectUnauthorized: false } })).describe(signal);
    expect(name).toBe(`LDAP directory (127.0.0.1:${slapd.port}, certificate not checked)`);
    const attributes = new Map(objectTypes[0]?.attributes.map((one) => [one.name, one]));
    expect(attributes.get('sn')).toMatchObject({ required: true, multiValued: true, type: 'string' });
    expect(attributes.get('manager')).toMatchObject({ type: 'reference' });
    expect(attributes.get('employeeNumber')).toMatchObject({ multiValued: false });
    expect(attributes.get('jpegPhoto')).toMatchObject({ type: 'binary' });
  });

  test('a connection that closed between two requests is replaced', async () => {
    const proxy = await startProxy(slapd.port);
    const source = await open({ url: proxy.url, startTls: true, tls: { rejectUnauthorized: false } });
    await readAll(source);
    proxy.cut();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await readAll(source)).objects).toHaveLength(people);
    await proxy.stop();
  });

  test.each([
    ['plain', () => ({})],
    ['with StartTLS', () => ({ startTls: true, ...secured() })],
  ])('a connection that breaks amid the pages throws; no last page comes (%s)', async (_case, settings) => {
    const proxy = await startProxy(slapd.port);
    const source = await open({ url: proxy.url, ...settings() });
    const { pages } = await source.read(request({ pageSize: 50 }), signal);
    const seen: SourcePage[] = [];
    const consume = async () => {
      for await (const page of pages) {
        seen.push(page);
        if (seen.length === 3) proxy.cut();
      }
    };
    expect(await factsOf(consume())).toMatchObject({ kind: 'unavailable' });
    expect(seen.length).toBeGreaterThanOrEqual(3);
    expect(seen.length).toBeLessThan(11);
    expect(seen.every(({ watermark }) => watermark === null)).toBe(true);
    await proxy.stop();
  });

  test('a connection that breaks in the middle of an answer throws', async () => {
    const proxy = await startProxy(slapd.port, 40_000);
    const source = await open({ url: proxy.url });
    expect(await factsOf(readAll(source))).toMatchObject({ kind: 'unavailable', code: 'ldap-connection-lost' });
    await proxy.stop();
  });

  test.each([
    ['a server that says nothing', { connectTimeout: '1s' }],
    ['a server that says nothing to TLS', { connectTimeout: '1s', startTls: true }],
  ])('%s', async (_case, settings) => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket.on('error', () => {})));
    const port = await listen(silent);
    const source = await open({ url: `ldap://127.0.0.1:${port}`, ...settings });
    expect(await factsOf(source.read(request(), signal))).toMatchObject({ kind: 'unavailable', code: 'ldap-timeout' });
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  test('an interrupted request throws at once', async () => {
    const source = await open();
    const aborting = new AbortController();
    const reading = await source.read(request({ pageSize: 10 }), aborting.signal);
    aborting.abort();
    expect(await factsOf(reading.pages[Symbol.asyncIterator]().next())).toMatchObject({ kind: 'unavailable', code: 'interrupted' });
  });
});

withSlapd('a server that gives an account only so many entries', () => {
  test('is never taken for one that has no more', async () => {
    const slapd = await startSlapd({ people: 60, sizeLimit: 25 });
    process.env.LDAP_SPEC_PASSWORD = slapd.reader.password;
    const login = { bindDn: slapd.reader.dn, password: { env: 'LDAP_SPEC_PASSWORD' } };
    const config = LdapSourceConfig.parse({ url: slapd.url, baseDn: slapd.peopleDn, ...login });
    const source = await ldapSource.open(config, { baseDir: '/', readOnly: true, timeoutMs: 5000 });
    for (const pageSize of [10, 100]) {
      expect(await factsOf(source.read(request({ pageSize }), signal))).toMatchObject({ kind: 'misconfigured', code: 'ldap-size-limit' });
    }
    await source.close();
    await slapd.stop();
  }, 20_000);
});

withSlapd('groups of a real OpenLDAP server', () => {
  const base = 'dc=example,dc=org';
  const inPeople = (uid: string) => `uid=${uid},ou=people,${base}`;
  const inGroups = (cn: string) => `cn=${cn},ou=groups,${base}`;
  const entry = (dn: string, ...lines: string[]) => [`dn: ${dn}`, ...lines, ''].join('\n');
  const ldif = [
    entry(`ou=groups,${base}`, 'objectClass: organizationalUnit', 'ou: groups'),
    entry(
      inGroups('welders'),
      'objectClass: groupOfNames',
      'cn: welders',
      ...[inPeople('p1'), inPeople('P2'), inGroups('painters'), inPeople('nobody'), `cn=admin,${base}`].map((dn) => `member: ${dn}`),
    ),
    entry(
      inGroups('painters'),
      'objectClass: groupOfUniqueNames',
      'cn: painters',
      `uniqueMember: ${inPeople('p3')}#'0101'B`,
      `uniqueMember: ${inPeople('p1')}`,
    ),
  ].join('\n');
  let slapd: Slapd;
  const opened: SourceConnector[] = [];
  beforeAll(async () => {
    slapd = await startSlapd({ people: 6, ldif, memberOf: true });
    process.env.LDAP_SPEC_PASSWORD = slapd.reader.password;
    await modify(slapd, 'uid=p1', 'manager', inPeople('p4'));
    await modify(slapd, 'uid=p2', 'manager', inPeople('nobody'));
  }, 30_000);
  afterEach(async () => {
    for (const source of opened.splice(0)) await source.close();
  });
  afterAll(() => slapd?.stop());

  async function open(groups: Record<string, unknown> = {}, more: Record<string, unknown> = {}): Promise<SourceConnector> {
    const login = { bindDn: slapd.reader.dn, password: { env: 'LDAP_SPEC_PASSWORD' } };
    const settings = { anchor: 'uid', groups: { baseDn: `ou=groups,${base}`, anchor: 'cn', ...groups }, ...more };
    const config = LdapSourceConfig.parse({ url: slapd.url, baseDn: slapd.peopleDn, ...login, ...settings });
    const source = await ldapSource.open(config, { baseDir: '/', readOnly: true, timeoutMs: 5000 });
    opened.push(source);
    return source;
  }
  async function membersOf(source: SourceConnector, watermark: Parameters<SourceConnector['readMembers']>[0] = null) {
    const reading = await source.readMembers(watermark, signal);
    const found: string[] = [];
    for await (const { memberships } of reading.pages)
      found.push(...memberships.map((each) => `${each.group} ${each.memberType} ${each.member}`));
    return { kind: reading.kind, watermark: reading.watermark, found: found.sort() };
  }

  test('are read like people, and described', async () => {
    const source = await open();
    const { objects, kind } = await readAll(source, { objectType: 'group', attributes: ['cn'] });
    expect([kind, objects.map(({ anchor }) => anchor).sort()]).toEqual(['snapshot', ['painters', 'welders']]);
    expect((await source.describe(signal)).objectTypes.map(({ name }) => name)).toEqual(['user', 'group']);
    expect(await source.find('group', 'welders', ['cn'], signal)).toEqual({ anchor: 'welders', attributes: { cn: 'welders' } });
  });

  test.each([
    ['member', ['welders group painters', 'welders user p1', 'welders user p2']],
    ['uniqueMember', ['painters user p1', 'painters user p3']],
  ])('have members by %s; names that stand for nobody are passed over', async (members, expected) => {
    expect(await membersOf(await open({ members }))).toMatchObject({ kind: 'snapshot', found: expected });
  });

  test('have members by memberOf of people and groups', async () => {
    const source = await open({ members: 'memberOf' });
    const all = [inPeople('p1'), inPeople('p2'), inGroups('painters'), inPeople('nobody')];
    await change(slapd, inGroups('welders'), 'member', all); // the overlay sees what is changed while it runs
    expect((await membersOf(source)).found).toEqual(['welders group painters', 'welders user p1', 'welders user p2']);
  });

  test('are read again when one of them has changed, and not otherwise', async () => {
    const source = await open({ members: 'uniqueMember' });
    let reading = await membersOf(source);
    const kinds = [reading.kind];
    // The second of the latest change is read until it must be over.
    for (const until = Date.now() + 15_000; reading.kind !== 'none' && Date.now() < until; ) {
      await new Promise((resolve) => setTimeout(resolve, 250));
      reading = await membersOf(source, reading.watermark);
      kinds.push(reading.kind);
    }
    expect([kinds[0], kinds.at(-1)]).toEqual(['snapshot', 'none']);
    await change(slapd, inGroups('painters'), 'uniqueMember', [inPeople('p5')]);
    expect(await membersOf(source, reading.watermark)).toMatchObject({ kind: 'snapshot', found: ['painters user p5'] });
  }, 20_000);

  test('come as the lists of the groups that changed, and with those whom a list named before they were there', async () => {
    const source = await open();
    await change(slapd, inGroups('welders'), 'member', [inPeople('p1'), inPeople('late')]);
    const read = async (watermark: Parameters<SourceConnector['readMembers']>[0]) => {
      const reading = await source.readMembers(watermark, signal, true);
      const found: string[] = [];
      const whole: string[] = [];
      for await (const page of reading.pages) {
        found.push(...page.memberships.map(({ group, member }) => `${group} ${member}`));
        whole.push(...(page.whole ?? []));
      }
      return { kind: reading.kind, watermark: reading.watermark, found: found.sort(), whole };
    };
    const ago = { latestSince: '2026-01-01T00:00:00.000Z', namesLatestSince: '2026-01-01T00:00:00.000Z' };
    const first = await read(null);
    expect([first.kind, first.found]).toEqual(['snapshot', ['welders p1']]);
    const settled = await read({ ...first.watermark, ...ago });
    const isOver = async () => (await read(settled.watermark)).kind === 'none';
    expect(await isOver()).toBe(true);
    await oneSecondLater(settled.watermark['changedUpTo'] as string);
    await add(slapd, inPeople('late'), { objectClass: 'inetOrgPerson', uid: 'late', cn: 'Late', sn: 'Late' });
    const named = await read(settled.watermark);
    expect([named.kind, named.found, named.whole]).toEqual(['delta', ['welders late'], []]);
    await change(slapd, inGroups('welders'), 'member', [inPeople('p2')]);
    const changed = await read({ ...named.watermark, ...ago });
    expect([changed.kind, changed.whole, changed.found.includes('welders p2')]).toEqual(['delta', ['welders'], true]);
  }, 20_000);

  test('a manager is read as the anchor of the one whom the name stands for, and as the name where it leads nowhere', async () => {
    const source = await open({}, { references: ['Manager'] });
    const { objects } = await readAll(source, { attributes: ['manager'] });
    const managers = Object.fromEntries(objects.map(({ anchor, attributes }) => [anchor, attributes['manager']]));
    expect(managers).toMatchObject({ p1: 'p4', p2: inPeople('nobody'), p3: undefined });
    expect(await source.find('user', 'p1', ['manager'], signal)).toEqual({ anchor: 'p1', attributes: { manager: 'p4' } });
  });

  test('that nobody configured are not there, with the remedy', async () => {
    const source = await open({}, { groups: undefined });
    expect(await factsOf(source.read(request({ objectType: 'group' }), signal))).toMatchObject({
      kind: 'misconfigured',
      message: 'this LDAP source holds "user" objects, not "group"; say in "groups" where they are',
    });
    expect((await source.readMembers(null, signal)).kind).toBe('none');
  });
});

function request(overrides: Partial<SourceRead> = {}): SourceRead {
  return { objectType: 'user', attributes: ['uid'], resumeAt: null, watermark: null, pageSize: 500, ...overrides };
}

async function readAll(source: SourceConnector, overrides: Partial<SourceRead> = {}) {
  const reading = await source.read(request(overrides), signal);
  const pages: SourcePage[] = [];
  for await (const page of reading.pages) pages.push(page);
  const [watermark = null] = pages.map((page) => page.watermark).slice(-1);
  return { ...reading, pages, watermark, objects: pages.flatMap(({ objects }) => objects) };
}

async function factsOf(action: Promise<unknown>) {
  const error = await action.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ConnectorError);
  return (error as ConnectorError).facts;
}

/** Three people whose employee numbers are no good as anchors. */
function twins(base: string): string {
  const numbers = ['employeeNumber: T1', 'employeeNumber: t1', 'title: none'];
  return numbers
    .map(
      (line, index) =>
        `dn: uid=twin${index + 1},${base}\nobjectClass: inetOrgPerson\nuid: twin${index + 1}\ncn: Twin\nsn: Twin\nou: twins\n${line}\n`,
    )
    .join('\n');
}

const modify = (slapd: Slapd, rdn: string, type: string, value: string): Promise<void> =>
  change(slapd, `${rdn},${slapd.peopleDn}`, type, [value]);

async function change(slapd: Slapd, dn: string, type: string, values: string[]): Promise<void> {
  const client = new Client({ url: slapd.url });
  await client.bind(slapd.admin.dn, slapd.admin.password);
  await client.modify(dn, new Change({ operation: 'replace', modification: new Attribute({ type, values }) }));
  await client.unbind();
}

async function add(slapd: Slapd, dn: string, attributes: Record<string, string>): Promise<void> {
  const client = new Client({ url: slapd.url });
  await client.bind(slapd.admin.dn, slapd.admin.password);
  await client.add(dn, attributes);
  await client.unbind();
}

/** What changes from now on is stamped with a later second than that. */
async function oneSecondLater(second: string): Promise<void> {
  const now = () => new Date().toISOString().replaceAll(/[-:T]|\.\d+Z$/g, '');
  while (now() <= second) await new Promise((resolve) => setTimeout(resolve, 50));
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
}

/** Passes bytes on; cuts every connection when told, or behind that many bytes of answers. */
async function startProxy(port: number, cutAfterBytes = Infinity) {
  const sockets = new Set<Socket>();
  const cut = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    let passed = 0;
    for (const socket of [near, far]) sockets.add(socket.on('error', () => {}));
    near.pipe(far);
    far.on('data', (bytes) => {
      passed += bytes.length;
      if (passed > cutAfterBytes) cut();
      else near.write(bytes);
    });
    far.on('close', () => near.destroy());
  });
  const ownPort = await listen(server);
  const stop = () => {
    cut();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { url: `ldap://127.0.0.1:${ownPort}`, cut, stop };
}
