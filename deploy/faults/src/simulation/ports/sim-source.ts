import {
  ConnectorError,
  type SourceConnector,
  type SourceCursor,
  type SourceObject,
  type SourcePage,
  type SourceRead,
  type SourceReading,
} from '@provident/connectors';
import type { Assigned } from '@provident/domain';

import type { Chaos } from '../chaos.js';
import { type Group, type Groups, isAssigned } from '../groups.js';
import { type People, type Person, isWanted } from '../people.js';
import { running } from '../virtual-time.js';
import type { SimProcess, World } from '../world.js';
import { readMemberships } from './sim-memberships.js';

/** Looks at what a process is about to do. @param id of the account or group that is written to */
export type Watch = (what: string, who: SimProcess, id?: string) => void;

/** The source of the world: every version of its people, the newest last. */
export class Source {
  readonly versions: People[] = [];
  /** Of the same number; none in a story of people alone. */
  readonly groupVersions: Groups[] = [];
  /** Told before each page that is asked for. */
  readonly watchers: Watch[] = [];

  constructor(
    /** Whether it can tell what has changed since a version, or always shows everybody. */
    readonly tellsChanges: boolean,
    /** Whom the job is for, if not for all. */
    private readonly assigned: Assigned | null = null,
  ) {}

  get newest(): number {
    return this.versions.length - 1;
  }

  get people(): People {
    return this.versions[this.newest]!;
  }

  get groups(): Groups {
    return this.groupVersions[this.newest] ?? new Map();
  }

  /** Whether the rules want an account for somebody now. */
  isWanted(anchor: string): boolean {
    return isWanted(this.people.get(anchor)) && this.isAssigned(anchor, this.groups);
  }

  /** People and memberships are read one after the other: some reading may have seen any of the one with any of the other. */
  wasEverWanted(anchor: string): boolean {
    const isFor = this.assigned === null || this.groupVersions.some((groups) => this.isAssigned(anchor, groups));
    return isFor && this.versions.some((people) => isWanted(people.get(anchor)));
  }

  wasAlwaysWanted(anchor: string): boolean {
    const isFor = this.assigned === null || this.groupVersions.every((groups) => this.isAssigned(anchor, groups));
    return isFor && this.versions.every((people) => isWanted(people.get(anchor)));
  }

  private isAssigned(anchor: string, groups: Groups): boolean {
    return this.assigned === null || isAssigned(anchor, groups, this.assigned);
  }
}

interface Cursor extends Record<string, number> {
  readonly version: number;
  readonly since: number;
  readonly at: number;
}

const objectOf = (object: Person | Group): SourceObject => ('members' in object ? groupObject(object) : personObject(object));

const personObject = ({ anchor, userName, department, status, changedIn, boss }: Person): SourceObject => ({
  anchor,
  attributes: { anchor, userName, department, status, changedIn: `v${changedIn}`, ...(boss !== undefined && { boss }) },
});

const groupObject = ({ anchor, name, changedIn }: Group): SourceObject => ({
  anchor,
  attributes: { anchor, name, changedIn: `v${changedIn}` },
});

const failure = (code: string, message: string): ConnectorError => new ConnectorError({ kind: 'unavailable', code, message });
const away = (): ConnectorError => failure('source-away', 'the source does not answer');

/** The source as a process reads it: page by page, each of which may fail; with records that cannot be used; changing between pages. */
export function sourceConnector(world: World, source: Source, chaos: Chaos): SourceConnector {
  const { random } = world;
  const ask = <Result>(effect: () => Result): Promise<Result> => {
    const fault = chaos.fault('source', away);
    return world.call(effect, fault && { fault });
  };

  async function* pages(from: Cursor, objects: readonly SourceObject[], removed: readonly string[]): AsyncGenerator<SourcePage> {
    for (let at = from.at; ; ) {
      const size = random.between(1, 5);
      const start = at;
      at = Math.min(at + size, objects.length);
      const isLast = at >= objects.length;
      for (const watch of source.watchers) watch('reads on', running() as SimProcess);
      yield await ask(() => {
        const records = objects.slice(start, at);
        const usable = records.filter(() => !chaos.strikes('source'));
        return {
          objects: usable,
          failures: records
            .filter((record) => !usable.includes(record))
            .map((record) => unusable(record, !source.tellsChanges && random.chance(0.3))),
          removed: start === 0 ? removed : [],
          cursor: { ...from, at } satisfies SourceCursor,
          watermark: isLast ? { version: from.version } : null,
        };
      });
      if (isLast) return;
    }
  }

  return {
    describe: async () => ({ name: 'village', objectTypes: [] }),
    close: async () => undefined,
    readMembers: (watermark, _signal, deltas = false) => readMemberships({ world, source, chaos, ask }, watermark, deltas),
    find: (type, anchor) =>
      ask(() => {
        const object = (type === 'group' ? source.groups : source.people).get(anchor);
        return object ? objectOf(object) : null;
      }),
    read: ({ objectType, resumeAt, watermark }: SourceRead): Promise<SourceReading> =>
      ask(() => {
        const resumed = resumeAt as Cursor | null;
        if (resumed && resumed.version !== source.newest && random.chance(0.5))
          throw failure('source-changed', 'the source has changed since the read began');
        const since = source.tellsChanges ? Number(watermark?.['version'] ?? -1) : -1;
        const cursor = resumed ?? { version: source.newest, since, at: 0 };
        if (cursor.since === cursor.version) return { kind: 'none', total: 0, pages: pages(cursor, [], []) };
        const versions: readonly ReadonlyMap<string, Person | Group>[] = objectType === 'group' ? source.groupVersions : source.versions;
        const now = versions[cursor.version]!;
        const before = versions[cursor.since];
        const objects = [...now.values()].filter((each) => before?.get(each.anchor) !== each).map(objectOf);
        const removed = before ? leavers(versions.slice(cursor.since, cursor.version), now) : [];
        return {
          kind: before ? 'delta' : 'snapshot',
          total: random.chance(0.5) ? objects.length : null,
          pages: pages(cursor, objects, removed),
        };
      }),
  };
}

/** Everybody who was there at some time since, and is not any more: also who came and went in between. */
const leavers = (versions: readonly ReadonlyMap<string, unknown>[], now: ReadonlyMap<string, unknown>): string[] => [
  ...new Set(versions.flatMap((objects) => [...objects.keys()]).filter((anchor) => !now.has(anchor))),
];

/** A source that tells changes always knows whose they are. */
const unusable = ({ anchor }: SourceObject, isNameless: boolean): SourcePage['failures'][number] => ({
  anchor: isNameless ? null : anchor,
  code: isNameless ? 'missing-anchor' : 'unreadable-record',
  message: 'the record cannot be read',
  place: `record of ${anchor}`,
});
