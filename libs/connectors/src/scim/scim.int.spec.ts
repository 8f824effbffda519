import { describe, expect, test } from '@jest/globals';
import { objectKeyOf } from '@provident/domain';

import type { TargetConnector } from '../connector.js';
import {
  type ContractTarget,
  QuirkFault,
  type Quirks,
  startQuirkScimServer,
  startScimmyTarget,
  targetConnectorContract,
} from '../testing/index.js';
import { describedAt, ScimTargetConfig, scimTarget } from './index.js';

const token = 'contract-token';
process.env['SCIM_CONTRACT_TOKEN'] = token;
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const open = (url: string, settings: object = {}): Promise<TargetConnector> =>
  scimTarget.open(ScimTargetConfig.parse({ url, auth: { bearer: { env: 'SCIM_CONTRACT_TOKEN' } }, pageSize: 7, ...settings }), {
    baseDir: '.',
    readOnly: false,
    timeoutMs: 5_000,
  });

type Group = { readonly id: string; readonly members?: readonly { readonly value: string }[] };

const contract = (connector: TargetConnector, groups: () => readonly unknown[], close: () => Promise<void>): ContractTarget => ({
  connector,
  close,
  objectType: 'User',
  unique: 'userName',
  shared: 'emails[type eq "work"].value',
  text: 'title',
  others: {
    'name.givenName': ['Noor', 'Nour'],
    displayName: ['Noor Haddad', 'N. Haddad'],
    'phoneNumbers[type eq "mobile"].value': ['+49 30 1', '+49 30 2'],
    'addresses[type eq "work"].streetAddress': ['Street 1', 'Street 2'],
    'addresses[type eq "work"].postalCode': ['10115', '10117'],
    [`${enterprise}:department`]: ['Finance', 'Legal'],
    [`${enterprise}:manager`]: ['7f3c', '8a1b'],
  },
  groups: {
    objectType: 'Group',
    unique: 'displayName',
    membersOf: (id) => ((groups() as Group[]).find((group) => group.id === id)?.members ?? []).map(({ value }) => value),
  },
  person: (userName) => ({ userName, externalId: `x-${userName}` }),
});

const scimmy = (settings?: object) => async () => {
  const server = await startScimmyTarget({ token });
  return contract(
    await open(server.url, settings),
    () => server.groups(),
    () => server.close(),
  );
};
const quirky = (quirks: Quirks, settings?: object) => async () => {
  const server = await startQuirkScimServer({ token, quirks });
  return contract(
    await open(server.url, settings),
    () => server.groups(),
    () => server.close(),
  );
};

targetConnectorContract('scimmy, PATCH', scimmy());
targetConnectorContract('scimmy, PUT', scimmy({ patch: 'never' }));
targetConnectorContract('a strict server, PATCH', quirky({}));
targetConnectorContract('a strict server, PUT', quirky({}, { patch: 'never' }));
targetConnectorContract('a server that declares no PATCH', quirky({ declaresNoPatch: true }));
targetConnectorContract(
  'a server whose PATCH is 405 and that describes nothing',
  quirky({ patchStatus: 405, noDiscovery: true, htmlNotFound: true }),
);
targetConnectorContract('a server whose PATCH is 404', quirky({ patchStatus: 404 }));
targetConnectorContract(
  'a server with small pages, numeric ids and no empty Resources',
  quirky({ maxPage: 3, numericIds: true, omitsEmptyResources: true }),
);
targetConnectorContract(
  'a server without paging whose look-ups answer 404',
  quirky({ paging: 'ignored', filter: '404-when-empty', lowerCaseKeys: true }),
);
targetConnectorContract(
  'a server with plain filters and awkward ids',
  quirky({ plainFiltersOnly: true, idPrefix: 'a/b @?#%é-', totalIsPageSize: true }),
);
targetConnectorContract(
  'a server that takes active without a path and answers creations with a Location',
  quirky({ bareActiveOnly: true, created: 'location-only' }),
);

targetConnectorContract('a server that takes members out by a list', quirky({ removesMembersByValue: true }, { removeMembers: 'value' }));
targetConnectorContract('a server for which a member who comes again is a conflict', quirky({ conflictsOnMembers: true }));

describe('members of a large group', () => {
  const signal = new AbortController().signal;
  const members = Array.from({ length: 400 }, (_, at) => ({ key: objectKeyOf('user', `${at}`), id: `u-${at}` }));
  const started = async (quirks: Quirks = {}, settings: object = {}) => {
    const server = await startQuirkScimServer({ token, quirks });
    const connector = await open(server.url, settings);
    const { id } = await connector.create('Group', { displayName: 'everybody' }, signal);
    server.journal.length = 0;
    const close = async () => void (await Promise.all([connector.close(), server.close()]));
    return { server, connector, id, close };
  };

  test('come and go in one request, which tells of nobody else', async () => {
    const { server, connector, id, close } = await started();
    await connector.changeMembers('Group', id, { add: members, remove: [] }, signal);
    await connector.changeMembers('Group', id, { add: [], remove: members.slice(0, 3) }, signal);
    const changes = server.journal.filter(({ url }) => url.includes('/Groups'));
    expect(changes.map(({ method }) => method)).toEqual(['PATCH', 'PATCH']);
    expect(changes[1]!.body!['Operations']).toEqual(
      members.slice(0, 3).map((member) => ({ op: 'remove', path: `members[value eq "${member.id}"]` })),
    );
    expect(server.groups()[0]!['members']).toHaveLength(397);
    await close();
  });

  test('of whom one is gone already are let go in a few requests more', async () => {
    const { server, connector, id, close } = await started();
    await connector.changeMembers('Group', id, { add: members.slice(1), remove: [] }, signal);
    server.journal.length = 0;
    await connector.changeMembers('Group', id, { add: [], remove: members }, signal);
    expect(server.groups()[0]!['members'] ?? []).toEqual([]);
    expect(server.journal.length).toBeLessThan(25);
    await close();
  });

  test('change also where the target answers with more than an answer may hold', async () => {
    const { server, connector, id, close } = await started();
    server.fail(new QuirkFault({ do: 'flood', bytes: 12 * 1_024 * 1_024 }, { method: 'PATCH' }));
    await expect(connector.changeMembers('Group', id, { add: members, remove: [] }, signal)).resolves.toBeUndefined();
    await close();
  });

  test('are never read along with the group', async () => {
    const { server, connector, id, close } = await started();
    await connector.read('Group', id, ['displayName'], signal);
    await connector.find({ objectType: 'Group', attribute: 'displayName', value: 'everybody' }, [], signal);
    await connector.list('Group', [], null, signal);
    expect(server.journal.map(({ url }) => url.includes('excludedAttributes=members'))).toEqual([true, true, true]);
    await close();
  });
});

test('a target that publishes its schemas tells every attribute, and misspelt paths are told from right ones', async () => {
  const server = await startScimmyTarget({ token });
  const connector = await open(server.url);
  const [user, group] = (await connector.describe(new AbortController().signal)).objectTypes;
  expect(user).toMatchObject({ name: 'User', complete: true });
  const right = [
    'userName',
    'externalId',
    'emails[type eq "work"].value',
    'addresses[type eq "work"].postalCode',
    `${enterprise}:department`,
    `${enterprise}:manager`,
  ];
  expect(right.filter((path) => describedAt(path, user!).length === 0)).toEqual([]);
  expect(['username2', 'emails[type eq "work"].valu', `${enterprise}:dept`].filter((path) => describedAt(path, user!).length > 0)).toEqual(
    [],
  );
  expect(user!.attributes.find(({ name }) => name === 'userName')).toEqual({
    name: 'userName',
    type: 'string',
    multiValued: false,
    required: true,
    readOnly: false,
  });
  expect(group).toMatchObject({ name: 'Group', complete: true });
  expect(group!.attributes.filter(({ readOnly }) => !readOnly).map(({ name }) => name)).toEqual(['externalId', 'displayName']);
  await connector.close();
  await server.close();
});

test('basic authentication is sent, and neither password nor header shows in a refusal', async () => {
  process.env['SCIM_CONTRACT_PASSWORD'] = 'pass wörd';
  const server = await startQuirkScimServer({ token: 'another' });
  const connector = await open(server.url, { auth: { basic: { username: 'job', password: { env: 'SCIM_CONTRACT_PASSWORD' } } } });
  const pair = Buffer.from('job:pass wörd').toString('base64');
  server.fail(new QuirkFault({ do: 'answer', status: 401, body: `Basic ${pair} and pass wörd are wrong` }));
  await expect(connector.count('User', new AbortController().signal)).rejects.toMatchObject({
    message: 'The target does not accept the credentials (401): Basic *** and *** are wrong',
  });
  expect(server.journal[0]?.headers.authorization).toBe(`Basic ${pair}`);
  await connector.close();
  await server.close();
});
