import type { AttributeMapping } from '../job/job-definition.js';
import { evaluateSource, valueSourceOf } from '../mapping/evaluate-source.js';
import { type AttributeBag, type AttributeValue, isEmptyValue } from '../object/attributes.js';

/** A target attribute and the value by which an account is looked up. */
export interface MatchKey {
  readonly attribute: string;
  readonly value: string | number | boolean;
}

/**
 * By what to look the object's account up, highest precedence first; empty when no matching attribute has a value.
 * Defaults never match: everybody without a value would find the same account. A list of one value counts as that value; a list of
 * several and a complex value name no single account and are passed over.
 */
export function matchKeys(mappings: readonly AttributeMapping[], attributes: AttributeBag): MatchKey[] {
  return mappings
    .filter(({ matching }) => matching !== undefined)
    .sort((one, other) => one.matching! - other.matching!)
    .flatMap((mapping) => {
      const value = singleValue(evaluateSource(valueSourceOf(mapping), attributes));
      return value === null ? [] : [{ attribute: mapping.target, value }];
    });
}

function singleValue(value: AttributeValue): MatchKey['value'] | null {
  const single: AttributeValue = Array.isArray(value) && value.length === 1 ? value[0] : value;
  return isEmptyValue(single) || typeof single === 'object' ? null : single;
}
