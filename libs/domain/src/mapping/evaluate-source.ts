import type { AttributeMapping } from '../job/job-definition.js';
import type { AttributeBag, AttributeValue } from '../object/attributes.js';
import { valueAt } from '../object/value-at.js';

/** Where a mapping's value comes from. A new kind of mapping is a new member here and a new case in `evaluateSource`. */
export type ValueSource =
  | { readonly kind: 'attribute'; readonly name: string }
  | { readonly kind: 'constant'; readonly value: AttributeValue }
  | { readonly kind: 'none' };

export function valueSourceOf({ source, constant }: AttributeMapping): ValueSource {
  if (source !== undefined) return { kind: 'attribute', name: source };
  return constant === undefined ? { kind: 'none' } : { kind: 'constant', value: constant };
}

/** The value that a source yields for one object; null when it yields none. */
export function evaluateSource(source: ValueSource, attributes: AttributeBag): AttributeValue {
  switch (source.kind) {
    case 'attribute':
      return valueAt(attributes, source.name);
    case 'constant':
      return source.value;
    case 'none':
      return null;
  }
}
