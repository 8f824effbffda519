import { caseExactIn } from '../diff/diff-attributes.js';
import type { ObjectMapping } from '../job/job-definition.js';
import { mapAttributes } from '../mapping/map-attributes.js';
import { evaluateMatching } from '../matching/match-keys.js';
import type { AttributeBag, AttributeValue } from '../object/attributes.js';
import { canonicalJson } from '../object/canonical-json.js';
import { referencesOf } from '../reference/references.js';
import { evaluateWanted } from '../scope/evaluate-wanted.js';
import { isActive } from '../scope/is-active.js';
import { isAllowed } from './decision.js';
import type { SourceSide } from './evaluation.js';

/**
 * Whether a person may be left alone when the rules change, without a look at the target. Pure.
 *
 * True only if, for an account that is as the earlier rules left it, the new rules would write nothing: both want the account, and the new ones ask for
 * no value that the earlier ones did not write; or neither wants it, and both do the same about it. Where the earlier rules failed, the new ones
 * would fail alike: what they read, match by and create is the same. So leaving such a person alone loses nothing, whatever the target holds.
 * @param isLinked whether the person has an account: whoever has none is judged by what a creation would be
 */
export function wantTheSame(source: SourceSide, isLinked: boolean, earlier: ObjectMapping, now: ObjectMapping): boolean {
  const removals = [removalOf(source, earlier), removalOf(source, now)] as const;
  if (removals[0] !== null || removals[1] !== null) {
    const isWantedByOne = removals[0] === null || removals[1] === null;
    return !isWantedByOne && (!isLinked || removals[0] === removals[1]);
  }
  const { attributes } = source;
  return isLinked ? asksNoMore(attributes, earlier, now) : creation(attributes, earlier) === creation(attributes, now);
}

/** What is done to the account of somebody who should have none; null for somebody who should have one. */
function removalOf({ change, attributes }: SourceSide, rules: ObjectMapping): 'disable' | 'delete' | 'ignore' | null {
  const { removals, active } = rules;
  const wish =
    (change === 'deleted' && removals.deleted) ||
    (!evaluateWanted(rules, attributes).inScope && removals.outOfScope) ||
    (!isActive(active, attributes) && removals.inactive);
  if (!wish) return null;
  return wish === 'ignore' || isAllowed(wish, rules) ? wish : 'ignore';
}

/** Whether everything that the rules want an existing account to hold was wanted by the earlier ones too, and written. */
function asksNoMore(attributes: AttributeBag, earlier: ObjectMapping, now: ObjectMapping): boolean {
  const [before, after] = [earlier, now].map((rules) => mapAttributes(rules.attributes, attributes, 'update'));
  const failures = [before!.failed, after!.failed];
  if (failures.some((failed) => failed !== undefined)) return canonicalJson(failures[0] ?? null) === canonicalJson(failures[1] ?? null);
  if (!isAllowed('update', now)) return true;
  if (!isAllowed('update', earlier)) return false;
  const [wasExact, isExact] = [caseExactIn(earlier.attributes), caseExactIn(now.attributes)];
  const known = { ...before!.values, ...referred(attributes, earlier) };
  return Object.entries({ ...after!.values, ...referred(attributes, now) }).every(
    ([name, value]) =>
      Object.hasOwn(known, name) && canonicalJson(known[name]) === canonicalJson(value) && (wasExact(name) || !isExact(name)),
  );
}

/**
 * What is wanted at each reference: the account of another object, or nothing. Which account that is follows from the object alone, and one that is
 * still missing comes by itself: so the same object is the same wish.
 */
function referred(attributes: AttributeBag, { attributes: mappings }: ObjectMapping): Readonly<Record<string, AttributeValue>> {
  const named = new Map(referencesOf(mappings, attributes).map(({ attribute, to }) => [attribute, to]));
  return Object.fromEntries(
    mappings
      .filter(({ reference }) => reference !== undefined)
      .map(({ target }) => [target, { accountOf: named.has(target) ? (named.get(target) ?? 'several') : 'nobody' }]),
  );
}

/** All that the fate of somebody without an account follows from: how one is found, what it would be created with, and what an account that is found would get. */
function creation(attributes: AttributeBag, rules: ObjectMapping): string {
  const matching = evaluateMatching(rules.attributes, attributes);
  const created = mapAttributes(rules.attributes, attributes, 'create', neutralContext());
  const updated = mapAttributes(rules.attributes, attributes, 'update');
  const references = referred(attributes, rules);
  const folded = Object.keys({ ...updated.values, ...references }).filter((name) => !caseExactIn(rules.attributes)(name));
  return canonicalJson([
    matching,
    created,
    updated,
    references,
    folded.sort(),
    isAllowed('create', rules),
    isAllowed('update', rules),
    matching.keys.length === 0 ? rules.attributes.filter((mapping) => mapping.matching !== undefined) : null,
  ]);
}

/** The same time and the same chance for both: what differs then is the rules' doing. */
function neutralContext() {
  let drawn = 0;
  return { now: '2000-01-01T00:00:00.000Z', random: (below: number) => drawn++ % below, newId: () => `id-${drawn++}` };
}
