import type { SecretRef } from '@provident/domain';
import { type SecretPlaces, SecretUnavailable, resolveSecret } from '@provident/vault';

import { NoticeUndelivered } from './notice-failure.js';

/** The secret that a reference points to: read at each use, so that it can be changed. @throws NoticeUndelivered which never holds it */
export async function readSecret(ref: SecretRef, places: SecretPlaces): Promise<string> {
  return resolveSecret(ref, places).catch((cause: unknown) => {
    if (!(cause instanceof SecretUnavailable)) throw cause;
    throw new NoticeUndelivered(`the job-scheduler does not have the secret of the webhook: ${cause.message}`);
  });
}
