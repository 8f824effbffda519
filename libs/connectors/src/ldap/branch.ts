import type { ObjectType } from '@provident/domain';
import type { Filter } from 'ldapts';

import type { SearchQuery } from './client.js';
import type { LdapSourceConfig } from './config.js';
import { type EntryPlan, binaryNames } from './entries.js';
import { parseFilter } from './reading.js';
import type { LdapServer } from './server.js';

/** Where the objects of one kind are, and which of the entries there they are. */
export interface Branch {
  readonly type: ObjectType;
  readonly base: string;
  readonly scope: SearchQuery['scope'];
  readonly filter: Filter;
  readonly filterText: string;
  /** Configured; null takes the one that the server gives. */
  readonly anchor: string | null;
}

/** People, and groups if they are configured; by the names that mappings use. @throws ConnectorError `misconfigured` for a malformed filter */
export function branchesOf({ baseDn, scope, filter, anchor, groups }: LdapSourceConfig): ReadonlyMap<string, Branch> {
  const people = { type: 'user', base: baseDn, scope, filter: parseFilter(filter), filterText: filter, anchor: anchor ?? null } as const;
  if (!groups) return new Map([['user', people]]);
  const others = {
    type: 'group',
    base: groups.baseDn ?? baseDn,
    scope: groups.scope,
    filter: parseFilter(groups.filter),
    filterText: groups.filter,
    anchor: groups.anchor ?? null,
  } as const;
  return new Map<string, Branch>([
    ['user', people],
    ['group', others],
  ]);
}

export const queryOf = ({ base, scope, filter }: Branch, attributes: readonly string[]): SearchQuery => ({
  base,
  scope,
  filter,
  attributes,
});

export function planOf(branch: Branch, attributes: readonly string[], binary: readonly string[], server: LdapServer): EntryPlan {
  return { anchor: branch.anchor ?? server.anchor, attributes, binary: binaryNames(binary) };
}
