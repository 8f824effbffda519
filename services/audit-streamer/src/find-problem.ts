import { findRefusal, type NetworkPolicy } from '@provident/connectors/config';
import type { StreamDefinition } from '@provident/contracts';

import { Undelivered } from './destinations/destination.js';
import { noFolder } from './destinations/open-destination.js';
import { signingKey } from './formats/open-format.js';

export interface ProblemPorts {
  readonly readSecret: (name: string) => Promise<string>;
  readonly network: NetworkPolicy;
  readonly folder: string | null;
}

/** Why a stream cannot be sent as it is; null when nothing is known against it. Whether its destination takes anything is not asked. */
export async function findProblem(definition: StreamDefinition, { readSecret, network, folder }: ProblemPorts): Promise<string | null> {
  const { destination, format } = definition;
  if (destination.kind === 'file' && folder === null) return noFolder;
  try {
    for (const name of secretsIn(definition)) await readSecret(name);
    if (format.kind === 'set') await signingKey(format.token.signingKey, readSecret)();
  } catch (error) {
    if (error instanceof Undelivered) return error.message;
    throw error;
  }
  return 'url' in destination ? findRefusal(destination.url, network) : null;
}

function secretsIn({ destination }: StreamDefinition): string[] {
  const named = 'url' in destination ? [destination.kind === 'webhook' ? destination.secret : undefined, destination.bearer] : [];
  return named.filter((name) => name !== undefined);
}
