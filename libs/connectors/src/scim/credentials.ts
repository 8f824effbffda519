import type { OpenOptions } from '../connector.js';
import { ConnectorError } from '../connector-error.js';
import { ConnectorSecret } from '../shared/secrets.js';
import { AccessTokens } from './access-tokens.js';
import type { ScimTargetConfig } from './config.js';

/** What lets requests in. */
export interface ScimCredentials {
  /** Whether what they are made of is there. @throws ConnectorError `misconfigured` */
  check(): Promise<unknown>;
  /** Value of the Authorization header as it is now; null sends none. @throws ConnectorError */
  authorization(): Promise<string | null>;
  /** The target does not take this one. @returns whether there may be another */
  refuse(authorization: string): boolean;
  /** Texts that must never appear in a message. */
  readonly secrets: readonly string[];
  close(): Promise<void>;
}

/** What is as it is: nobody hands out another. */
const fixed = { refuse: () => false, close: async () => undefined };

export function scimCredentials(
  { auth }: Pick<ScimTargetConfig, 'auth'>,
  options: Pick<OpenOptions, 'baseDir' | 'vault' | 'timeoutMs' | 'network'>,
): ScimCredentials {
  if ('bearer' in auth) {
    const secret = new ConnectorSecret(auth.bearer, options);
    const authorization = async (): Promise<string> => `Bearer ${sendable((await secret.value()).trim())}`;
    return {
      ...fixed,
      check: authorization,
      authorization,
      get secrets() {
        return secret.known.map((each) => each.trim());
      },
    };
  }
  if ('basic' in auth) {
    const { username, password } = auth.basic;
    const secret = new ConnectorSecret(password, options);
    const pair = (word: string): string => Buffer.from(`${username}:${word}`, 'utf8').toString('base64');
    return {
      ...fixed,
      check: () => secret.value(),
      authorization: async () => `Basic ${pair(await secret.value())}`,
      get secrets() {
        return secret.known.flatMap((each) => [each, pair(each)]);
      },
    };
  }
  if ('oauth2' in auth) {
    const tokens = new AccessTokens(auth.oauth2, options);
    return {
      check: () => tokens.check(),
      authorization: async () => `Bearer ${await tokens.current()}`,
      refuse: (authorization) => {
        tokens.refuse(authorization.slice('Bearer '.length));
        return true;
      },
      get secrets() {
        return tokens.secrets;
      },
      close: () => tokens.close(),
    };
  }
  return { ...fixed, check: async () => undefined, authorization: async () => null, secrets: [] };
}

/** A token with a line break or a letter outside ASCII cannot go into a header; the message must not show it. */
function sendable(token: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new ConnectorError({
    kind: 'misconfigured',
    code: 'bad-secret',
    message: 'The bearer token holds characters that no HTTP header can carry.',
  });
}
