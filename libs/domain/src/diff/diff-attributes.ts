import type { AttributeMapping } from '../job/job-definition.js';
import type { AttributeBag, AttributeChange } from '../object/attributes.js';
import { valueAt } from '../object/value-at.js';
import { sameValue } from './same-value.js';

/** What must be written so that `current` holds everything of `desired`. Attributes that are not desired stay as they are. */
export function diffAttributes(
  current: AttributeBag,
  desired: AttributeBag,
  caseExactOf: (attribute: string) => boolean = () => true,
): AttributeChange[] {
  return Object.entries(desired)
    .filter(([attribute, value]) => !sameValue(valueAt(current, attribute), value, caseExactOf(attribute)))
    .map(([attribute, value]) => ({ attribute, old: valueAt(current, attribute), new: value }));
}

/** Whether a difference only in letter case counts for a target attribute, as its mapping says. */
export function caseExactIn(mappings: readonly AttributeMapping[]): (attribute: string) => boolean {
  const foldsCase = new Set(mappings.filter(({ caseExact }) => !caseExact).map(({ target }) => target));
  return (attribute) => !foldsCase.has(attribute);
}
