import type { StreamDefinition } from '@provident/contracts';

import { Undelivered } from '../destinations/destination.js';
import { cloudEvents } from './cloud-event.js';
import type { Format, Surroundings } from './message.js';
import { ocsf } from './ocsf.js';
import { securityEvents } from './security-event.js';
import { NoSigningKey, readSigningKey, type SigningKey } from './signing-key.js';

/** The format of a stream. @param readSecret @throws Undelivered */
export function openFormat(
  { format }: StreamDefinition,
  surroundings: Surroundings,
  readSecret: (name: string) => Promise<string>,
): Format {
  switch (format.kind) {
    case 'cloudevents':
      return cloudEvents(surroundings);
    case 'ocsf':
      return ocsf(surroundings);
    case 'set':
      return securityEvents({ ...surroundings, token: format.token, key: signingKey(format.token.signingKey, readSecret) });
  }
}

/** The key behind a name, read anew when the secret has changed. @throws Undelivered */
export function signingKey(name: string, readSecret: (name: string) => Promise<string>): () => Promise<SigningKey> {
  let known: { readonly text: string; readonly key: Promise<SigningKey> } | null = null;
  return async () => {
    const text = await readSecret(name);
    if (known?.text !== text) known = { text, key: readSigningKey(text) };
    return known.key.catch((error: unknown) => {
      known = null;
      if (error instanceof NoSigningKey) throw new Undelivered(`the secret "${name}" cannot sign: ${error.message}`);
      throw error;
    });
  };
}
