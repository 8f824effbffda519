import type { TargetFactory } from '../connector.js';
import { assertAllowed, localNetwork } from '../network/guarded-lookup.js';
import { ScimClient } from './client.js';
import type { ScimTargetConfig } from './config.js';
import { scimCredentials } from './credentials.js';
import { ScimTarget } from './scim-target.js';

export { ScimTargetConfig } from './config.js';
export { describedAt } from './paths.js';

/** Any service that speaks SCIM 2.0. */
export const scimTarget: TargetFactory<ScimTargetConfig> = {
  name: 'scim',
  async open(config, options) {
    const { readOnly, timeoutMs, pace, onRequest, beginRequest, network = localNetwork } = options;
    assertAllowed(config.url, network);
    const credentials = scimCredentials(config, options);
    await credentials.check(); // what is missing is found out before anything is begun
    return new ScimTarget(new ScimClient({ config, credentials, readOnly, timeoutMs, pace, onRequest, beginRequest, network }), config);
  },
};
