import type { LogEntryView, NamesByKey } from '@provident/contracts/http';

import { detailsTexts } from '../../texts/en/details.js';
import { plainOf } from '../unopened.js';

type Modified = LogEntryView['modified'][number];
type Keys = readonly string[] | null;
/** A change of a group's members: object keys of those who left as the old value, of those who joined as the new one. */
export interface ChangedMembers extends Modified {
  readonly old: Keys;
  readonly new: Keys;
}

const isKeys = (value: unknown): value is Keys =>
  value === null || (Array.isArray(value) && value.every((each) => typeof each === 'string'));

/** Whether it is about members and no attribute of that name. */
export const isMembers = (change: Modified): change is ChangedMembers =>
  change.attribute === 'members' && isKeys(change.old) && isKeys(change.new);

/** A member by name where one is known, by id otherwise. */
export const memberSaid = (key: string, names: NamesByKey = {}): string => {
  const name = names[key];
  return name === undefined ? detailsTexts.members.member(key) : plainOf(name);
};
