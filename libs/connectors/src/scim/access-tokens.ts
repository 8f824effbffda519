import type { LookupFunction } from 'node:net';

import { Pool } from 'undici';
import { z } from 'zod';

import type { OpenOptions } from '../connector.js';
import { ConnectorError, type ConnectorErrorFacts } from '../connector-error.js';
import { assertAllowed, guardedLookup, localNetwork, refusalIn } from '../network/guarded-lookup.js';
import { readRateHeaders } from '../shared/rate-headers.js';
import { ConnectorSecret, masked } from '../shared/secrets.js';
import { excerpt } from './classify.js';
import type { OAuth2 } from './config.js';
import { exchange, ExchangeFailure, type WireAnswer } from './exchange.js';

const maxBytes = 256 * 1_024;
/** A token that does not say how long it holds is asked for anew after this long, or when it is refused. */
const usualLifeMs = 5 * 60_000;
/** So long before its end a token is not used any more, for requests take time; of a short one a tenth of its life. */
const marginMs = 30_000;
/** Tokens of before that must not be seen either. */
const mostKnown = 5;

const TokenAnswer = z.object({
  access_token: z.string().min(1),
  token_type: z.string(),
  expires_in: z.coerce.number().positive().optional(),
});
const Refusal = z.object({ error: z.string(), error_description: z.string().optional() });

interface Token {
  readonly value: string;
  readonly until: number;
}

/** Access tokens of an authorization server, by client credentials (RFC 6749, section 4.4): one at a time, kept until shortly before it ends. */
export class AccessTokens {
  private readonly secret: ConnectorSecret;
  private readonly pool: Pool;
  private readonly url: URL;
  private readonly issued: string[] = [];
  private token: Token | null = null;
  private fetching: Promise<Token> | null = null;

  /** @throws ConnectorError `misconfigured` when nothing may connect to the authorization server */
  constructor(
    private readonly config: OAuth2,
    private readonly options: Pick<OpenOptions, 'baseDir' | 'vault' | 'timeoutMs' | 'network'>,
    private readonly now: () => number = () => performance.now(),
  ) {
    const { network = localNetwork, timeoutMs } = options;
    assertAllowed(config.tokenUrl, network);
    this.url = new URL(config.tokenUrl);
    this.secret = new ConnectorSecret(config.clientSecret, options);
    this.pool = new Pool(this.url.origin, {
      connections: 1,
      pipelining: 1,
      allowH2: false,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: Math.min(timeoutMs, 10_000), lookup: guardedLookup(network) as LookupFunction },
    });
  }

  /** Finds out before anything is begun whether the secret is there. @throws ConnectorError `misconfigured` */
  async check(): Promise<void> {
    await this.secret.value();
  }

  /** A token that holds. Whoever asks while one is fetched gets that one. @throws ConnectorError */
  async current(): Promise<string> {
    if (this.token && this.now() < this.token.until) return this.token.value;
    this.fetching ??= this.fetch().finally(() => {
      this.fetching = null;
    });
    this.token = await this.fetching;
    return this.token.value;
  }

  /** The target does not take this one: the next one asked for is another. */
  refuse(value: string): void {
    if (this.token?.value === value) this.token = null;
  }

  /** Texts that must never appear in a message. */
  get secrets(): readonly string[] {
    return [...this.secret.known.flatMap((each) => [each, inForm(each), this.basic(each)]), ...this.issued];
  }

  async close(): Promise<void> {
    await this.pool.destroy();
  }

  private async fetch(): Promise<Token> {
    const secret = await this.secret.value();
    const askedAt = this.now();
    const { access_token: value, lifeMs } = this.read(await this.ask(secret));
    this.issued.unshift(value);
    this.issued.splice(mostKnown);
    return { value, until: askedAt + lifeMs - Math.min(marginMs, lifeMs / 10) };
  }

  private async ask(secret: string): Promise<WireAnswer> {
    const { clientId, scope, audience, sendSecret } = this.config;
    const inBody = sendSecret === 'body' ? { client_id: clientId, client_secret: secret } : {};
    const form = { grant_type: 'client_credentials', ...(scope && { scope }), ...(audience && { audience }), ...inBody };
    const headers = ['accept', 'application/json', 'content-type', 'application/x-www-form-urlencoded'];
    if (sendSecret === 'header') headers.push('authorization', `Basic ${this.basic(secret)}`);
    const request = {
      method: 'POST',
      path: this.url.pathname + this.url.search,
      headers,
      body: new URLSearchParams(form).toString(),
    } as const;
    try {
      // For everybody who waits for it: nobody's giving up ends it for the others.
      return await exchange(this.pool, request, { timeoutMs: this.options.timeoutMs, maxBytes }, new AbortController().signal);
    } catch (failure) {
      throw refusalIn(failure) ?? this.error(unreached(failure as ExchangeFailure, this.options.timeoutMs), failure);
    }
  }

  /** Both in the form of a form, as RFC 6749 has it, before they become one text. */
  private basic(secret: string): string {
    return Buffer.from(`${inForm(this.config.clientId)}:${inForm(secret)}`).toString('base64');
  }

  private read({ status, headers, text }: WireAnswer): { readonly access_token: string; readonly lifeMs: number } {
    if (status < 200 || status > 299) {
      // Before it is shortened: half a secret would not be known for what it is.
      const json = jsonOf(masked(text, this.secrets));
      throw this.error(refused(status, readRateHeaders(headers, Date.now()).retryAfterMs, json));
    }
    const token = TokenAnswer.safeParse(jsonOf(text));
    if (!token.success) throw this.error(protocol('token-unreadable', 'sent no access token', status));
    const { access_token, token_type, expires_in } = token.data;
    // Whatever is said of it from here on, the token is not.
    if (!/^bearer$/i.test(token_type)) throw this.error(protocol('token-type', 'sent a token that is no bearer token', status));
    if (!/^[\x21-\x7e]+$/.test(access_token))
      throw this.error(protocol('token-unreadable', 'sent a token that no HTTP header can carry', status));
    return { access_token, lifeMs: expires_in === undefined ? usualLifeMs : expires_in * 1_000 };
  }

  private error(facts: ConnectorErrorFacts, cause?: unknown): ConnectorError {
    const redacted = (text: string): string => masked(text, this.secrets);
    const why = cause instanceof Error ? { cause: new Error(redacted(cause.message)) } : {};
    return new ConnectorError({ ...facts, message: redacted(facts.message) }, why);
  }
}

const inForm = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1);

const who = 'The authorization server';

const protocol = (code: string, what: string, status: number): ConnectorErrorFacts => ({
  kind: 'protocol',
  code,
  message: `${who} ${what} (${status}).`,
  status,
});

/** Nothing was changed anywhere: asked again, it may answer. */
function unreached({ reason, cause }: ExchangeFailure, timeoutMs: number): ConnectorErrorFacts {
  const words = cause instanceof Error ? excerpt(cause.message || String((cause as NodeJS.ErrnoException).code ?? cause.name), 200) : '';
  if (reason === 'timeout') return { kind: 'unavailable', code: 'token-timeout', message: `${who} did not answer within ${timeoutMs} ms.` };
  if (reason === 'too-large' || reason === 'not-http')
    return { kind: 'protocol', code: 'token-unreadable', message: `What ${who.toLowerCase()} sent is no token: ${reason}.` };
  return { kind: 'unavailable', code: 'token-server-away', message: `${who} cannot be reached${words === '' ? '' : ` (${words})`}.` };
}

/** What a refusal means: nothing works without a token, so that what the credentials are refused for holds for the whole job. */
function refused(status: number, retryAfterMs: number | undefined, json: unknown): ConnectorErrorFacts {
  const said = Refusal.safeParse(json);
  const words = said.success ? `: ${excerpt([said.data.error, said.data.error_description].filter(Boolean).join(', '), 300)}` : '';
  const facts = { status, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  if (status === 429) return { ...facts, kind: 'throttled', code: 'token-throttled', message: `${who} asks to slow down (429)${words}.` };
  if (status >= 500 || status === 408)
    return { ...facts, kind: 'unavailable', code: 'token-server-away', message: `${who} is not available (${status})${words}.` };
  if (status >= 300 && status < 400)
    return { ...facts, ...protocol('token-redirect', 'redirects elsewhere; the secret stays here. Is the address right?', status) };
  if (status === 401 || status === 403 || (status === 400 && said.success))
    return {
      ...facts,
      kind: 'unauthorized',
      code: 'token-refused',
      message: `${who} does not accept the credentials (${status})${words}.`,
    };
  return {
    ...facts,
    kind: 'misconfigured',
    code: 'token-address',
    message: `${who} gives no token there (${status})${words}. Is the address right?`,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
