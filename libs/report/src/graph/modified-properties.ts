import type { ModifiedProperty } from '@provident/contracts';
import { type AttributeValue, textOf } from '@provident/domain';

export interface Modified {
  readonly attribute: string;
  readonly old: unknown;
  readonly new: unknown;
}

const orNull = (value: unknown): string | null => (value === null || value === undefined ? null : textOf(value as AttributeValue));

export const modifiedProperties = (changes: readonly Modified[]): ModifiedProperty[] =>
  changes.map((change) => ({ displayName: change.attribute, oldValue: orNull(change.old), newValue: orNull(change.new) }));
