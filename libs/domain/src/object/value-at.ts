import type { AttributeBag, AttributeValue } from './attributes.js';

/** The value under exactly that name; null when there is none. Names are never taken apart at dots, and nothing is inherited. */
export function valueAt(attributes: AttributeBag, name: string): AttributeValue {
  return Object.hasOwn(attributes, name) ? (attributes[name] ?? null) : null;
}
