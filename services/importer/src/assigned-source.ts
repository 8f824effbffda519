import type {
  MembershipReading,
  SourceConnector,
  SourceCursor,
  SourceObject,
  SourcePage,
  SourceRead,
  SourceReading,
} from '@provident/connectors';
import {
  type AskedGroup,
  type AttributeBag,
  type ObjectType,
  askedGroup,
  isAnchorName,
  isAssignmentAttribute,
  objectKeyOf,
  partsOf,
} from '@provident/domain';
import type { ObjectKey } from '@provident/domain';

/** Who belonged to what when it was last known, by the attribute that tells it. */
export type FindFormer = (names: readonly string[]) => Promise<ReadonlyMap<string, ReadonlySet<ObjectKey>>>;

/** Who belongs to what, by the attribute that tells it. */
export type Belonging = ReadonlyMap<string, ReadonlySet<ObjectKey>>;

const noFormer: FindFormer = async () => new Map();

/**
 * A source whose objects tell also to which groups they belong, as far as they are asked for that (`assignmentAttributes` of the domain). Memberships
 * are read anew when the source says that something of them has changed. An incomplete reading takes nobody out of a group: as everywhere, absence
 * proves nothing when a record could not be used, or no membership came at all.
 */
export class AssignedSource implements SourceConnector {
  /** By the attributes that are asked for. */
  private readonly known = new Map<string, { readonly belonging: Belonging; readonly watermark: SourceCursor }>();
  /** What was known when everybody was told of who belongs elsewhere than before. */
  private readonly settled = new Set<Belonging>();

  constructor(
    private readonly source: SourceConnector,
    private readonly former: FindFormer = noFormer,
  ) {}

  describe = (signal: AbortSignal) => this.source.describe(signal);
  readMembers = (watermark: SourceCursor | null, signal: AbortSignal, deltas?: boolean) =>
    this.source.readMembers(watermark, signal, deltas);
  close = () => this.source.close();

  async read(request: SourceRead, signal: AbortSignal): Promise<SourceReading> {
    const asked = request.attributes.filter(isAssignmentAttribute);
    if (asked.length === 0) return this.source.read(request, signal);
    const belonging = await this.belonging(asked, signal);
    const own = request.attributes.filter((name) => !isAssignmentAttribute(name));
    const reading = await this.source.read({ ...request, attributes: own }, signal);
    const complete = (object: SourceObject): SourceObject => withAssignment(object, typeOf(request.objectType), asked, belonging);
    return { ...reading, pages: completed(reading.pages, complete) };
  }

  async find(objectType: string, anchor: string, attributes: readonly string[], signal: AbortSignal): Promise<SourceObject | null> {
    const asked = attributes.filter(isAssignmentAttribute);
    if (asked.length === 0) return this.source.find(objectType, anchor, attributes, signal);
    const own = attributes.filter((name) => !isAssignmentAttribute(name));
    const found = await this.source.find(objectType, anchor, own, signal);
    return found && withAssignment(found, typeOf(objectType), asked, await this.belonging(asked, signal));
  }

  /**
   * Objects of a kind that belong to other groups than was known of them, each with those attributes as they are now.
   * @param names attributes that the rules look at
   */
  async findMoved(type: ObjectType, names: readonly string[], signal: AbortSignal): Promise<Map<ObjectKey, AttributeBag>> {
    const groups = names.filter((name) => askedGroup(name) !== null);
    const moved = new Map<ObjectKey, Record<string, boolean>>();
    if (groups.length === 0) return moved;
    // As the objects of this cycle were read: what has changed since is the next cycle's affair.
    const now = this.known.get(keyOf(groups))?.belonging ?? (await this.belonging(groups, signal));
    if (this.settled.has(now)) return moved;
    const former = await this.former(groups);
    const isOfType = (key: ObjectKey): boolean => partsOf(key).objectType === type;
    for (const name of groups) {
      const [before, after] = [former.get(name) ?? new Set<ObjectKey>(), now.get(name) ?? new Set<ObjectKey>()];
      for (const key of after) if (isOfType(key) && !before.has(key)) moved.set(key, { ...moved.get(key), [name]: true });
      for (const key of before) if (isOfType(key) && !after.has(key)) moved.set(key, { ...moved.get(key), [name]: false });
    }
    return moved;
  }

  /** Everybody who belongs elsewhere now was told of: nobody has to be looked for until memberships change again. */
  settle(): void {
    this.settled.clear();
    for (const { belonging } of this.known.values()) this.settled.add(belonging);
  }

  private async belonging(asked: readonly string[], signal: AbortSignal): Promise<Belonging> {
    const names = asked.filter((name) => askedGroup(name) !== null);
    if (names.length === 0) return new Map();
    const known = this.known.get(keyOf(names));
    const reading = await this.source.readMembers(known?.watermark ?? null, signal);
    if (known && reading.kind === 'none') return known.belonging;
    const groups = names.map((name) => ({ name, ...(askedGroup(name) as AskedGroup) }));
    const seen = await this.readBelonging(groups, reading, signal);
    const belonging = seen.isComplete ? seen.belonging : joined(seen.belonging, await this.former(names));
    this.known.set(keyOf(names), { belonging, watermark: reading.watermark });
    return belonging;
  }

  private async readBelonging(
    asked: readonly (AskedGroup & { readonly name: string })[],
    { pages }: MembershipReading,
    signal: AbortSignal,
  ): Promise<{ belonging: Belonging; isComplete: boolean }> {
    const inside = asked.some(({ nested }) => nested) ? await this.groupsInGroups(signal) : new Map<string, ReadonlySet<string>>();
    const tellers = new Map(asked.map(({ name, group, nested }) => [name, nested ? within(group, inside) : new Set([group])]));
    const members = new Map([...tellers.values()].flatMap((groups) => [...groups]).map((group) => [group, new Set<ObjectKey>()]));
    let [count, unusable] = [0, 0];
    for await (const { memberships, failures, anew = [] } of pages) {
      for (const group of anew) members.get(group)?.clear();
      count += memberships.length;
      unusable += failures.filter(({ group }) => group === undefined || members.has(group)).length;
      for (const { group, member, memberType } of memberships) members.get(group)?.add(objectKeyOf(memberType, member));
    }
    const belonging = new Map([...tellers].map(([name, groups]) => [name, union([...groups].map((group) => members.get(group)!))]));
    return { belonging, isComplete: unusable === 0 && count > 0 };
  }

  /** Which groups are members of which; read apart, since only then is it known whose members count. */
  private async groupsInGroups(signal: AbortSignal): Promise<Map<string, Set<string>>> {
    const inside = new Map<string, Set<string>>();
    const { pages } = await this.source.readMembers(null, signal);
    for await (const { memberships, anew = [] } of pages) {
      for (const group of anew) inside.delete(group);
      for (const { group, member, memberType } of memberships)
        if (memberType === 'group') inside.set(group, (inside.get(group) ?? new Set()).add(member));
    }
    return inside;
  }
}

const keyOf = (names: readonly string[]): string => JSON.stringify([...names].sort());

const union = (sets: readonly ReadonlySet<ObjectKey>[]): ReadonlySet<ObjectKey> =>
  sets.length === 1 ? sets[0]! : new Set(sets.flatMap((each) => [...each]));

/** A group and all groups within it, each once: a circle has no end. */
function within(group: string, inside: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  const found = new Set([group]);
  for (const each of found) for (const member of inside.get(each) ?? []) found.add(member);
  return found;
}

function joined(one: Belonging, other: Belonging): Belonging {
  return new Map([...one].map(([name, keys]) => [name, new Set([...keys, ...(other.get(name) ?? [])])]));
}

function withAssignment(object: SourceObject, type: ObjectType, asked: readonly string[], belonging: Belonging): SourceObject {
  const key = objectKeyOf(type, object.anchor);
  const told: Record<string, string | true> = {};
  for (const name of asked) {
    if (isAnchorName(name)) told[name] = object.anchor;
    else if (belonging.get(name)?.has(key)) told[name] = true;
  }
  return { ...object, attributes: { ...object.attributes, ...told } };
}

/** Sources have people and groups; only a group is called so. */
const typeOf = (objectType: string): ObjectType => (objectType === 'group' ? 'group' : 'user');

async function* completed(pages: AsyncIterable<SourcePage>, complete: (object: SourceObject) => SourceObject): AsyncGenerator<SourcePage> {
  for await (const page of pages) yield { ...page, objects: page.objects.map(complete) };
}
