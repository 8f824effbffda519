import type { AttributeBag, AttributeChange } from '../object/attributes.js';

/** What the object holds once the changes are written; a cleared attribute is null. */
export function applyChanges(current: AttributeBag, changes: readonly AttributeChange[]): AttributeBag {
  return { ...current, ...Object.fromEntries(changes.map((change) => [change.attribute, change.new])) };
}
