import type { Budget } from '@provident/domain';

import type { BudgetStore, StoredBudget } from '../pace/budget-store.js';

/** The broker's store of budgets, in memory. Answers come later, as they do over a wire. */
export class MemoryBudgets implements BudgetStore {
  private readonly stored = new Map<string, StoredBudget>();
  private readonly listeners = new Map<string, Set<(stored: StoredBudget) => void>>();
  writes = 0;
  /** While it is away, nothing is answered but with an error. */
  isAway = false;

  constructor(
    private readonly clock: () => number = () => performance.now(),
    private readonly latencyMs = 2,
  ) {}

  now(): number {
    return this.clock();
  }

  async find(target: string): Promise<StoredBudget | null> {
    await this.answer();
    return this.stored.get(target) ?? null;
  }

  async replace(target: string, budget: Budget, revision: number): Promise<number | null> {
    await this.answer();
    if ((this.stored.get(target)?.revision ?? 0) !== revision) return null;
    const written = { value: JSON.parse(JSON.stringify(budget)) as Budget, revision: revision + 1 };
    this.stored.set(target, written);
    this.writes += 1;
    for (const listener of this.listeners.get(target) ?? []) setTimeout(() => listener(written), this.latencyMs);
    return written.revision;
  }

  async watch(target: string, listener: (stored: StoredBudget) => void): Promise<() => void> {
    const listeners = this.listeners.get(target) ?? new Set();
    this.listeners.set(target, listeners.add(listener));
    const known = this.stored.get(target);
    if (known) listener(known);
    return () => listeners.delete(listener);
  }

  private async answer(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.latencyMs));
    if (this.isAway) throw new Error('the store is away');
  }
}
