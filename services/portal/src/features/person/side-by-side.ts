import type { PersonStoryView } from '@provident/contracts/http';

import type { Definition, Mapping, Revision } from '../../shared/revisions.js';
import { unopenedOf } from '../../shared/unopened.js';

type InJob = PersonStoryView['objects'][number];

/** One attribute of an account: where its value comes from, what the rules want, what was found. */
export interface Compared {
  readonly attribute: string;
  readonly mapping: Mapping | null;
  /** Of the attribute that is copied or referred to; undefined where the value is made otherwise. */
  readonly source: unknown;
  readonly expected: unknown;
  readonly found: unknown;
  readonly differs: boolean;
  /** It is not known here whether it differs: one of the two is sealed or erased. */
  readonly isHidden: boolean;
}

/** The rules that applied at an instant; the latest for now. @param revisions newest first */
export const rulesAt = (revisions: readonly Revision[], at: string | undefined): Definition | undefined =>
  revisions.find((revision) => at === undefined || revision.at <= at)?.definition;

/** Who belongs to a group is told by changes, and never as a whole. */
const isWhole = (attribute: string): boolean => attribute !== 'members';

/** Every attribute that the rules write or that is expected, in the order of the rules. Nothing where no account is wanted and none is there. */
export function sideBySide({ objectType, sourceSide, account, expected }: InJob, rules: Definition | undefined): Compared[] {
  const mappings = rules?.objects.find(({ type }) => type === objectType)?.attributes ?? [];
  const names = new Set([...mappings.map(({ target }) => target), ...(mappings.length === 0 ? Object.keys(expected ?? {}) : [])]);
  const hasAccount = account.id !== null;
  return [...names].filter(isWhole).map((attribute) => {
    const mapping = mappings.find(({ target }) => target === attribute) ?? null;
    const from = mapping?.source ?? mapping?.reference;
    const [wanted, found] = [expected?.[attribute], account.attributes[attribute]];
    const isHidden = unopenedOf(wanted) !== null || unopenedOf(found) !== null;
    return {
      attribute,
      mapping,
      source: from === undefined ? undefined : sourceSide.attributes[from],
      expected: wanted,
      found,
      differs: hasAccount && Boolean(expected) && !isHidden && !isSame(wanted, found),
      isHidden,
    };
  });
}

/** Absent, null and nothing are one; what the rules set at creation only is not expected later. */
const isSame = (one: unknown, other: unknown): boolean => textOf(one) === textOf(other);
const textOf = (value: unknown): string =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0) ? '' : JSON.stringify(value);
