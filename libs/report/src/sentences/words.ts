import { type AttributeValue, sealedMark, textOf } from '@provident/domain';

/** Names of the two systems of a job. */
export interface Systems {
  readonly source: string;
  readonly target: string;
}

const longest = 60;

/** A value in a sentence: quoted, cut, and "nothing" when there is none. Half of a sealed value could not be opened. */
export function said(value: unknown): string {
  const text = textOf(value as AttributeValue);
  if (text === '') return 'nothing';
  return `"${text.length > longest && !text.includes(sealedMark) ? `${text.slice(0, longest)}…` : text}"`;
}

export interface ChangedValue {
  readonly attribute: string;
  readonly old: unknown;
  readonly new: unknown;
}

const shown = 5;

/** `title "Engineer" → "Lead", department nothing → "R&D" and 3 more`. */
export function changesSaid(changes: readonly ChangedValue[]): string {
  const first = changes.slice(0, shown).map((change) => `${change.attribute} ${said(change.old)} → ${said(change.new)}`);
  const more = changes.length > shown ? ` and ${changes.length - shown} more` : '';
  return first.join(', ') + more;
}

/** Accounts that a group gains and loses. */
export interface ChangedMembers {
  readonly add: readonly { readonly key: string }[];
  readonly remove: readonly { readonly key: string }[];
}

/** `members: "user:7", "user:9" added, "user:3" and 12 more removed`. */
export function membersSaid({ add, remove }: ChangedMembers): string {
  const parts = [
    { some: add, done: 'added' },
    { some: remove, done: 'removed' },
  ].filter(({ some }) => some.length > 0);
  return `members: ${parts.map(({ some, done }) => `${keysSaid(some)} ${done}`).join(', ')}`;
}

function keysSaid(some: readonly { readonly key: string }[]): string {
  const more = some.length > shown ? ` and ${some.length - shown} more` : '';
  return (
    some
      .slice(0, shown)
      .map(({ key }) => said(key))
      .join(', ') + more
  );
}

export const doneTo = { create: 'created', update: 'updated', disable: 'disabled', delete: 'deleted' } as const;

/** A text and what comes after it in the same sentence: a system's own words may end with a full stop, which the sentence does not do there. */
export const goesOn = (text: string, next: string): string => (next === '' ? text : `${text.replace(/\.$/, '')}; ${next}`);

/** Pieces, at least one, in one sentence. */
export const sentenceOf = (parts: readonly string[]): string => parts.reduce(goesOn);
