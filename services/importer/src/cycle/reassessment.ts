import {
  type AttributeBag,
  type ObjectMapping,
  type ObjectType,
  canonicalJson,
  sourceAttributesOf,
  valueAt,
  wantTheSame,
} from '@provident/domain';

import type { OutdatedObject, OutdatedObjects } from '../state/outdated-objects.js';

export interface ReassessmentPorts {
  readonly outdated: Pick<OutdatedObjects, 'findJudged' | 'listReadSince'>;
  /** The rules for a kind of object that stand at a sequence of the log, if there are any. */
  readonly mappingAt: (rules: number, type: ObjectType) => Promise<ObjectMapping | undefined>;
}

/**
 * What other rules make of objects of one kind that are known already. Their records are at hand as they were last read: whoever would want the same under both sets of
 * rules is left alone, without a look at the target and without an event. Why that loses nothing stands at `wantTheSame`; whoever failed at the
 * target is taken up in any case, since the rules may have been changed for that.
 */
export class Reassessment {
  private readonly mappings = new Map<number, Promise<ObjectMapping | undefined>>();

  private constructor(
    private readonly ports: ReassessmentPorts,
    private readonly mapping: ObjectMapping,
    /** Whether these rules were not applied to everybody so far. */
    readonly isDue: boolean,
    /** Source attributes that the rules need and that were not read of everybody: the source has to be read whole, once. */
    readonly lacking: readonly string[],
  ) {}

  /** @param rules log sequence of the rules of the cycle */
  static async open(rules: number, mapping: ObjectMapping, ports: ReassessmentPorts): Promise<Reassessment> {
    const judged = await ports.outdated.findJudged();
    const needed = sourceAttributesOf(mapping);
    if (judged === rules) return new Reassessment(ports, mapping, false, []);
    if (judged === null) return new Reassessment(ports, mapping, true, needed);
    // Up to the last complete import everybody's record holds what its rules needed. What was read later, in cycles that failed, holds what theirs did.
    const read = await Promise.all(
      [judged, ...(await ports.outdated.listReadSince(judged, mapping.type))].map((each) => ports.mappingAt(each, mapping.type)),
    );
    const known = read.map((each) => new Set(each && sourceAttributesOf(each)));
    const lacking = needed.filter((name) => !known.every((names) => names.has(name)));
    return new Reassessment(ports, mapping, true, lacking);
  }

  /** Those among them who have to be looked at again. */
  async differing(people: readonly OutdatedObject[]): Promise<OutdatedObject[]> {
    const differ = await Promise.all(people.map((person) => this.differs(person)));
    return people.filter((_, at) => differ[at]);
  }

  private async differs({ rules, failed, deleted, attributes, targetId }: OutdatedObject): Promise<boolean> {
    if (failed) return true;
    const earlier = await this.mappingAt(rules);
    return !earlier || !wantTheSame({ change: deleted ? 'deleted' : 'again', attributes }, targetId !== null, earlier, this.mapping);
  }

  private mappingAt(rules: number): Promise<ObjectMapping | undefined> {
    const known = this.mappings.get(rules) ?? this.ports.mappingAt(rules, this.mapping.type);
    this.mappings.set(rules, known);
    return known;
  }
}

/** Whether two readings of a record agree in all that the rules need; what earlier rules needed besides plays no part. */
export function agreeFor(mapping: ObjectMapping): (one: AttributeBag, other: AttributeBag) => boolean {
  const names = sourceAttributesOf(mapping);
  const part = (bag: AttributeBag): string => canonicalJson(names.map((name) => valueAt(bag, name) ?? null));
  return (one, other) => part(one) === part(other);
}
