import type { AttributeMapping } from '../job/job-definition.js';
import { evaluateSource, valueSourceOf } from '../mapping/evaluate-source.js';
import { type FailedMapping, failedMapping } from '../mapping/failed-mapping.js';
import { type AttributeBag, type AttributeValue, isEmptyValue } from '../object/attributes.js';

/** A target attribute and the value by which an account is looked up. */
export interface MatchKey {
  readonly attribute: string;
  readonly value: string | number | boolean;
}

/**
 * By what to look the object's account up, highest precedence first; empty when no matching attribute has a value.
 * Defaults never match: everybody without a value would find the same account. A list of one value counts as that value; a list of
 * several and a complex value name no single account and are passed over, as is an expression that could not be evaluated.
 */
export const matchKeys = (mappings: readonly AttributeMapping[], attributes: AttributeBag): MatchKey[] =>
  evaluateMatching(mappings, attributes).keys;

/** The same, with the first matching mapping, if any, whose expression could not be evaluated. */
export function evaluateMatching(
  mappings: readonly AttributeMapping[],
  attributes: AttributeBag,
): { readonly keys: MatchKey[]; readonly failed: FailedMapping | null } {
  const results = mappings
    .filter(({ matching }) => matching !== undefined)
    .sort((one, other) => one.matching! - other.matching!)
    .map((mapping) => ({ mapping, ...evaluateSource(valueSourceOf(mapping), attributes) }));
  const keys = results.flatMap(({ mapping, value = null }) => {
    const single = singleValue(value);
    return single === null ? [] : [{ attribute: mapping.target, value: single }];
  });
  const [failed = null] = results.flatMap(({ mapping, error }) => (error ? failedMapping(mapping, error) : []));
  return { keys, failed };
}

function singleValue(value: AttributeValue): MatchKey['value'] | null {
  const single: AttributeValue = Array.isArray(value) && value.length === 1 ? value[0] : value;
  return isEmptyValue(single) || typeof single === 'object' ? null : single;
}
