import type { z } from 'zod';

import type { AttributeDescription, ObjectTypeDescription } from './connector.js';
import { CsvSourceConfig } from './csv/config.js';
import { LdapSourceConfig } from './ldap/config.js';
import { ScimTargetConfig } from './scim/config.js';
import { describedAt, pathsMeet } from './scim/paths.js';

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

/** What job files are checked with before any system is asked. */
export const connectorRules = {
  sourceConnectors: connectorConfigs.source,
  targetConnectors: connectorConfigs.target,
  pathsMeet: { scim: pathsMeet },
};

/** What a target tells of a path that it may not list by that name, such as `emails[type eq "work"].value`: of all that it leads through. By connector. */
export const describedPath: Readonly<Record<string, (path: string, objectType: ObjectTypeDescription) => readonly AttributeDescription[]>> =
  { scim: describedAt };

/** What is missing in the settings of a source that should tell who belongs to which group, as a remedy; null when nothing is. By connector. */
export const membersLackIn: Readonly<Record<string, (config: Readonly<Record<string, unknown>>) => string | null>> = {
  csv: ({ groups, memberships }) =>
    groups === undefined || memberships === undefined ? 'name their files in "groups" and "memberships" of the source' : null,
  ldap: ({ groups }) => (groups === undefined ? 'say where they are in "groups" of the source' : null),
};

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
