import type { SecretRef } from '@provident/domain';
import { LiveSecret, SecretUnavailable } from '@provident/vault';

import type { OpenOptions } from '../connector.js';
import { ConnectorError } from '../connector-error.js';

/** The secret that a reference points to, asked for at every use. */
export class ConnectorSecret {
  private readonly live: LiveSecret;

  constructor(ref: SecretRef, { baseDir, vault }: Pick<OpenOptions, 'baseDir' | 'vault'>) {
    this.live = new LiveSecret(ref, { baseDir, vault });
  }

  /** @throws ConnectorError `misconfigured`; the message names the variable, the path or the name, and never the secret */
  async value(): Promise<string> {
    try {
      return await this.live.value();
    } catch (error) {
      if (!(error instanceof SecretUnavailable)) throw error;
      throw new ConnectorError({ kind: 'misconfigured', code: error.code, message: error.message }, { cause: error });
    }
  }

  /** Values that must not be seen. */
  get known(): readonly string[] {
    return this.live.known;
  }
}

/** Takes secrets out of a text, in every form in which a system is likely to repeat them. */
export function masked(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret === '') continue;
    for (const form of formsOf(secret)) if (clean.includes(form)) clean = clean.replaceAll(form, '***');
  }
  return clean;
}

const formsOf = (secret: string): Set<string> =>
  new Set([
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('base64url'),
    Buffer.from(secret).toString('hex'),
  ]);
