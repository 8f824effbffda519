import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { QuirkFault, type QuirkScimServer, type Slapd, findSlapd, startQuirkScimServer, startSlapd } from '@provident/connectors/testing';
import { CycleOpened, ImportCompleted, ImportFailed, ObjectExported, ObjectImportFailed, SourceObjectImported } from '@provident/contracts';
import { eventuallyHolds } from '@provident/testing';

import {
  Installation,
  type JobInput,
  type TcpProxy,
  accountsIn,
  checkLog,
  csvJob,
  csvOf,
  earlyTests,
  expectedAccounts,
  openEscrows,
  people,
  person,
  rowOf,
  scimTarget,
  startTcpProxy,
  writeCsv,
} from './harness/index.js';

let installation: Installation;
const targets: QuirkScimServer[] = [];
const early = earlyTests();
beforeAll(async () => {
  installation = await Installation.start();
  early.begin();
});
afterAll(async () => {
  await installation?.stop();
  await Promise.all(targets.map((target) => target.close()));
});

async function startTarget(): Promise<QuirkScimServer> {
  const target = await startQuirkScimServer();
  targets.push(target);
  return target;
}

async function expectCompleteLog(job: string): Promise<void> {
  const events = await installation.eventsAtRest(job);
  expect(checkLog(events)).toEqual([]);
  expect(openEscrows(events)).toEqual([]);
}

describe('records that cannot be used', () => {
  const staff = people(30);

  test('fail with their line, while the others go on and nobody is taken for gone', async () => {
    const target = await startTarget();
    const file = join(installation.folder, 'records.csv');
    writeCsv(file, staff);
    await installation.apply(
      csvJob('records', { url: target.url, retry: { after: ['3s', '6s', '9s'], thenEvery: '3s', giveUpAfter: '28d' } }),
    );
    await installation.cycleClosed('records');

    // E1 has a field too many, E2 stands twice, E3's name is no UTF-8, one has no key; E20 is not in the file; the rest has a new name.
    const changed = staff.map((each) => ({ ...each, givenName: `New ${each.employeeId}` }));
    const lines = csvOf(changed).trimEnd().split('\n');
    lines[2] += ',more';
    lines.splice(10, 0, rowOf({ ...changed[2]!, familyName: 'Twice' }));
    lines.splice(15, 0, rowOf(person(700, { employeeId: '' })));
    const text = lines.filter((line) => !line.startsWith('E20,')).join('\n');
    const bytes = Buffer.from(`${text}\n`);
    bytes[bytes.indexOf('New E3')] = 0xff;
    writeCsv(file, bytes);
    const closed = await installation.run('records');
    expect(closed).toMatchObject({ result: 'entry-level-errors', tally: { imported: 31, escrowed: 5, held: 0, deleted: 0, disabled: 0 } });

    const failures = (await installation.list('records', ObjectImportFailed)).filter((each) => each.attempt === 0);
    const told = failures.map(({ sourceId, place, failure }) => `${sourceId} on ${place}: ${failure.code}`);
    expect(new Set(told)).toEqual(
      new Set([
        'E1 on line 3: wrong-field-count',
        'E2 on line 4: repeated-anchor',
        'E3 on line 5: broken-encoding',
        'E2 on line 11: repeated-anchor',
        'null on line 16: missing-anchor',
      ]),
    );
    expect((await installation.list('records', ImportCompleted)).at(-1)!.absenceWithheld).toMatch(/nobody can say whose it is/);
    const asBefore = new Set(['E1', 'E2', 'E3', 'E20']);
    const expected = staff.map((each, index) => (asBefore.has(each.employeeId) ? each : changed[index]!));
    expect(accountsIn(target.users())).toEqual(expectedAccounts(staff, expected));

    // Once the file is right again, everything is.
    const right = changed.filter(({ employeeId }) => employeeId !== 'E20');
    writeCsv(file, right);
    expect(await installation.run('records')).toMatchObject({ result: 'succeeded', tally: { deleted: 1 } });
    expect(accountsIn(target.users())).toEqual(expectedAccounts(staff, right));
    await expectCompleteLog('records');
  });

  early.test('do not keep others from being tried again', async () => {
    const target = await startTarget();
    const file = join(installation.folder, 'again.csv');
    const job = csvJob('again', { url: target.url, retry: { after: ['5s'], thenEvery: '5s', giveUpAfter: '28d' } });
    const [first, ...others] = people(8);
    writeCsv(file, csvOf([first!, ...others]).replace(rowOf(first!), `${rowOf(first!)},more`));
    const refused = new QuirkFault(
      {
        do: 'answer',
        status: 400,
        body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '400', detail: 'Not today.' },
      },
      { method: 'POST', times: 7 },
    );
    target.fail(refused);
    await installation.apply(job);
    expect(await installation.cycleClosed('again')).toMatchObject({ tally: { imported: 8, escrowed: 8 } });
    await eventuallyHolds(() => expect(accountsIn(target.users())).toEqual(expectedAccounts(others)), { timeoutMs: 12_000 });
    await eventuallyHolds(async () => expect(openEscrows(await installation.events('again'))).toEqual(['user:E0']));

    // The record is mended, and no cycle is due for an hour: the retry finds it.
    writeCsv(file, [first!, ...others]);
    await eventuallyHolds(() => expect(accountsIn(target.users())).toEqual(expectedAccounts([first!, ...others])), { timeoutMs: 12_000 });
    await eventuallyHolds(() => expectCompleteLog('again'));
  });
});

const slapdHere = findSlapd() !== null;
if (!slapdHere) process.stdout.write('slapd is not installed: the specs of a directory as the source are skipped\n');

(slapdHere ? describe : describe.skip)('a directory', () => {
  const count = 600;
  const names = Array.from({ length: count }, (_, index) => `p${index}`);
  let slapd: Slapd;
  let proxy: TcpProxy;
  let target: QuirkScimServer;
  beforeAll(async () => {
    slapd = await startSlapd({ people: count });
    proxy = await startTcpProxy(slapd.port);
    target = await startTarget();
  });
  afterAll(async () => {
    await proxy?.close();
    await slapd?.stop();
  });

  const job = (): JobInput => ({
    job: 'directory',
    source: {
      connector: 'ldap',
      config: {
        url: `ldap://127.0.0.1:${proxy.port}`,
        bindDn: slapd.reader.dn,
        password: { file: 'ldap-password' },
        baseDn: slapd.peopleDn,
        pageSize: 100,
      },
    },
    target: scimTarget(target.url),
    objects: [
      {
        type: 'user',
        attributes: [
          { target: 'userName', source: 'uid', matching: 1 },
          { target: 'name.familyName', source: 'sn' },
        ],
      },
    ],
    schedule: { every: '1h' },
  });

  const ldif = async (text: string): Promise<void> => {
    const file = join(installation.folder, 'change.ldif');
    writeCsv(file, text);
    const { dn, password } = slapd.admin;
    await promisify(execFile)('ldapmodify', ['-x', '-H', slapd.url, '-D', dn, '-w', password, '-f', file]);
  };
  const userNames = () => target.users().map(({ userName }) => String(userName));
  const familyName = (userName: string) =>
    (target.users().find((user) => user['userName'] === userName)?.['name'] as { familyName?: string } | undefined)?.familyName;

  test('is provisioned, and then only its changes', async () => {
    writeCsv(join(installation.folder, 'ldap-password'), slapd.reader.password);
    await installation.apply(job());
    expect(await installation.cycleClosed('directory')).toMatchObject({ kind: 'initial', tally: { read: count, created: count } });
    expect(userNames().sort()).toEqual([...names].sort());

    await ldif(`dn: uid=p7,${slapd.peopleDn}\nchangetype: modify\nreplace: sn\nsn: Changed\n`);
    const closed = await installation.run('directory');
    expect(closed).toMatchObject({ kind: 'incremental', result: 'succeeded', tally: { imported: 1, updated: 1 } });
    expect(closed.tally.read).toBeLessThan(10);
    expect(familyName('p7')).toBe('Changed');
  });

  test('that breaks off amid the pages removes nobody, and the next cycle goes on', async () => {
    let passed = 0;
    proxy.onAnswer = (bytes) => (passed += bytes) < 60_000;
    const failed = await installation.run('directory', { fresh: true });
    expect(passed).toBeGreaterThan(60_000);
    expect(failed).toMatchObject({ result: 'failed', failure: { kind: 'unavailable' }, tally: { held: 0, deleted: 0 } });
    expect((await installation.list('directory', ImportFailed)).at(-1)).toMatchObject({
      side: 'source',
      failure: { code: expect.stringMatching(/^ldap-/) as unknown },
    });
    expect(userNames()).toHaveLength(count);

    proxy.onAnswer = () => true;
    await ldif(`dn: uid=p8,${slapd.peopleDn}\nchangetype: modify\nreplace: sn\nsn: Later\n`);
    expect(await installation.run('directory')).toMatchObject({ result: 'succeeded' });
    expect(familyName('p8')).toBe('Later');
    const opened = await installation.list('directory', CycleOpened);
    expect(opened.at(-1)!.watermark).not.toBeNull();
  });

  test('that is away, or turns the account away, is named and nothing else happens', async () => {
    const changes = (await installation.list('directory', SourceObjectImported)).length;
    await proxy.refuse();
    expect(await installation.run('directory')).toMatchObject({
      result: 'failed',
      failure: { kind: 'unavailable', code: 'ldap-unreachable' },
    });
    await proxy.accept();
    expect(await installation.run('directory')).toMatchObject({ result: 'succeeded' });
    expect(await installation.list('directory', SourceObjectImported)).toHaveLength(changes);
    expect(userNames()).toHaveLength(count);
  });

  test('shows who was removed only when it is read as a whole', async () => {
    await ldif([3, 4].map((index) => `dn: uid=p${index},${slapd.peopleDn}\nchangetype: delete\n`).join('\n'));
    expect(await installation.run('directory')).toMatchObject({ tally: { imported: 0 } });
    expect(userNames()).toHaveLength(count);
    const closed = await installation.run('directory', { fresh: true });
    expect(closed).toMatchObject({ result: 'succeeded', tally: { imported: count, deleted: 2, unchanged: count - 2 } });
    expect(userNames().sort()).toEqual(names.filter((name) => name !== 'p3' && name !== 'p4').sort());
    expect((await installation.list('directory', ObjectExported)).filter(({ action }) => action === 'delete')).toHaveLength(2);
    await expectCompleteLog('directory');
  });
});

test('the services had no trouble with any of this', () => expect(installation.troubles()).toEqual([]));
