import type { OpenOptions, TargetFactory } from '../connector.js';
import { ConnectorError } from '../connector-error.js';
import { resolveSecret } from '../shared/secrets.js';
import { ScimClient } from './client.js';
import type { ScimTargetConfig } from './config.js';
import { ScimTarget } from './scim-target.js';

export { ScimTargetConfig } from './config.js';
export { isKnownPath } from './paths.js';

/** Any service that speaks SCIM 2.0. */
export const scimTarget: TargetFactory<ScimTargetConfig> = {
  name: 'scim',
  async open(config, options) {
    const { readOnly, timeoutMs, onRequest } = options;
    const client = new ScimClient({
      config,
      ...(await credentials(config, options)),
      readOnly,
      timeoutMs,
      ...(onRequest && { onRequest }),
    });
    return new ScimTarget(client, config);
  },
};

async function credentials(
  { auth }: ScimTargetConfig,
  { baseDir }: OpenOptions,
): Promise<{ authorization: string | null; secrets: string[] }> {
  if ('bearer' in auth) {
    const token = sendable((await resolveSecret(auth.bearer, baseDir)).trim());
    return { authorization: `Bearer ${token}`, secrets: [token] };
  }
  if ('basic' in auth) {
    const password = await resolveSecret(auth.basic.password, baseDir);
    const pair = Buffer.from(`${auth.basic.username}:${password}`, 'utf8').toString('base64');
    return { authorization: `Basic ${pair}`, secrets: [password, pair] };
  }
  return { authorization: null, secrets: [] };
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
