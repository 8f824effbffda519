import { type ObjectMapping, type ObjectType, canonicalJson } from '@provident/domain';

/** The rules for a kind of object that stand at a sequence of the log, if there are any. */
export type MappingAt = (rules: number, type: ObjectType) => Promise<ObjectMapping | undefined>;

/** Of some rules, those that mean what the given ones do: what a person rejected under them is not proposed again. */
export async function sameRules(rules: readonly number[], mapping: ObjectMapping, mappingAt: MappingAt): Promise<number[]> {
  const same: number[] = [];
  for (const each of rules) {
    const earlier = await mappingAt(each, mapping.type);
    if (earlier && canonicalJson(earlier) === canonicalJson(mapping)) same.push(each);
  }
  return same;
}
