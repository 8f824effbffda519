import type { ObjectKey } from '../object/ids.js';

/** An object in a group, and its account there. */
export interface Member {
  readonly key: ObjectKey;
  /** Id of its account in the target. */
  readonly id: string;
}

/** Accounts that a group gains and loses; never the whole list. */
export interface MemberChanges {
  readonly add: readonly Member[];
  readonly remove: readonly Member[];
}

export const isEmptyChange = ({ add, remove }: MemberChanges): boolean => add.length + remove.length === 0;
