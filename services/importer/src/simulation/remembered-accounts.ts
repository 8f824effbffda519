import type { TargetObject } from '@provident/connectors';
import type { MatchKey } from '@provident/domain';

import type { Accounts } from '../cycle/accounts.js';

/** Asks for each account once in a page, however many sets of rules want to know of it. */
export class RememberedAccounts implements Accounts {
  private readonly ids = new Map<string, Promise<TargetObject | null>>();
  private readonly keys = new Map<string, Promise<readonly TargetObject[]>>();

  constructor(private readonly accounts: Accounts) {}

  prepare(ids: readonly string[], keys: readonly MatchKey[]): Promise<void> {
    return this.accounts.prepare?.(ids, keys) ?? Promise.resolve();
  }

  byId(id: string): Promise<TargetObject | null> {
    return remembered(this.ids, id, () => this.accounts.byId(id));
  }

  byKey(key: MatchKey): Promise<readonly TargetObject[]> {
    return remembered(this.keys, JSON.stringify([key.attribute, key.value]), () => this.accounts.byKey(key));
  }

  /** A new page begins. */
  forget(): void {
    this.ids.clear();
    this.keys.clear();
  }
}

function remembered<Answer>(answers: Map<string, Promise<Answer>>, key: string, ask: () => Promise<Answer>): Promise<Answer> {
  const answer = answers.get(key) ?? ask();
  answers.set(key, answer);
  return answer;
}
