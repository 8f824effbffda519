import type { z } from 'zod';

import type { ObjectTypeDescription } from './connector.js';
import { CsvSourceConfig } from './csv/config.js';
import { LdapSourceConfig } from './ldap/config.js';
import { ScimTargetConfig } from './scim/config.js';
import { isKnownPath } from './scim/paths.js';

export type { ObjectTypeDescription, SystemDescription } from './connector.js';
export { type NetworkPolicy, networkPolicy } from './network/address-policy.js';
export { assertAllowed, findRefusal, guardedLookup } from './network/guarded-lookup.js';
export { networkSettings } from './network/network-settings.js';
export { readRetryAfter } from './shared/rate-headers.js';
export { CsvSourceConfig, LdapSourceConfig, ScimTargetConfig };

/** Settings of every connector, by its name: what job files are checked and documented with. Loads no client. */
export const connectorConfigs = {
  source: { csv: CsvSourceConfig, ldap: LdapSourceConfig },
  target: { scim: ScimTargetConfig },
} as const satisfies { source: Readonly<Record<string, z.ZodType>>; target: Readonly<Record<string, z.ZodType>> };

/** Whether a target takes a path that it does not list by that name, such as `emails[type eq "work"].value`. By connector. */
export const takesPath: Readonly<Record<string, (path: string, objectType: ObjectTypeDescription) => boolean>> = { scim: isKnownPath };

/** The settings of a target that say which system it is. When they change, its accounts are others. By connector. */
const systemOf: Readonly<Record<string, (config: Readonly<Record<string, unknown>>) => unknown>> = {
  scim: ({ url }) => String(url).replace(/\/+$/, ''),
};

/** Names the system behind a target; of a connector that does not say what matters, every setting does. */
export function targetSystem({
  connector,
  config,
}: {
  readonly connector: string;
  readonly config: Readonly<Record<string, unknown>>;
}): string {
  return JSON.stringify([connector, (systemOf[connector] ?? ((all) => all))(config)]);
}
