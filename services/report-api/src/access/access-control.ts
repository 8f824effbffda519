import { parseApiToken } from './api-token.js';
import { type Caller, localCaller } from './caller.js';
import type { OpenIdTokens } from './openid.js';
import { NotSignedIn } from './refusals.js';
import type { AccessSettings } from './settings.js';
import type { KnownToken, TokenStore } from './token-store.js';
import type { ApiToken } from './api-token.js';

export interface AccessParts {
  readonly settings: AccessSettings;
  readonly tokens: TokenStore;
  readonly openId: OpenIdTokens | null;
  readonly onTrouble: (error: unknown) => void;
}

/** Finds out who sends a request. */
export class AccessControl {
  constructor(private readonly parts: AccessParts) {}

  /**
   * @param authorization the header of that name
   * @throws NotSignedIn, SignInAway
   */
  async identify(authorization: string | undefined): Promise<Caller> {
    const isRequired = this.parts.settings.signIn === 'required';
    const bearer = /^bearer +([\x21-\x7e]+)$/i.exec(authorization ?? '')?.[1];
    const token = bearer === undefined ? null : parseApiToken(bearer);
    // Also where nobody has to sign in: whoever shows a token wants to be who it says, or to be told that it does not hold.
    if (token) return this.byToken(token);
    if (!isRequired) return localCaller;
    if (authorization === undefined) throw new NotSignedIn('sign in first: send "Authorization: Bearer <token>"', false);
    if (bearer === undefined || !this.parts.openId) throw new NotSignedIn('the authorization is no API token', true);
    const { by, grants, expiresAt } = await this.parts.openId.read(bearer);
    const stillHolds = (): Promise<boolean> => Promise.resolve(expiresAt > new Date());
    return { by, signedIn: 'open-id', grants, expiresAt, stillHolds };
  }

  private async byToken(token: ApiToken): Promise<Caller> {
    const known = await this.parts.tokens.check(token);
    if (!known) throw new NotSignedIn('the API token is not known, has expired, or was revoked', true);
    void this.parts.tokens.noteUse(known.tokenId).catch(this.parts.onTrouble);
    return callerOf(known, async () => (await this.parts.tokens.check(token)) !== null);
  }
}

const callerOf = ({ name, grants, expiresAt }: KnownToken, stillHolds: Caller['stillHolds']): Caller => ({
  by: { kind: 'application', name },
  signedIn: 'token',
  grants,
  expiresAt,
  stillHolds,
});
