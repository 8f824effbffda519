import type { ObjectMapping, ObjectType } from '@provident/domain';

import type { OpenSystems, Typed } from '../systems.js';
import { type Accounts, AskedAccounts } from './accounts.js';
import type { CyclePorts } from './cycle-ports.js';
import { ListedAccounts, listPays } from './listed-accounts.js';

interface Listing {
  readonly type: ObjectType;
  readonly accounts: Accounts;
  /** Position of the log when it was made: what was exported since is not in it. */
  readonly at: number;
}

/** The kind of object that an import is at: the two systems as they are to it, and how its accounts are found. */
export class KindAtHand {
  /** Which of the two systems is being asked: whose failure a failure is. */
  asking: 'source' | 'target' = 'target';
  private current!: { readonly systems: Typed<OpenSystems>; readonly accounts: Accounts };
  /** The newest listing: it took the place of any before it. */
  private listing: Listing | null = null;
  /** Types whose accounts came and went while they were listed: each is asked for, from then on. */
  private readonly unsteady = new Set<ObjectType>();

  constructor(
    private readonly cycleId: string,
    private readonly ports: Pick<CyclePorts, 'jobId' | 'database' | 'basis' | 'signal'>,
  ) {}

  get systems(): Typed<OpenSystems> {
    return this.current.systems;
  }

  get mapping(): ObjectMapping {
    return this.systems.mapping;
  }

  get accounts(): Accounts {
    return this.current.accounts;
  }

  /** Position of the log up to which a listing knows what was exported; null where each account is asked for. */
  get listedAt(): number | null {
    return this.listing?.accounts === this.accounts ? this.listing.at : null;
  }

  enter(opened: OpenSystems, mapping: ObjectMapping): void {
    const systems = { ...opened, mapping };
    const listed = this.listing?.type === mapping.type ? this.listing.accounts : null;
    this.current = { systems, accounts: listed ?? new AskedAccounts(systems, this.ports.signal) };
  }

  /**
   * A target that is down fails the cycle even when nothing has changed: otherwise nobody would know. It is asked anew, whatever was found a moment ago.
   * @returns accounts that it holds, if it tells
   */
  probeTarget(): Promise<number | null> {
    const { gate, target, mapping } = this.systems;
    gate.reopen();
    return gate.pass(() => target.count(mapping.target, this.ports.signal), this.ports.signal);
  }

  /** Listing may pay when many are taken up; of a few each is asked for. @param counted accounts that the target holds, if it tells */
  async chooseAccounts(many: boolean, counted: number | null, objects: number | null): Promise<void> {
    const { systems } = this;
    const { database, jobId, basis, signal } = this.ports;
    const { type } = systems.mapping;
    if (many && !this.unsteady.has(type) && listPays(systems, counted, objects)) {
      const at = basis();
      const accounts = await ListedAccounts.list(database, jobId, this.cycleId, systems, signal);
      if (accounts === null) this.unsteady.add(type);
      this.listing = accounts && { type, accounts, at };
      this.current = { systems, accounts: accounts ?? this.asked };
    } else this.current = { systems, accounts: this.asked };
  }

  /** Each account, by asking for it. */
  get asked(): Accounts {
    return new AskedAccounts(this.systems, this.ports.signal);
  }
}
