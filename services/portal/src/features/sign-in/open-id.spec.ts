import { expect, test } from '@jest/globals';

import { authorizationUrl, begin, returnedIn } from './open-id.js';

const provider = {
  clientId: 'portal',
  scopes: ['openid', 'api://provident/use'],
  authorizationEndpoint: 'https://login.example.com/authorize?tenant=1',
  tokenEndpoint: 'https://login.example.com/token',
};

test('the provider gets a challenge, and the verifier stays here', async () => {
  // The example of RFC 7636, appendix B.
  const begun = { ...begin('/log?job=x'), verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk' };
  const url = new URL(await authorizationUrl(provider, begun, 'https://provident.example.com/portal/'));
  expect(Object.fromEntries(url.searchParams)).toEqual({
    tenant: '1',
    response_type: 'code',
    client_id: 'portal',
    redirect_uri: 'https://provident.example.com/portal/',
    scope: 'openid api://provident/use',
    state: begun.state,
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  });
  expect(url.href).not.toContain(begun.verifier);
  expect(begin('/').state).not.toBe(begun.state);
});

test('only an answer to what this window has asked is taken', () => {
  const begun = begin('/');
  expect(returnedIn('?user=1', begun, 'stranger')).toBeNull();
  expect(returnedIn(`?code=c&state=${begun.state}`, begun, 'stranger')).toEqual({ code: 'c' });
  expect(returnedIn('?code=c&state=other', begun, 'stranger')).toEqual({ problem: 'stranger' });
  expect(returnedIn(`?code=c&state=${begun.state}`, null, 'stranger')).toEqual({ problem: 'stranger' });
  expect(returnedIn(`?error=access_denied&error_description=Not+today&state=${begun.state}`, begun, 'stranger')).toEqual({
    problem: 'Not today',
  });
});
