import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  InsufficientAccessError,
  InvalidCredentialsError,
  NoSuchObjectError,
  SizeLimitExceededError,
  UnwillingToPerformError,
} from 'ldapts';
import type { SecretRef } from '@provident/domain';

import { ConnectorSecret } from '../shared/secrets.js';
import { classifyLdapError } from './classify.js';
import type { EntryPage, LdapEntry, LdapSession } from './client.js';
import { LdapSourceConfig } from './config.js';
import { anchorBytes, anchorText, binaryNames, readEntry } from './entries.js';
import { changedSince, parseFilter, readPages, surveyChanges, withAnchors } from './reading.js';
import { describeServer } from './server.js';
import { describeAttributes } from './subschema.js';
import { parseWatermark, readFrom, rulesOf } from './watermark.js';

const coded = (code: string | number, message = 'words') => Object.assign(new Error(message), { code });

const at = (time: string) => new Date(`2026-11-${time}:00.000Z`);

function entry(dn: string, attributes: Record<string, readonly (string | Buffer)[]>): LdapEntry {
  const list = Object.entries(attributes).map(([name, values]) => ({ name, values: values.map((value) => Buffer.from(value as string)) }));
  return { dn, attributes: list };
}

describe('errors', () => {
  test.each<[string, unknown, string, string]>([
    ['operations error', coded(1), 'unavailable', 'ldap-operations-error'],
    ['no log-in at Active Directory', coded(1, '000004DC: LdapErr: DSID-0C090A58'), 'unauthorized', 'ldap-bind-required'],
    ['time limit', coded(3), 'unavailable', 'ldap-time-limit'],
    ['size limit', new SizeLimitExceededError(), 'misconfigured', 'ldap-size-limit'],
    ['strong authentication required', coded(8), 'misconfigured', 'ldap-tls-required'],
    ['referral', coded(10), 'misconfigured', 'ldap-referral'],
    ['administrative limit', coded(11), 'unavailable', 'ldap-admin-limit'],
    ['no paging', coded(12), 'misconfigured', 'ldap-no-paging'],
    ['confidentiality required', coded(13), 'misconfigured', 'ldap-tls-required'],
    ['no such base', new NoSuchObjectError(), 'misconfigured', 'ldap-no-such-base'],
    ['invalid name', coded(34), 'misconfigured', 'ldap-invalid-dn'],
    ['wrong password', new InvalidCredentialsError(), 'unauthorized', 'ldap-invalid-credentials'],
    ['no rights', new InsufficientAccessError(), 'unauthorized', 'ldap-insufficient-access'],
    ['busy', coded(51), 'unavailable', 'ldap-busy'],
    ['unavailable', coded(52), 'unavailable', 'ldap-unavailable'],
    ['unwilling', new UnwillingToPerformError(), 'unavailable', 'ldap-unwilling'],
    ['other', coded(80), 'unavailable', 'ldap-other'],
    ['a code that no reader should meet', coded(68), 'protocol', 'ldap-68'],
    ['refused connection', coded('ECONNREFUSED'), 'unavailable', 'ldap-unreachable'],
    ['reset connection', coded('ECONNRESET'), 'unavailable', 'ldap-unreachable'],
    ['unknown host', coded('ENOTFOUND'), 'unavailable', 'ldap-unreachable'],
    ['connection that times out', coded('ETIMEDOUT'), 'unavailable', 'ldap-timeout'],
    [
      'several addresses, none reachable',
      Object.assign(new AggregateError([new Error('refused')], ''), { code: 'ECONNREFUSED' }),
      'unavailable',
      'ldap-unreachable',
    ],
    ['own certificate', coded('DEPTH_ZERO_SELF_SIGNED_CERT'), 'misconfigured', 'ldap-tls-untrusted'],
    ['unknown authority', coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'misconfigured', 'ldap-tls-untrusted'],
    ['another name in the certificate', coded('ERR_TLS_CERT_ALTNAME_INVALID'), 'misconfigured', 'ldap-tls-untrusted'],
    ['expired certificate', coded('CERT_HAS_EXPIRED'), 'misconfigured', 'ldap-tls-untrusted'],
    ['no TLS on the other side', coded('ERR_SSL_WRONG_VERSION_NUMBER'), 'protocol', 'ldap-tls-failed'],
    ['silence', new Error('Operation timed out'), 'unavailable', 'ldap-timeout'],
    ['closed connection', new Error('Connection closed before message response was received.'), 'unavailable', 'ldap-connection-lost'],
    ['broken socket', new Error('Socket error. Message type: SearchRequest'), 'unavailable', 'ldap-connection-lost'],
    ['garbage', new Error('Protocol Operation not supported: 0x79'), 'protocol', 'ldap-unreadable-answer'],
    ['no error at all', null, 'protocol', 'ldap-unreadable-answer'],
  ])('%s', (_case, error, kind, code) => {
    expect(classifyLdapError(error)).toMatchObject({ kind, code, message: expect.stringMatching(/\w/) });
  });
});

describe('entries', () => {
  const plan = {
    anchor: 'entryUUID',
    attributes: ['Mail', 'SN', 'jpegPhoto', 'userCertificate', 'description', 'title', 'dn'],
    binary: binaryNames([]),
  };

  test('one value is text, several are a list, bytes are base64, and what is absent is left out', () => {
    const found = entry('uid=a', {
      ENTRYUUID: ['u-1'],
      mail: ['a@x', 'b@x'],
      sn: ['Å'],
      jpegPhoto: ['JPEG'],
      'userCertificate;binary': ['CERT'],
      description: [Buffer.from([0xff]), 'x'],
    });
    expect(readEntry(found, plan)).toEqual({
      object: {
        anchor: 'u-1',
        attributes: {
          Mail: ['a@x', 'b@x'],
          SN: 'Å',
          jpegPhoto: 'SlBFRw==',
          userCertificate: 'Q0VSVA==',
          description: ['/w==', 'eA=='],
          dn: 'uid=a',
        },
      },
    });
  });

  test.each([
    ['no anchor', { sn: ['x'] }, null, 'missing-anchor'],
    ['an anchor without a value', { entryUUID: [] }, null, 'missing-anchor'],
    ['two anchors', { entryUUID: ['a', 'b'] }, 'a', 'unreadable-record'],
    ['a part of the values only', { entryUUID: ['a'], 'member;range=0-1499': ['x'] }, 'a', 'unreadable-record'],
  ])('%s', (_case, attributes, anchor, code) => {
    expect(readEntry(entry('uid=a', attributes), plan)).toEqual({ failure: { anchor, code, message: expect.any(String), place: 'uid=a' } });
  });

  test('an objectGUID is written as Active Directory writes it, and back', () => {
    const bytes = Buffer.from('33221100554477668899aabbccddeeff', 'hex');
    expect(anchorText('objectguid', bytes)).toBe('00112233-4455-6677-8899-aabbccddeeff');
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (raw) =>
        anchorBytes('objectGUID', anchorText('objectGUID', Buffer.from(raw))).equals(raw),
      ),
    );
  });
});

describe('servers', () => {
  test.each([
    ['OpenLDAP', { objectClass: ['OpenLDAProotDSE'], subschemaSubentry: ['cn=Subschema'] }, 'entryUUID', null],
    ['389 DS', { vendorName: ['389 Project'], vendorVersion: ['389-Directory/2.3.1'] }, 'nsUniqueId', null],
    [
      'Active Directory',
      { supportedCapabilities: ['1.2.840.113556.1.4.800'], currentTime: ['20261101101500.0Z'] },
      'objectGUID',
      '20261101101500',
    ],
    ['any other', { vendorName: ['Example'], currentTime: ['local time'] }, 'entryUUID', null],
  ])('%s', (_case, root, anchor, now) => {
    expect(describeServer(entry('', root))).toMatchObject({ anchor, now });
  });
});

describe('filters', () => {
  const openLdap = describeServer(entry('', {}));
  const activeDirectory = describeServer(entry('', { supportedCapabilities: ['1.2.840.113556.1.4.800'] }));

  test('changes are asked for from the boundary second on', () => {
    expect(String(changedSince(parseFilter('(a=b)'), '20261101101500', openLdap))).toBe(
      '(&(a=b)(|(modifyTimestamp>=20261101101500Z)(createTimestamp>=20261101101500Z)))',
    );
    expect(String(changedSince(parseFilter('(a=b)'), '20261101101500', activeDirectory))).toBe(
      '(&(a=b)(|(whenChanged>=20261101101500.0Z)))',
    );
  });

  test('an anchor cannot act as filter syntax', () => {
    const filter = withAnchors(parseFilter('(a=b)'), 'uid', ['*)(uid=*']);
    expect(filter).toMatchObject({ filters: [{}, { filters: [{ attribute: 'uid', value: Buffer.from('*)(uid=*') }] }] });
  });

  test('a broken one is a setting to correct', () => {
    expect(() => parseFilter('(a=b')).toThrow(expect.objectContaining({ kind: 'misconfigured' }));
  });
});

describe('watermark', () => {
  const before = { changedUpTo: '20261101101500', fullReadAt: '2026-11-01T00:00:00.000Z', rules: 'r' };
  const day = 86_400_000;

  test.each([
    ['within the interval: changes', before, 'r', at('01T23:59'), '20261101101500'],
    ['full read too old: everything', before, 'r', at('02T00:00'), null],
    ['full read in the future: everything', before, 'r', new Date('2026-10-31T00:00:00Z'), null],
    ['other settings: everything', before, 's', at('01T01:00'), null],
    ['a server that shows no times: everything', { ...before, changedUpTo: null }, 'r', at('01T01:00'), null],
    ['no watermark: everything', null, 'r', at('01T01:00'), null],
  ])('%s', (_case, watermark, rules, now, since) => {
    expect(readFrom(watermark, rules, now, day)).toBe(since);
  });

  test('one that another connector wrote is none', () => {
    expect(parseWatermark({ sha256: 'x', header: [] })).toBeNull();
    expect(parseWatermark(before)).toEqual(before);
    expect(rulesOf(['a'])).not.toBe(rulesOf(['b']));
  });
});

test('the schema is read with names, superiors, syntaxes and obligations', () => {
  const types = [
    "( 2.5.4.41 NAME 'name' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15{32768} )",
    "( 2.5.4.4 NAME ( 'sn' 'surname' ) DESC 'RFC2256: last (family) name(s)' SUP name )",
    "( 1.2 NAME 'manager' SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 SINGLE-VALUE )",
    "( 1.3 NAME 'stamp' SYNTAX 1.3.6.1.4.1.1466.115.121.1.24 SINGLE-VALUE NO-USER-MODIFICATION )",
  ];
  const classes = [
    "( 2.5.6.0 NAME 'top' ABSTRACT MAY stamp )",
    "( 2.5.6.6 NAME 'person' SUP top STRUCTURAL MUST ( surname ) MAY ( manager $ unknown ) )",
  ];
  expect(describeAttributes(types, classes, ['Person'])).toEqual([
    { name: 'manager', type: 'reference', multiValued: false, required: false, readOnly: false },
    { name: 'sn', type: 'string', multiValued: true, required: true, readOnly: false },
    { name: 'stamp', type: 'dateTime', multiValued: false, required: false, readOnly: true },
    { name: 'unknown', type: 'string', multiValued: true, required: false, readOnly: false },
  ]);
});

describe('settings', () => {
  const settings = { url: 'ldap://127.0.0.1', baseDn: 'dc=x' };

  test.each([
    [{ url: 'http://127.0.0.1' }],
    [{ url: 'ldap://user:secret@host' }],
    [{ url: 'ldaps://host', startTls: true }],
    [{ bindDn: 'cn=a' }],
    [{ password: { env: 'A' } }],
    [{ password: 'secret', bindDn: 'cn=a' }],
    [{ anchor: 'a)(b' }],
    [{ fullReadEvery: 'never' }],
    [{ tls: { insecure: true } }],
  ])('%j is refused', (wrong) => {
    expect(LdapSourceConfig.safeParse({ ...settings, ...wrong }).success).toBe(false);
  });

  test('certificates are checked unless the job says otherwise', () => {
    expect(LdapSourceConfig.parse(settings).tls.rejectUnauthorized).toBe(true);
  });
});

describe('pages', () => {
  const { signal } = new AbortController();
  const people = parseFilter('(a=b)');
  const query = { base: '', scope: 'sub' as const, filter: people, attributes: [] };
  const watermark = { changedUpTo: null, fullReadAt: '2026-11-01T00:00:00.000Z', rules: 'r' };
  const plan = { anchor: 'entryUUID', attributes: [], binary: binaryNames([]) };
  const person = (id: string, changedAt: string) => entry(`uid=${id}`, { entryUUID: [id], modifyTimestamp: [changedAt] });
  const cookie = Buffer.from('next');

  /** A server that answers with these parts, one after the other. */
  function sessionOf(parts: readonly EntryPage[]): LdapSession {
    const left = [...parts];
    return { isAlive: () => true, search: async () => [], searchPage: async () => left.shift() as EntryPage, close: async () => {} };
  }

  async function anchorsOf(parts: readonly EntryPage[], pageSize: number) {
    const request = { session: sessionOf(parts), query, people, plan, hasUniqueAnchors: true, pageSize, watermark };
    const pages: (readonly [string[], boolean])[] = [];
    for await (const page of readPages(request, signal)) pages.push([page.objects.map(({ anchor }) => anchor), page.watermark !== null]);
    return pages;
  }

  test('a part without an entry but with a cookie is not the end', async () => {
    const parts = [
      { entries: [person('1', '20260101000001Z')], cookie },
      { entries: [], cookie },
      { entries: [person('2', '20260101000003.7Z')], cookie: null },
    ];
    expect(await anchorsOf(parts, 5)).toEqual([
      [['1'], false],
      [['2'], true],
    ]);
    const openLdap = describeServer(entry('', {}));
    expect(await surveyChanges(sessionOf(parts), query, 5, openLdap, signal)).toEqual({ total: 2, latest: '20260101000003' });
  });

  test('a server that ignores the page size is cut to it, and an empty end still carries the watermark', async () => {
    const entries = ['1', '2', '3'].map((id) => person(id, ''));
    expect(
      await anchorsOf(
        [
          { entries, cookie },
          { entries: [], cookie: null },
        ],
        2,
      ),
    ).toEqual([
      [['1', '2'], false],
      [['3'], true],
    ]);
  });
});

describe('secrets', () => {
  test('come from a variable or from a file without its last line break; whatever is missing is a setting to correct', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'provident-secret-'));
    await writeFile(join(dir, 'secret'), ' s3cret \r\n');
    await writeFile(join(dir, 'empty'), '\n');
    process.env.LDAP_SPEC_SECRET = 's3cret';
    const resolved = (ref: SecretRef) => new ConnectorSecret(ref, { baseDir: dir }).value();
    expect(await resolved({ env: 'LDAP_SPEC_SECRET' })).toBe('s3cret');
    expect(await resolved({ file: 'secret' })).toBe(' s3cret ');
    expect(await resolved({ file: join(dir, 'secret') })).toBe(' s3cret ');
    for (const ref of [
      { env: 'LDAP_SPEC_NO_SECRET' },
      { file: join(dir, 'empty') },
      { file: join(dir, 'nowhere') },
      { file: dir },
      { secret: 'no-vault' },
    ]) {
      await expect(resolved(ref)).rejects.toMatchObject({ name: 'ConnectorError', kind: 'misconfigured' });
    }
    await rm(dir, { recursive: true });
  });
});
