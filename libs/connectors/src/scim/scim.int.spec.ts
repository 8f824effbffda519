import { expect, test } from '@jest/globals';

import type { TargetConnector } from '../connector.js';
import {
  type ContractTarget,
  QuirkFault,
  type Quirks,
  startQuirkScimServer,
  startScimmyTarget,
  targetConnectorContract,
} from '../testing/index.js';
import { isKnownPath, ScimTargetConfig, scimTarget } from './index.js';

const token = 'contract-token';
process.env['SCIM_CONTRACT_TOKEN'] = token;
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const open = (url: string, settings: object = {}): Promise<TargetConnector> =>
  scimTarget.open(ScimTargetConfig.parse({ url, auth: { bearer: { env: 'SCIM_CONTRACT_TOKEN' } }, pageSize: 7, ...settings }), {
    baseDir: '.',
    readOnly: false,
    timeoutMs: 5_000,
  });

const contract = (connector: TargetConnector, close: () => Promise<void>): ContractTarget => ({
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
  person: (userName) => ({ userName, externalId: `x-${userName}` }),
});

const scimmy = (settings?: object) => async () => {
  const server = await startScimmyTarget({ token });
  return contract(await open(server.url, settings), () => server.close());
};
const quirky = (quirks: Quirks, settings?: object) => async () => {
  const server = await startQuirkScimServer({ token, quirks });
  return contract(await open(server.url, settings), () => server.close());
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

test('a target that publishes its schemas tells every attribute, and misspelt paths are told from right ones', async () => {
  const server = await startScimmyTarget({ token });
  const connector = await open(server.url);
  const [user] = (await connector.describe(new AbortController().signal)).objectTypes;
  expect(user).toMatchObject({ name: 'User', complete: true });
  const right = [
    'userName',
    'externalId',
    'emails[type eq "work"].value',
    'addresses[type eq "work"].postalCode',
    `${enterprise}:department`,
    `${enterprise}:manager`,
  ];
  expect(right.filter((path) => !isKnownPath(path, user!))).toEqual([]);
  expect(['username2', 'emails[type eq "work"].valu', `${enterprise}:dept`].filter((path) => isKnownPath(path, user!))).toEqual([]);
  expect(user!.attributes.find(({ name }) => name === 'userName')).toEqual({
    name: 'userName',
    type: 'string',
    multiValued: false,
    required: true,
    readOnly: false,
  });
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
