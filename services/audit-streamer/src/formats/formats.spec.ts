import { generateKeyPairSync } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';
import type { StreamItem } from '@provident/report';
import { createLocalJWKSet, exportPKCS8, jwtVerify } from 'jose';

import { auditItem, entryItem, tenantId } from '../testing/items.js';
import { isCloudEvent, isLogsRequest, isOcsf, isSecurityEvent } from '../testing/standards.js';
import { cloudEvents, cloudEventOf } from './cloud-event.js';
import { ocsf, ocsfOf } from './ocsf.js';
import { logsRequest } from './otlp-logs.js';
import { claimsOf, securityEvents } from './security-event.js';
import { NoSigningKey, readSigningKey } from './signing-key.js';

const now = () => new Date('2026-03-01T09:00:00.000Z');
const surroundings = { tenantId, now };
const failure = {
  errorCode: 'Conflict',
  errorCategory: 'nonServiceFailure',
  reason: 'taken',
  additionalDetails: null,
  recommendedAction: null,
} as const;
const enabling = { displayName: 'active', oldValue: 'false', newValue: 'true' };
const identity = { id: 'g-1', displayName: 'Admins', identityType: 'Group', details: {} };

/** One of each kind that there is. */
const everything: StreamItem[] = [
  ...(['create', 'update', 'disable', 'delete'] as const).map((provisioningAction, at) => entryItem(at + 1, { provisioningAction })),
  entryItem(5, { provisioningAction: 'other', provisioningStatusInfo: { status: 'skipped', errorInformation: null } }),
  entryItem(6, { provisioningAction: 'stagedDelete', provisioningStatusInfo: { status: 'warning', errorInformation: null } }),
  entryItem(7, { provisioningStatusInfo: { status: 'failure', errorInformation: failure } }),
  entryItem(8, {
    targetIdentity: { id: '', displayName: '', identityType: 'User', details: {} },
    sourceIdentity: { id: 'E/ä?', displayName: '', identityType: 'User', details: {} },
  }),
  entryItem(9, { targetIdentity: identity, sourceIdentity: identity }),
  auditItem(10),
  auditItem(11, { objectType: 'group' }),
  auditItem(12, { type: 'source-object-imported', activity: 'import', data: {} }),
  auditItem(13, { type: 'job-quarantined', activity: 'job', objectType: null, status: 'failure', data: {} }),
  auditItem(14, { type: 'stream-added', activity: 'job', objectType: null, data: {} }),
];

const parsed = async (format: ReturnType<typeof cloudEvents>): Promise<unknown[]> =>
  (await format.write(everything)).map(({ text }) => JSON.parse(text) as unknown);

/** The schemas are no rubber stamps. */
function refusesWithout(check: { (data: unknown): boolean }, message: object, members: readonly string[]): void {
  for (const member of members)
    expect([member, check(Object.fromEntries(Object.entries(message).filter(([name]) => name !== member)))]).toEqual([member, false]);
}

describe('CloudEvents', () => {
  test('have everything that the standard requires, and ids of which no two are alike', async () => {
    const events = (await parsed(cloudEvents(surroundings))) as { id: string; source: string }[];
    for (const event of events) expect([event, isCloudEvent(event), isCloudEvent.errors]).toEqual([event, true, null]);
    expect(new Set(events.map(({ id, source }) => `${source} ${id}`)).size).toBe(everything.length);
    expect(isCloudEvent(JSON.parse((await cloudEvents(surroundings).test('t-1')).text))).toBe(true);
    refusesWithout(isCloudEvent, events[0]!, ['specversion', 'id', 'source', 'type']);
  });

  test.each([
    [entryItem(3), 'provident.provisioning.object.created.v1'],
    [entryItem(3, { provisioningAction: 'disable' }), 'provident.provisioning.object.disabled.v1'],
    [everything[4]!, 'provident.provisioning.object.skipped.v1'],
    [everything[5]!, 'provident.provisioning.object.staged.v1'],
    [everything[6]!, 'provident.provisioning.object.failed.v1'],
    [auditItem(3), 'provident.audit.object-exported.v1'],
  ])('tell by their type what happened: %#', (item, type) => expect(cloudEventOf(item, tenantId).type).toBe(type));

  test('an entry that has got a further step is another event than before; the same step is the same event', () => {
    const idAt = (sequence: number): string => cloudEventOf(entryItem(sequence), tenantId).id;
    expect(idAt(3)).toBe(idAt(3));
    expect(idAt(3)).not.toBe(idAt(4));
  });

  test('texts of the sequence sort as the log does', () => {
    const [first, second] = [9, 10].map((sequence) => cloudEventOf(entryItem(sequence), tenantId).sequence);
    expect(first! < second!).toBe(true);
  });
});

describe('OCSF', () => {
  test('events have everything that their class requires, and type ids that follow from it', async () => {
    const events = (await parsed(ocsf(surroundings))) as {
      class_uid: number;
      activity_id: number;
      type_uid: number;
      category_uid: number;
    }[];
    for (const event of events) {
      expect([event, isOcsf(event), isOcsf.errors]).toEqual([event, true, null]);
      expect(event.type_uid).toBe(event.class_uid * 100 + event.activity_id);
      expect(event.category_uid).toBe(Math.floor(event.class_uid / 1_000));
    }
    expect(new Set(events.map((event) => event.class_uid))).toEqual(new Set([0, 3001, 3004, 3006]));
    expect(isOcsf(JSON.parse((await ocsf(surroundings).test('t-1')).text))).toBe(true);
    refusesWithout(isOcsf, events[0]!, ['activity_id', 'category_uid', 'class_uid', 'type_uid', 'severity_id', 'time', 'metadata', 'user']);
  });

  test.each([
    ['a user is created', entryItem(1), 300_101],
    ['a user is changed', entryItem(1, { provisioningAction: 'update' }), 300_199],
    ['a user is enabled', entryItem(1, { provisioningAction: 'update', modifiedProperties: [enabling] }), 300_102],
    ['a user is disabled', entryItem(1, { provisioningAction: 'disable' }), 300_105],
    ['a user is deleted', entryItem(1, { provisioningAction: 'delete' }), 300_106],
    ['a group is created', entryItem(1, { targetIdentity: identity }), 300_606],
    ['a group is deleted', entryItem(1, { targetIdentity: identity, provisioningAction: 'delete' }), 300_605],
    ['an export of a user', auditItem(1), 300_101],
    ['a stream is added', everything[13]!, 300_401],
  ])('%s', (_, item, typeUid) => expect(ocsfOf(item, tenantId)).toMatchObject({ type_uid: typeUid }));

  test('a failure says so, with the code and the words of the target', () => {
    expect(ocsfOf(everything[6]!, tenantId)).toMatchObject({
      status_id: 2,
      severity_id: 4,
      status_code: 'Conflict',
      status_detail: 'taken',
    });
    expect(ocsfOf(everything[4]!, tenantId)).toMatchObject({ status_id: 99, status: 'Skipped' });
  });
});

describe('security event tokens', () => {
  const keys = {
    RS256: generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey,
    ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
    EdDSA: generateKeyPairSync('ed25519').privateKey,
  };
  const token = { signingKey: 'key', issuer: 'https://provident.example.org', audience: 'https://wiki.example.org' };
  const changes = [
    { attribute: 'title', old: 'a', new: 'b' },
    { attribute: 'active', old: false, new: true },
  ];

  test.each(Object.entries(keys))('are verified by anybody who has the public key: %s', async (alg, key) => {
    const signing = await readSigningKey(alg === 'RS256' ? await exportPKCS8(key) : JSON.stringify(key.export({ format: 'jwk' })));
    const [message] = await securityEvents({ ...surroundings, token, key: async () => signing }).write([auditItem(7)]);
    const verified = await jwtVerify(message!.text, createLocalJWKSet({ keys: [signing.publicKey] }), {
      issuer: token.issuer,
      audience: token.audience,
      typ: 'secevent+jwt',
      algorithms: [alg],
    });
    expect([isSecurityEvent(verified.payload), isSecurityEvent.errors]).toEqual([true, null]);
    expect(verified.payload.jti).toBe(message!.id);
    expect(signing.publicKey).not.toHaveProperty('d');
    refusesWithout(isSecurityEvent, verified.payload, ['iss', 'iat', 'jti', 'aud', 'events', 'sub_id']);
  });

  test('tell of writes that succeeded, and of nothing else', async () => {
    const key = await readSigningKey(await exportPKCS8(keys.ES256));
    const messages = await securityEvents({ ...surroundings, token, key: async () => key }).write(everything);
    expect(messages.map(({ sequence }) => sequence)).toEqual([10, 11]);
  });

  test.each([
    ['create', changes, { 'prov:create:notice': { attributes: ['title', 'active'] } }],
    ['update', changes, { 'prov:activate': {}, 'prov:patch:notice': { attributes: ['title'] } }],
    ['update', changes.slice(1), { 'prov:activate': {} }],
    ['update', changes.slice(0, 1), { 'prov:patch:notice': { attributes: ['title'] } }],
    ['disable', changes, { 'prov:deactivate': {} }],
    ['delete', [], { 'prov:delete': {} }],
  ])('%s is told without values (%#)', (action, changed, events) => {
    const claims = claimsOf(auditItem(7, { data: { action, changes: changed } }));
    expect(claims?.events).toEqual(
      Object.fromEntries(Object.entries(events).map(([name, said]) => [`urn:ietf:params:scim:event:${name}`, said])),
    );
    expect(claims?.['sub_id']).toEqual({ format: 'scim', uri: '/Users/u-1', externalId: 'E 1', id: 'u-1' });
  });

  test('members of a group are told of as an attribute', () => {
    const data = { action: 'update', changes: [], members: { add: [{}], remove: [] } };
    expect(claimsOf(auditItem(7, { objectType: 'group', data }))).toMatchObject({
      sub_id: { uri: '/Groups/u-1' },
      events: { 'urn:ietf:params:scim:event:prov:patch:notice': { attributes: ['members'] } },
    });
  });

  test.each([
    ['a password', 'hunter2-hunter2'],
    ['a short RSA key', generateKeyPairSync('rsa', { modulusLength: 1_024 }).privateKey.export({ type: 'pkcs8', format: 'pem' }) as string],
    ['a broken JWK', '{"kty":"EC","d":"secret"}'],
  ])('%s signs nothing, and is not repeated', async (_, text) => {
    const refusal = await readSigningKey(text).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(NoSigningKey);
    expect((refusal as Error).message).not.toContain('hunter2');
  });
});

test('log records have everything that the collector’s protocol requires', async () => {
  const messages = await cloudEvents(surroundings).write(everything);
  const request = logsRequest(messages, { streamId: 'otel', observedAt: now() });
  expect([isLogsRequest(request), isLogsRequest.errors]).toEqual([true, null]);
  const records = request.resourceLogs[0]!.scopeLogs[0]!.logRecords;
  expect(records.map(({ severityText }) => severityText).filter((severity) => severity === 'ERROR')).toHaveLength(2);
  expect(records[0]!.timeUnixNano).toBe('1772352000250000000');
  expect(isLogsRequest({ resourceLogs: [{ scopeLogs: [] }] })).toBe(false);
});
