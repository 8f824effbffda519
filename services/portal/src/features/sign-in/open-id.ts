/** Signing in at an OpenID provider with the code flow and PKCE (RFC 7636): what goes there, and what is made of what comes back. */

export interface Provider {
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
}

/** What this window remembers between going there and coming back. */
export interface Begun {
  readonly state: string;
  readonly verifier: string;
  /** Where to go on. */
  readonly page: string;
}

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
const randomText = (): string => base64url(crypto.getRandomValues(new Uint8Array(32)));

export const begin = (page: string): Begun => ({ state: randomText(), verifier: randomText(), page });

/** The address of the provider's own page. */
export async function authorizationUrl(provider: Provider, { state, verifier }: Begun, redirectUri: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  const url = new URL(provider.authorizationEndpoint);
  const asked = {
    response_type: 'code',
    client_id: provider.clientId,
    redirect_uri: redirectUri,
    scope: provider.scopes.join(' '),
    state,
    code_challenge: base64url(new Uint8Array(digest)),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  return url.href;
}

export type Returned = { readonly code: string } | { readonly problem: string } | null;

/**
 * What the provider said when it sent the browser back: null when it did not. An answer to a question that this window has not asked is none.
 */
export function returnedIn(search: string, begun: Begun | null, stranger: string): Returned {
  const said = new URLSearchParams(search);
  const [code, error] = [said.get('code'), said.get('error')];
  if (code === null && error === null) return null;
  if (begun === null || said.get('state') !== begun.state) return { problem: stranger };
  if (code !== null) return { code };
  return { problem: said.get('error_description') ?? error ?? '' };
}

/** Exchanges a code for an access token. @throws Error in the provider's words */
export async function redeem(provider: Provider, code: string, { verifier }: Begun, redirectUri: string): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: provider.clientId,
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  });
  const response = await fetch(provider.tokenEndpoint, { method: 'POST', body, credentials: 'omit', referrerPolicy: 'no-referrer' });
  const answer = (await response.json().catch(() => ({}))) as Readonly<Record<string, unknown>>;
  if (response.ok && typeof answer['access_token'] === 'string') return answer['access_token'];
  const reason = [answer['error_description'], answer['error']].find((each) => typeof each === 'string');
  throw new Error(reason ?? `HTTP ${response.status}`);
}
