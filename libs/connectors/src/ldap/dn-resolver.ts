import type { ObjectType } from '@provident/domain';

import { type Branch, planOf } from './branch.js';
import type { LdapSession } from './client.js';
import { readEntry } from './entries.js';
import { noneWhenAbsent } from './member-lists.js';
import type { LdapServer } from './server.js';

/** The object behind a distinguished name. */
export interface NamedObject {
  readonly type: ObjectType;
  readonly anchor: string;
}

const mostKept = 50_000;

/** Finds out which person or group a distinguished name stands for, by looking at that entry. Remembers a bounded number of answers. */
export class DnResolver {
  private readonly known = new Map<string, NamedObject | null>();

  constructor(
    private readonly session: LdapSession,
    private readonly server: LdapServer,
    private readonly branches: readonly Branch[],
  ) {}

  /** @returns null when there is no such entry, or it is neither */
  async resolve(dn: string, signal: AbortSignal): Promise<NamedObject | null> {
    const name = normalized(dn);
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const found = await this.lookUp(name, signal);
    if (this.known.size >= mostKept) this.known.clear();
    this.known.set(name, found);
    return found;
  }

  private async lookUp(base: string, signal: AbortSignal): Promise<NamedObject | null> {
    for (const branch of this.branches) {
      const plan = planOf(branch, [], [], this.server);
      const [entry] = await this.session
        .search({ base, scope: 'base', filter: branch.filter, attributes: [plan.anchor] }, signal)
        .catch(noneWhenAbsent);
      const row = entry && readEntry(entry, plan);
      if (row && 'object' in row) return { type: branch.type, anchor: row.object.anchor };
    }
    return null;
  }
}

/** Without the optional identifier that a value of `uniqueMember` may end in (RFC 4517, 3.3.21). */
const normalized = (dn: string): string => dn.replace(/#'[01]*'B$/, '').trim();
