import type { Initiator } from '@provident/contracts';
import type { Grant } from '@provident/domain';
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';

import { NotSignedIn, SignInAway } from './refusals.js';

/** What is asked of access tokens. */
export interface OpenIdSettings {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly algorithms: readonly string[];
  readonly clockToleranceS: number;
  /** Where the keys are; found by discovery when it is not said. */
  readonly jwksUrl: string | null;
  /** Claim that holds roles or groups; dots lead into members. */
  readonly rolesClaim: string;
  /** What a value of that claim grants. */
  readonly grantsOf: (value: string) => readonly Grant[];
  /** Claims of which the first that is there names the caller. */
  readonly nameClaims: readonly string[];
}

export interface OpenIdCaller {
  readonly by: Initiator;
  readonly grants: readonly Grant[];
  readonly expiresAt: Date;
}

const patienceMs = 5_000;
/** A key that is not known is looked for again, but not more often. */
const newKeysAfterMs = 5_000;
const keysHoldMs = 600_000;

/** Reads access tokens of an OpenID issuer. Its keys are fetched when they are needed first, kept, and fetched again when one is not among them. */
export class OpenIdTokens {
  private keys: Promise<JWTVerifyGetKey> | null = null;

  constructor(private readonly settings: OpenIdSettings) {}

  /** @throws NotSignedIn, SignInAway */
  async read(token: string): Promise<OpenIdCaller> {
    const { issuer, audiences, algorithms, clockToleranceS } = this.settings;
    try {
      const { payload } = await jwtVerify(token, await this.keySet(), {
        issuer,
        audience: [...audiences],
        algorithms: [...algorithms],
        clockTolerance: clockToleranceS,
        requiredClaims: ['exp', 'sub'],
      });
      return this.callerOf(payload);
    } catch (error) {
      throw refusalOf(error);
    }
  }

  private callerOf(payload: JWTPayload): OpenIdCaller {
    const { nameClaims, rolesClaim, grantsOf } = this.settings;
    const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
    const name = nameClaims.map((claim) => payload[claim]).find(isText) ?? payload.sub!;
    // Microsoft says so of its application tokens; others have no name of a person in theirs.
    const isApplication = payload['idtyp'] === 'app' || (name === payload.sub && payload['name'] === undefined);
    return {
      by: { kind: isApplication ? 'application' : 'user', name: name.slice(0, 200) },
      grants: valuesAt(payload, rolesClaim).flatMap(grantsOf),
      expiresAt: new Date(payload.exp! * 1_000),
    };
  }

  private keySet(): Promise<JWTVerifyGetKey> {
    this.keys ??= this.findKeys().catch((error: unknown) => {
      this.keys = null;
      throw error;
    });
    return this.keys;
  }

  private async findKeys(): Promise<JWTVerifyGetKey> {
    const url = this.settings.jwksUrl ?? (await discoveredKeys(this.settings.issuer));
    return createRemoteJWKSet(new URL(url), {
      timeoutDuration: patienceMs,
      cooldownDuration: newKeysAfterMs,
      cacheMaxAge: keysHoldMs,
    });
  }
}

/** Where people sign in with an issuer, and where their code is exchanged for a token. */
export interface OpenIdAddresses {
  readonly authorization: string;
  readonly token: string;
}

/** Asks an issuer once in a while where people sign in; while it is away there is no such sign-in. */
export class OpenIdEndpoints {
  private found: { readonly addresses: Promise<OpenIdAddresses | null>; readonly untilMs: number } | null = null;

  /** @param issuer null: nobody signs in that way */
  constructor(
    private readonly issuer: string | null,
    private readonly nowMs: () => number = Date.now,
  ) {}

  async find(): Promise<OpenIdAddresses | null> {
    if (this.issuer === null) return null;
    if (!this.found || this.found.untilMs < this.nowMs())
      this.found = { addresses: discoveredAddresses(this.issuer).catch(() => null), untilMs: this.nowMs() + keysHoldMs };
    const addresses = await this.found.addresses;
    if (addresses === null) this.found = null;
    return addresses;
  }
}

async function discoveredAddresses(issuer: string): Promise<OpenIdAddresses | null> {
  const { authorization_endpoint: authorization, token_endpoint: token } = await discovered(issuer);
  const isUsable = (address: unknown): address is string => typeof address === 'string' && isTrustworthy(address);
  return isUsable(authorization) && isUsable(token) ? { authorization, token } : null;
}

/** @throws SignInAway */
async function discoveredKeys(issuer: string): Promise<string> {
  const { jwks_uri: keys } = await discovered(issuer);
  if (typeof keys !== 'string' || !isTrustworthy(keys)) throw new SignInAway(`${issuer} does not say over https where its keys are`);
  return keys;
}

/** What an issuer says of itself. @throws SignInAway */
async function discovered(issuer: string): Promise<Record<string, unknown>> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const found = await fetch(url, { signal: AbortSignal.timeout(patienceMs), redirect: 'error' })
    .then(async (response) => (response.ok ? ((await response.json()) as Record<string, unknown>) : null))
    .catch((cause: unknown) => {
      throw new SignInAway(`the issuer of access tokens does not answer at ${url}`, { cause });
    });
  if (found?.['issuer'] !== issuer) throw new SignInAway(`what stands at ${url} is not of the issuer ${issuer}`);
  return found;
}

/** Over TLS, or without leaving this machine. */
export function isTrustworthy(address: string): boolean {
  const url = URL.canParse(address) ? new URL(address) : null;
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname));
}

function refusalOf(error: unknown): unknown {
  if (error instanceof SignInAway) return error;
  if (error instanceof errors.JWTExpired) return new NotSignedIn('the access token has expired', true);
  if (error instanceof errors.JWTClaimValidationFailed) return new NotSignedIn(claimRefusal(error), true);
  if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError) || error.code === 'ERR_JOSE_GENERIC')
    return new SignInAway('the keys of the issuer of access tokens cannot be fetched', { cause: error });
  return new NotSignedIn('the access token does not hold', true);
}

function claimRefusal({ claim, reason, payload }: errors.JWTClaimValidationFailed): string {
  if (claim === 'nbf' && typeof payload.nbf === 'number')
    return `the access token does not hold before ${new Date(payload.nbf * 1_000).toISOString()}: are the clocks right?`;
  if (reason === 'missing') return `the access token lacks the claim "${claim}"`;
  return claim === 'aud' || claim === 'iss'
    ? `the access token is for somebody else: "${claim}" does not fit`
    : `the access token does not hold: "${claim}" does not fit`;
}

/** The texts that a claim holds: one, several, or several in one text. */
function valuesAt(payload: JWTPayload, claim: string): string[] {
  const whole = payload[claim];
  const value = whole ?? claim.split('.').reduce<unknown>((at, name) => (isRecord(at) ? at[name] : undefined), payload);
  if (typeof value === 'string') return value.split(' ').filter((each) => each !== '');
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string').slice(0, 500) : [];
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
