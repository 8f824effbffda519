import type { z } from 'zod';

import type { ObjectTypeDescription } from './connector.js';
import { CsvSourceConfig } from './csv/config.js';
import { LdapSourceConfig } from './ldap/config.js';
import { ScimTargetConfig } from './scim/config.js';
import { isKnownPath } from './scim/paths.js';

export type { ObjectTypeDescription, SystemDescription } from './connector.js';
export { CsvSourceConfig, LdapSourceConfig, ScimTargetConfig };

/** Settings of every connector, by its name: what job files are checked and documented with. Loads no client. */
export const connectorConfigs = {
  source: { csv: CsvSourceConfig, ldap: LdapSourceConfig },
  target: { scim: ScimTargetConfig },
} as const satisfies { source: Readonly<Record<string, z.ZodType>>; target: Readonly<Record<string, z.ZodType>> };

/** Whether a target takes a path that it does not list by that name, such as `emails[type eq "work"].value`. By connector. */
export const takesPath: Readonly<Record<string, (path: string, objectType: ObjectTypeDescription) => boolean>> = { scim: isKnownPath };
