import type { ExpressionContext } from '../expression/expression-context.js';
import type { AttributeMapping } from '../job/job-definition.js';
import { type AttributeBag, type AttributeValue, isEmptyValue } from '../object/attributes.js';
import { evaluateSource, valueSourceOf } from './evaluate-source.js';
import { type FailedMapping, failedMapping } from './failed-mapping.js';

/** What the mappings want the account to hold. */
export interface MappedAttributes {
  /** By target attribute; those that are not to be written are absent. */
  readonly values: AttributeBag;
  /** Required target attributes that got no value, in the order of the mappings. Only creation can miss one. */
  readonly missing: string[];
  /** The first mapping, if any, whose expression could not be evaluated: nothing may be written then. */
  readonly failed?: FailedMapping;
}

/**
 * Applies the mappings to one object. A source without a value (absent, null, empty text or list) writes nothing: on creation the
 * mapping's default steps in, on update what the target holds stays. Mappings `on-create` and defaults have no say in an update.
 * @param context what expressions may know besides the attributes; one that needs more fails
 */
export function mapAttributes(
  mappings: readonly AttributeMapping[],
  attributes: AttributeBag,
  on: 'create' | 'update',
  context?: ExpressionContext,
): MappedAttributes {
  const results = mappings
    .filter(({ apply }) => on === 'create' || apply === 'always')
    .map((mapping) => ({ mapping, ...evaluateSource(valueSourceOf(mapping), attributes, context) }));
  const [failed] = results.flatMap(({ mapping, error }) => (error ? failedMapping(mapping, error) : []));
  const applied = results.map(({ mapping, value = null }) => ({ mapping, value: withDefault(mapping, value, on) }));
  return {
    values: Object.fromEntries(applied.filter(({ value }) => !isEmptyValue(value)).map(({ mapping, value }) => [mapping.target, value])),
    missing:
      on === 'create'
        ? applied.filter(({ mapping, value }) => mapping.required && isEmptyValue(value)).map(({ mapping }) => mapping.target)
        : [],
    ...(failed && { failed }),
  };
}

function withDefault(mapping: AttributeMapping, value: AttributeValue, on: 'create' | 'update'): AttributeValue {
  return on === 'create' && isEmptyValue(value) ? (mapping.default ?? null) : value;
}
