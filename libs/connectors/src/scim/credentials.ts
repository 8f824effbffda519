import type { OpenOptions } from '../connector.js';
import { ConnectorError } from '../connector-error.js';
import { ConnectorSecret } from '../shared/secrets.js';
import type { ScimTargetConfig } from './config.js';

/** What lets requests in. */
export interface ScimCredentials {
  /** Value of the Authorization header as it is now; null sends none. @throws ConnectorError `misconfigured` */
  authorization(): Promise<string | null>;
  /** Texts that must never appear in a message. */
  readonly secrets: readonly string[];
}

export function scimCredentials(
  { auth }: Pick<ScimTargetConfig, 'auth'>,
  options: Pick<OpenOptions, 'baseDir' | 'vault'>,
): ScimCredentials {
  if ('bearer' in auth) {
    const secret = new ConnectorSecret(auth.bearer, options);
    return {
      authorization: async () => `Bearer ${sendable((await secret.value()).trim())}`,
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
      authorization: async () => `Basic ${pair(await secret.value())}`,
      get secrets() {
        return secret.known.flatMap((each) => [each, pair(each)]);
      },
    };
  }
  return { authorization: async () => null, secrets: [] };
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
