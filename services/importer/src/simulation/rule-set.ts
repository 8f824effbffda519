import type { Failure, SimulatedGuard, SimulatedOutcome, SimulatedTotals } from '@provident/contracts';
import { noTotals } from '@provident/contracts';
import {
  type JobDefinition,
  type ObjectKey,
  type ObjectMapping,
  decideRemovals,
  evaluateObject,
  notLookedUp,
  textOf,
} from '@provident/domain';
import { expressionContextOf } from '@provident/service-kit';

import type { Accounts } from '../cycle/accounts.js';
import { changeIdOf } from '../cycle/change-id.js';
import { type FindOwners, type Wanted, findAccounts } from '../cycle/import-objects.js';
import type { LookedUp } from '../cycle/look-up.js';
import type { Claims } from './scratch.js';

export interface RuleSetPorts {
  readonly accounts: Accounts;
  /** Accounts that are linked. */
  readonly findLinked: FindOwners;
  readonly claims: Claims;
  readonly simulationId: string;
  /** UTC: the time for expressions that ask for it. */
  readonly at: string;
}

/** One set of rules in a simulation: says what would become of people under it, as a cycle would decide, and counts. */
export class RuleSet {
  private readonly mapping: ObjectMapping;
  private counts: SimulatedTotals = noTotals;

  constructor(
    private readonly definition: JobDefinition,
    private readonly ports: RuleSetPorts,
  ) {
    this.mapping = definition.objects[0]!;
  }

  get totals(): SimulatedTotals {
    return this.counts;
  }

  /** @returns an outcome for each, in their order @throws ConnectorError when the target as a whole cannot be asked */
  async judge(people: readonly Wanted[]): Promise<SimulatedOutcome[]> {
    const { accounts, claims } = this.ports;
    const answers = await findAccounts(people, { mapping: this.mapping, accounts, findOwners: this.findOwners });
    await claims.add([...answers].flatMap(([objectKey, answer]) => matchOf(answer).map((targetId) => ({ targetId, objectKey }))));
    return people.map((person) => this.count(this.outcomeOf(person, answers.get(person.objectKey))));
  }

  /** A record that cannot be used. */
  refuse(failure: Pick<Failure, 'code' | 'message'>): SimulatedOutcome {
    return this.count(failed(failure));
  }

  /** @param linked accounts in step now */
  async guard(linked: number): Promise<SimulatedGuard> {
    const proposed = this.counts.disable + this.counts.delete;
    const inStep = linked + (await this.ports.claims.count());
    const decision = decideRemovals({ proposed, linked: inStep }, this.definition.thresholds.removals);
    const threshold = decision.decision === 'hold' ? decision.threshold : null;
    return { proposed, linked: inStep, decision: decision.decision, threshold };
  }

  private outcomeOf({ objectKey, change, attributes }: Wanted, answer: LookedUp | undefined): SimulatedOutcome {
    if (answer && 'failure' in answer) return failed(answer.failure);
    const { simulationId, at } = this.ports;
    const pair = { source: { change, attributes }, target: answer?.found ?? notLookedUp };
    const context = expressionContextOf(changeIdOf(simulationId, objectKey), at);
    const { action, reason, targetId, match, changes, enable, linksNow } = evaluateObject(pair, this.mapping, context);
    return {
      action,
      reason,
      targetId,
      match: match && { attribute: match.attribute, value: textOf(match.value) },
      changes,
      enable,
      linksNow,
    };
  }

  private count(outcome: SimulatedOutcome): SimulatedOutcome {
    this.counts = { ...this.counts, [outcome.action]: this.counts[outcome.action] + 1 };
    return outcome;
  }

  /** Whoever is linked keeps the account; then whoever was found to have it first. */
  private readonly findOwners: FindOwners = async (targetIds) => {
    if (targetIds.length === 0) return new Map<string, ObjectKey>();
    return new Map([...(await this.ports.claims.findOwners(targetIds)), ...(await this.ports.findLinked(targetIds))]);
  };
}

const matchOf = (answer: LookedUp): string[] =>
  'found' in answer && answer.found.by === 'matching' && answer.found.matches.length === 1 ? [answer.found.matches[0]!.id] : [];

const failed = ({ code, message }: Pick<Failure, 'code' | 'message'>): SimulatedOutcome => ({
  action: 'fail',
  reason: { code, text: message },
  targetId: null,
  match: null,
  changes: [],
  enable: false,
  linksNow: false,
});
