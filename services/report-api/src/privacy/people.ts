import type { NoKey, PersonKey, PersonRef } from '@provident/vault';

/** Keys of people whose values are sealed, and names by which they are found nevertheless. */
export abstract class People {
  abstract forOpening(ids: Iterable<string>): Promise<ReadonlyMap<string, PersonKey | NoKey>>;
  abstract findByName(name: string): Promise<readonly PersonRef[]>;
}
