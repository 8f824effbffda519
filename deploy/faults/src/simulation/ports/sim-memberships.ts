import type { Membership, MembershipPage, MembershipReading, SourceCursor } from '@provident/connectors';

import type { Chaos } from '../chaos.js';
import type { Group, Groups } from '../groups.js';
import type { World } from '../world.js';
import type { Source } from './sim-source.js';

type Ask = <Result>(effect: () => Result) => Promise<Result>;

interface Surroundings {
  readonly world: World;
  readonly source: Source;
  readonly chaos: Chaos;
  readonly ask: Ask;
}

/** Who is in which group, as a process reads it: lists that begin anew, that cannot be read, or of which a record cannot; all of it, or what changed. */
export function readMemberships(
  { world, source, chaos, ask }: Surroundings,
  watermark: SourceCursor | null,
  deltas: boolean,
): Promise<MembershipReading> {
  const failed = new Set<string>();
  return ask(() => {
    const version = source.newest;
    const again = String(watermark?.['again'] ?? '')
      .split(' ')
      .filter(Boolean);
    const since = source.tellsChanges ? Number(watermark?.['version'] ?? -1) : -1;
    const next = (): SourceCursor => ({ version, again: [...failed].join(' ') });
    if (source.groupVersions.length === 0 || (since === version && again.length === 0))
      return { kind: 'none', watermark: next(), pages: noMemberships() };
    const groups = source.groupVersions[version]!;
    const before = deltas ? source.groupVersions[since] : undefined;
    const lists = [...groups.values()].filter((group) => !before || before.get(group.anchor) !== group || again.includes(group.anchor));
    return {
      kind: before ? 'delta' : 'snapshot',
      get watermark() {
        return next();
      },
      pages: pages(lists, source.groupVersions[version - 1], before !== undefined),
    };
  });

  async function* pages(lists: readonly Group[], earlier: Groups | undefined, isDelta: boolean): AsyncGenerator<MembershipPage> {
    const { random } = world;
    for (const group of lists) {
      // Part of an older list, before it begins anew: whoever is in it only must not count.
      const older = earlier?.get(group.anchor);
      if (older && random.chance(0.2)) {
        yield await ask(() => ({ memberships: membershipsOf(older), failures: [] }));
        yield { memberships: [], failures: [], anew: [group.anchor] };
      }
      const all = membershipsOf(group);
      for (let at = 0; at < all.length; ) {
        const start = at;
        at += random.between(1, 4);
        yield await ask(() => ({ memberships: all.slice(start, at), failures: [] }));
      }
      if (chaos.strikes('source')) {
        failed.add(group.anchor);
        yield { memberships: [], failures: [unreadable(group.anchor, group.anchor)] };
      } else if (isDelta) yield { memberships: [], failures: [], whole: [group.anchor] };
      // Of a source that always shows everything, the next reading makes up for it.
      else if (!source.tellsChanges && chaos.strikes('source')) yield { memberships: [], failures: [unreadable(group.anchor)] };
    }
  }
}

const membershipsOf = ({ anchor: group, members }: Group): Membership[] =>
  [...members].map((member) => ({ group, member, memberType: member.startsWith('G') ? 'group' : 'user' }));

const unreadable = (place: string, group?: string): MembershipPage['failures'][number] => ({
  anchor: group ?? null,
  ...(group !== undefined && { group }),
  code: 'unreadable-record',
  message: 'the list cannot be read to its end',
  place: `list of ${place}`,
});

async function* noMemberships(): AsyncGenerator<MembershipPage> {}
