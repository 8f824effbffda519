import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '@provident/embedded';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';
import type { Page } from 'playwright-core';

import { type Browsing, inBrowser, openBrowser } from './harness/browser.js';
import { Installation } from './harness/index.js';
import { patiently, PortalVisit } from './harness/portal-visit.js';

const audience = 'https://provident.example.com/api';
/** Who may sign in, with the values of the claim that Provident reads roles from. */
const people: Readonly<Record<string, readonly string[]>> = {
  ada: ['Provisioning.Admin'],
  rosa: ['Provisioning.Reader'],
  nobody: ['Something.Else'],
};
/** What the provider's own pages would like to have from elsewhere. */
const font = 'https://fonts.googleapis.com';
/** Of a token that lasts for as long as a test looks at a page, and of one that a test waits for to end. */
const long = 600;
const short = 4;

inBrowser('signing in at an OpenID provider, in a browser', (browser) => {
  let issuer: Server;
  let browsing: Browsing;
  let page: Page;
  let visit: PortalVisit;
  /** What the provider puts into the next access token. */
  let next = { audience, seconds: long };
  /** Requests to the provider's token endpoint, as they were sent. */
  const exchanges: { readonly verifier: boolean; readonly secret: boolean }[] = [];
  const open: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    const portalPort = await freePort();
    const origin = `http://127.0.0.1:${portalPort}`;
    issuer = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => issuer.once('listening', resolve));
    const address = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
    open.push(async () => {
      issuer.closeAllConnections();
      issuer.close();
    });
    issuer.on('request', (await provider(address, origin)).callback());
    const installation = await Installation.start({
      services: ['audit-projector', 'report-api'],
      env: {
        PORT: String(portalPort),
        PROVIDENT_OIDC_ISSUER: address,
        PROVIDENT_OIDC_AUDIENCE: audience,
        PROVIDENT_OIDC_CLIENT_ID: 'portal',
        PROVIDENT_OIDC_CLOCK_TOLERANCE: '0',
        PROVIDENT_OIDC_ROLES: JSON.stringify({ 'Provisioning.Admin': 'administrator', 'Provisioning.Reader': 'reports-reader' }),
      },
    });
    open.push(() => installation.stop());
    await patiently(async () => expect((await fetch(`${origin}/health/ready`).catch(() => null))?.ok).toBe(true));
    browsing = await openBrowser(browser, origin, address);
    open.push(() => browsing.close());
    page = browsing.page;
    await page.route(`${font}/**`, (route) => route.abort());
    visit = new PortalVisit(page, origin);
  }, 300_000);
  afterAll(async () => {
    for (const close of open.reverse()) await close();
  });
  afterEach(() => expect((browsing?.complaints.splice(0) ?? []).filter((each) => !each.includes(font))).toEqual([]));

  /** A provider as it comes, with a public client that has to prove possession of its code (PKCE). */
  async function provider(address: string, origin: string): Promise<Provider> {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const it = new Provider(address, {
      clients: [
        {
          client_id: 'portal',
          token_endpoint_auth_method: 'none',
          redirect_uris: [`${origin}/portal/`],
          grant_types: ['authorization_code'],
          response_types: ['code'],
          id_token_signed_response_alg: 'ES256',
        },
      ],
      jwks: { keys: [{ ...(await exportJWK(privateKey)), use: 'sig', alg: 'ES256' }] },
      cookies: { keys: ['of-the-test'] },
      pkce: { required: () => true },
      clientBasedCORS: (_, asking) => asking === origin,
      findAccount: (_, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
      extraTokenClaims: (_, token) => {
        const id = token.accountId ?? '';
        return { roles: people[id] ?? [], preferred_username: `${id}@example.com` };
      },
      features: {
        resourceIndicators: {
          enabled: true,
          defaultResource: () => audience,
          useGrantedResource: () => true,
          getResourceServerInfo: () => ({
            scope: '',
            audience: next.audience,
            accessTokenFormat: 'jwt',
            accessTokenTTL: next.seconds,
            jwt: { sign: { alg: 'ES256' } },
          }),
        },
      },
    });
    it.use(async (context, go) => {
      await go();
      if (context.path !== '/token' || context.method !== 'POST') return;
      const { params = {} } = context.oidc ?? {};
      exchanges.push({ verifier: typeof params['code_verifier'] === 'string', secret: params['client_secret'] !== undefined });
    });
    return it;
  }

  const toProvider = () => page.getByRole('button', { name: /^Sign in with 127\.0\.0\.1:\d+$/ }).click();
  /** What a person does on the provider's own pages. */
  async function signInAs(name: string): Promise<void> {
    await toProvider();
    await page.getByPlaceholder('Enter any login').fill(name);
    await page.getByPlaceholder('and password').fill('whatever');
    await page.getByRole('button', { name: 'Sign-in' }).click();
    await page.getByRole('button', { name: 'Continue' }).click();
  }
  /** Another person: neither window nor provider remembers anybody. */
  async function startAnew(path: string): Promise<void> {
    next = { audience, seconds: long };
    await page.context().clearCookies();
    await visit.open('/');
    await page.evaluate('sessionStorage.clear()');
    await visit.open(path);
    await visit.heading('Sign in').waitFor();
  }

  test('leads to the page that was asked for, with a code that only this window can redeem', async () => {
    await startAnew('/audit?what=Other');
    await visit.shoot('sign-in-openid');
    await signInAs('ada');
    await visit.heading('Audit').waitFor();
    expect(page.url()).toBe(`${visit.origin}/portal/audit?what=Other`);
    expect(exchanges).toEqual([{ verifier: true, secret: false }]);
    expect(await page.getByRole('navigation').getByRole('link', { name: 'Audit' }).getAttribute('aria-current')).toBe('page');
    // An administrator, by what the provider's claim grants here.
    await page.getByRole('link', { name: 'New job' }).waitFor();
    expect(await page.getByRole('link', { name: 'API tokens' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Signed in as ada@example.com' }).waitFor();
  });

  test('a sign-out forgets the token; the provider may still know the person', async () => {
    await page.getByRole('button', { name: 'Signed in as ada@example.com' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await visit.heading('Sign in').waitFor();
    expect(await page.evaluate('JSON.stringify({ ...sessionStorage, ...localStorage })')).not.toContain('eyJ');
    await page.reload();
    await visit.heading('Sign in').waitFor();
    await toProvider();
    await page.getByRole('button', { name: 'Signed in as ada@example.com' }).waitFor();
  });

  test.each([
    ['rosa', true],
    ['nobody', false],
  ])('%s gets what the claim says, and no more', async (name, mayRead) => {
    await startAnew('/settings');
    await signInAs(name);
    await page.getByRole('button', { name: `Signed in as ${name}@example.com` }).waitFor();
    expect(await page.getByRole('link', { name: 'New job' }).count()).toBe(0);
    if (mayRead) await visit.seen('To look after the installation the role "administrator" of all jobs is needed.');
    else {
      await visit.seen('You may look at nothing here yet: ask a security administrator for a role.');
      await visit.shoot('nothing-allowed');
    }
  });

  test('a token that ends leads to the sign-in at the same address, in words, and back', async () => {
    await startAnew('/audit?what=Other');
    next = { audience, seconds: short };
    await signInAs('rosa');
    // On a slow machine the token has ended before any page of it is seen: that it came is enough.
    await patiently(async () => {
      expect(page.url()).toContain(visit.origin);
      expect(await page.evaluate(`sessionStorage.getItem('provident.session')`)).not.toBeNull();
    });
    next = { audience, seconds: long };
    await patiently(async () => {
      await visit.go('/settings');
      expect(await visit.heading('Sign in').count()).toBe(1);
    });
    await visit.seen('the access token has expired');
    await toProvider();
    await visit.heading('Installation').waitFor();
  });

  test('a token for somebody else is refused, in words', async () => {
    await startAnew('/settings');
    next = { audience: 'https://another.example.com', seconds: long };
    await signInAs('ada');
    await visit.seen('the access token is for somebody else: "aud" does not fit');
    await visit.heading('Sign in').waitFor();
    await visit.shoot('sign-in-refused');
  });

  test('what comes back to a window that has asked for nothing is refused', async () => {
    await startAnew('/');
    await visit.open('/?code=stolen&state=guessed');
    await visit.seen('This answer does not belong to a sign-in that began in this window. Begin again.');
    expect(exchanges.filter(({ verifier }) => !verifier)).toEqual([]);
    await visit.open('/?error=access_denied&error_description=x&state=guessed');
    await visit.seen('This answer does not belong to a sign-in that began in this window. Begin again.');
  });

  test('who says no at the provider is back with its words', async () => {
    await startAnew('/audit');
    await toProvider();
    await page.getByRole('link', { name: /Cancel/ }).click();
    await visit.seen('End-User aborted interaction');
    await visit.heading('Sign in').waitFor();
  });
});
