import {
  ConnectorError,
  type Membership,
  type MembershipFailure,
  type MembershipPage,
  type MembershipReading,
  type SourceConnector,
  type SourceCursor,
  type SourceFailure,
  type SourceObject,
  type SourcePage,
  type SourceRead,
  type SourceReading,
  type SystemDescription,
} from '@provident/connectors';
import type { AttributeBag } from '@provident/domain';

/** A source in memory: people and groups by anchor, read in pages of a few, and memberships. */
export class MemorySource implements SourceConnector {
  people = new Map<string, AttributeBag>();
  groups = new Map<string, AttributeBag>();
  memberships: Membership[] = [];
  /** Records of memberships that cannot be used. */
  unusableMemberships: MembershipFailure[] = [];
  /** Groups whose lists a delta of memberships holds; null: everything comes. */
  changedGroups: readonly string[] | null = null;
  /** Who shows in a group until its list begins anew. */
  beforeAnew: Membership[] = [];
  /** Records that cannot be used; they come with the first page. */
  failures: SourceFailure[] = [];
  kind: SourceReading['kind'] = 'snapshot';
  /** Anchors that a delta reports as removed. */
  removed: string[] = [];
  pageSize = 2;
  /** Called before each page with its number from 0; may throw. */
  beforePage: (page: number) => void | Promise<void> = () => undefined;
  readonly reads: SourceRead[] = [];
  /** From where memberships were read. */
  readonly membershipReads: (SourceCursor | null)[] = [];
  closed = false;

  put(...anchors: readonly string[]): void {
    for (const anchor of anchors) this.people.set(anchor, personOf(anchor));
  }

  async describe(): Promise<SystemDescription> {
    return { name: 'memory', objectTypes: [] };
  }

  async read(request: SourceRead): Promise<SourceReading> {
    this.reads.push(request);
    const held = request.objectType === 'group' ? this.groups : this.people;
    const objects = [...held].map(([anchor, attributes]) => ({ anchor, attributes }));
    return {
      kind: this.kind,
      total: objects.length,
      pages: this.kind === 'none' ? none() : this.pages(objects, Number(request.resumeAt?.['at'] ?? 0)),
    };
  }

  async find(type: string, anchor: string): Promise<SourceObject | null> {
    const attributes = (type === 'group' ? this.groups : this.people).get(anchor);
    return attributes ? { anchor, attributes } : null;
  }

  async readMembers(watermark: SourceCursor | null, _signal?: AbortSignal, deltas = false): Promise<MembershipReading> {
    this.membershipReads.push(watermark);
    return {
      kind: deltas && this.changedGroups ? 'delta' : 'snapshot',
      watermark: { members: this.memberships.length },
      pages: this.membershipPages(),
    };
  }

  /** Puts people, or groups where the name begins so, into a group. */
  join(group: string, ...members: readonly string[]): void {
    this.groups.set(group, { id: group, name: `Group ${group}` });
    for (const member of members) {
      const memberType = member.startsWith('g') ? 'group' : 'user';
      this.memberships.push({ group, member, memberType });
    }
  }

  leave(group: string, member: string): void {
    this.memberships = this.memberships.filter((each) => each.group !== group || each.member !== member);
  }

  async close(): Promise<void> {}

  /** As a connector that is opened: closing it ends what is read through it. */
  open(): SourceConnector {
    const opened = Object.assign(Object.create(this) as MemorySource, { closed: false });
    opened.close = async () => {
      opened.closed = true;
    };
    return opened;
  }

  private async *membershipPages(): AsyncGenerator<MembershipPage> {
    const { changedGroups } = this;
    const shown = changedGroups ? this.memberships.filter(({ group }) => changedGroups.includes(group)) : this.memberships;
    if (this.beforeAnew.length > 0) yield { memberships: this.beforeAnew, failures: [] };
    if (this.beforeAnew.length > 0) yield { memberships: [], failures: [], anew: this.beforeAnew.map(({ group }) => group) };
    for (let at = 0; at < shown.length; at += 1_000) yield { memberships: shown.slice(at, at + 1_000), failures: [] };
    if (changedGroups) yield { memberships: [], failures: [], whole: changedGroups };
    if (this.unusableMemberships.length > 0) yield { memberships: [], failures: this.unusableMemberships };
  }

  private async *pages(objects: readonly SourceObject[], from: number): AsyncGenerator<SourcePage> {
    for (let at = from; ; at += this.pageSize) {
      await this.beforePage(at / this.pageSize);
      if (this.closed) throw sourceFailure('the connection was closed');
      const isLast = at + this.pageSize >= objects.length;
      const isFirst = at === 0;
      yield {
        objects: objects.slice(at, at + this.pageSize),
        removed: isFirst ? this.removed : [],
        failures: isFirst ? this.failures : [],
        cursor: { at: Math.min(at + this.pageSize, objects.length) },
        watermark: isLast ? { read: this.reads.length } : null,
      };
      if (isLast) return;
    }
  }
}

async function* none(): AsyncGenerator<SourcePage> {}

export const personOf = (anchor: string, more: AttributeBag = {}): AttributeBag => ({
  id: anchor,
  email: `p${anchor}`,
  firstName: 'Jane',
  lastName: `Doe ${anchor}`,
  ...more,
});

export const sourceFailure = (message = 'the source does not answer'): ConnectorError =>
  new ConnectorError({ kind: 'unavailable', code: 'test', message });
