import type { AttributeMapping } from '../job/job-definition.js';
import { type AttributeBag, type AttributeValue, isEmptyValue } from '../object/attributes.js';
import { evaluateSource, valueSourceOf } from './evaluate-source.js';

/** What the mappings want the account to hold. */
export interface MappedAttributes {
  /** By target attribute; those that are not to be written are absent. */
  readonly values: AttributeBag;
  /** Required target attributes that got no value, in the order of the mappings. Only creation can miss one. */
  readonly missing: string[];
}

/**
 * Applies the mappings to one object. A source without a value (absent, null, empty text or list) writes nothing: on creation the
 * mapping's default steps in, on update what the target holds stays. Mappings `on-create` and defaults have no say in an update.
 */
export function mapAttributes(mappings: readonly AttributeMapping[], attributes: AttributeBag, on: 'create' | 'update'): MappedAttributes {
  const applied = mappings
    .filter(({ apply }) => on === 'create' || apply === 'always')
    .map((mapping) => ({ mapping, value: valueOf(mapping, attributes, on) }));
  return {
    values: Object.fromEntries(applied.filter(({ value }) => !isEmptyValue(value)).map(({ mapping, value }) => [mapping.target, value])),
    missing:
      on === 'create'
        ? applied.filter(({ mapping, value }) => mapping.required && isEmptyValue(value)).map(({ mapping }) => mapping.target)
        : [],
  };
}

function valueOf(mapping: AttributeMapping, attributes: AttributeBag, on: 'create' | 'update'): AttributeValue {
  const value = evaluateSource(valueSourceOf(mapping), attributes);
  return on === 'create' && isEmptyValue(value) ? (mapping.default ?? null) : value;
}
