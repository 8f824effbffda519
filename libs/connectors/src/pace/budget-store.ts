import type { Budget } from '@provident/domain';

export interface StoredBudget {
  readonly value: Budget;
  readonly revision: number;
}

/** Where the parties of a target share its budget. */
export interface BudgetStore {
  /** Milliseconds of a clock that is the same for all parties, whatever the clocks of their machines show. */
  now(): number;
  find(target: string): Promise<StoredBudget | null>;
  /** @param revision of what it takes the place of; 0: there is none. @returns the new one, or null when somebody else was faster */
  replace(target: string, budget: Budget, revision: number): Promise<number | null>;
  /** Tells what is there and every change, in order. @returns what ends it */
  watch(target: string, listener: (stored: StoredBudget) => void): Promise<() => void>;
}
