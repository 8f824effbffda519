import type { Erasure, NoKey, PersonKey, PersonKeys, PersonRef } from '@provident/vault';

import type { Erasures } from './erasures.js';

/** Keys of people whose values are sealed, and names by which they are found nevertheless. */
export abstract class People {
  abstract forOpening(ids: Iterable<string>): Promise<ReadonlyMap<string, PersonKey | NoKey>>;
  abstract findByName(name: string): Promise<readonly PersonRef[]>;
  /** Destroys their keys, and tells the log of it. */
  abstract erase(person: PersonRef, order: { readonly why: string | null; readonly by: Erasure['by'] }): Promise<Erasure>;
}

/** Those of the vault. */
export class VaultPeople extends People {
  constructor(
    private readonly keys: PersonKeys,
    private readonly erasures: Erasures,
    private readonly now: () => Date,
  ) {
    super();
  }

  forOpening(ids: Iterable<string>): Promise<ReadonlyMap<string, PersonKey | NoKey>> {
    return this.keys.forOpening(ids);
  }

  findByName(name: string): Promise<readonly PersonRef[]> {
    return this.keys.findByName(name);
  }

  async erase(person: PersonRef, order: { readonly why: string | null; readonly by: Erasure['by'] }): Promise<Erasure> {
    const erased = await this.keys.erase(person, { ...order, at: this.now() });
    await this.erasures.tellAll();
    return erased;
  }
}
