import type { TargetAbilities } from '@provident/connectors';
import type { Failure, SimulatedGuard, SimulatedOutcome, SimulatedTotals } from '@provident/contracts';
import { noTotals } from '@provident/contracts';
import {
  type Evaluation,
  type JobDefinition,
  type ObjectKey,
  type ObjectMapping,
  type ObjectType,
  evaluateObject,
  evaluateUnmapped,
  mappingOf,
  notLookedUp,
  weighRemovals,
  textOf,
} from '@provident/domain';
import { expressionContextOf } from '@provident/service-kit';

import type { Accounts } from '../cycle/accounts.js';
import { changeIdOf } from '../cycle/change-id.js';
import { type Associations, type FindAssociations, type FindOwners, type Wanted, findAccounts } from '../cycle/import-objects.js';
import type { LookedUp } from '../cycle/look-up.js';
import type { Aftermath } from './aftermath.js';
import type { Claims } from './scratch.js';

export interface RuleSetPorts {
  /** Accounts that are linked. */
  readonly findLinked: FindOwners;
  readonly findAssociations: FindAssociations;
  readonly claimsOf: (type: ObjectType) => Claims;
  /** Told of what becomes of accounts. */
  readonly aftermath: Aftermath;
  readonly simulationId: string;
  /** UTC: the time for expressions that ask for it. */
  readonly at: string;
}

/** What a set of rules needs for one kind of object. */
interface Kind {
  readonly type: ObjectType;
  /** undefined when these rules are not about such objects. */
  readonly mapping: ObjectMapping | undefined;
  readonly accounts: Accounts;
  readonly claims: Claims;
}

/** One set of rules in a simulation: says what would become of objects under it, as a cycle would decide, and counts. */
export class RuleSet {
  private counts: SimulatedTotals = noTotals;
  private kind!: Kind;
  private readonly claimed: Claims[] = [];

  constructor(
    private readonly definition: JobDefinition,
    private readonly ports: RuleSetPorts,
  ) {}

  /** From now on objects of that kind are judged. */
  enter(type: ObjectType, accounts: Accounts): void {
    const claims = this.ports.claimsOf(type);
    this.claimed.push(claims);
    this.kind = { type, mapping: mappingOf(this.definition, type), accounts, claims };
  }

  get totals(): SimulatedTotals {
    return this.counts;
  }

  /** @returns an outcome for each, in their order @throws ConnectorError when the target as a whole cannot be asked */
  async judge(people: readonly (Wanted & { readonly displayName: string | null })[]): Promise<SimulatedOutcome[]> {
    const { type, mapping, accounts, claims } = this.kind;
    if (!mapping) return people.map(() => this.count(outcomeOf(evaluateUnmapped(type))));
    const answers = await findAccounts(people, { mapping, accounts, findOwners: this.findOwners });
    await claims.add([...answers].flatMap(([objectKey, answer]) => matchOf(answer).map((targetId) => ({ targetId, objectKey }))));
    const sought = people.filter(({ objectKey }) => answers.has(objectKey));
    const associations = await this.ports.findAssociations(mapping, sought);
    const outcomes = people.map((person) => {
      return this.count(this.outcomeOf(person, mapping, answers.get(person.objectKey), associations.get(person.objectKey)));
    });
    await this.ports.aftermath.note(
      people.map(({ objectKey, displayName }, at) => ({
        objectKey,
        displayName,
        outcome: outcomes[at]!,
        // Without the right to update nothing follows.
        references: mapping.actions.includes('update') ? (associations.get(objectKey)?.references ?? []) : [],
        heldAt: (attribute) => accountIn(answers.get(objectKey))?.attributes[attribute],
      })),
    );
    return outcomes;
  }

  get aftermath(): Aftermath {
    return this.ports.aftermath;
  }

  /** What becomes of the members of groups; undefined where these rules have no say in them. */
  membersMapping(abilities: TargetAbilities): ObjectMapping | undefined {
    const mapping = mappingOf(this.definition, 'group');
    return abilities.membersPerChange > 0 && mapping?.actions.includes('update') ? mapping : undefined;
  }

  /** A record that cannot be used. */
  refuse(failure: Pick<Failure, 'code' | 'message'>): SimulatedOutcome {
    return this.count(failed(failure));
  }

  /** @param linked accounts in step now */
  async guard(linked: number): Promise<SimulatedGuard> {
    const proposed = this.counts.disable + this.counts.delete;
    const claimed = await Promise.all(this.claimed.map((claims) => claims.count()));
    const inStep = claimed.reduce((sum, count) => sum + count, linked);
    const kinds = { disable: this.counts.disable, delete: this.counts.delete };
    const guards = weighRemovals({ kinds }, { linked: inStep }, this.definition.thresholds.removals);
    const threshold = guards.length > 0 ? guards.map(({ text }) => text).join('; ') : null;
    return { proposed, linked: inStep, decision: threshold === null ? 'release' : 'hold', threshold };
  }

  private outcomeOf(
    { objectKey, change, attributes }: Wanted,
    mapping: ObjectMapping,
    answer: LookedUp | undefined,
    associations: Associations = {},
  ): SimulatedOutcome {
    if (answer && 'failure' in answer) return failed(answer.failure);
    const { simulationId, at } = this.ports;
    // Members of groups are foretold by themselves.
    const { members: _, ...others } = associations;
    const pair = { source: { change, attributes }, target: { ...(answer?.found ?? notLookedUp), ...others } };
    return outcomeOf(evaluateObject(pair, mapping, expressionContextOf(changeIdOf(simulationId, objectKey), at)));
  }

  private count(outcome: SimulatedOutcome): SimulatedOutcome {
    this.counts = { ...this.counts, [outcome.action]: this.counts[outcome.action] + 1 };
    return outcome;
  }

  /** Whoever is linked keeps the account; then whoever was found to have it first. */
  private readonly findOwners: FindOwners = async (type, targetIds) => {
    if (targetIds.length === 0) return new Map<string, ObjectKey>();
    return new Map([...(await this.kind.claims.findOwners(targetIds)), ...(await this.ports.findLinked(type, targetIds))]);
  };
}

function outcomeOf({ action, reason, targetId, match, changes, enable, linksNow }: Evaluation): SimulatedOutcome {
  return {
    action,
    reason,
    targetId,
    match: match && { attribute: match.attribute, value: textOf(match.value) },
    changes,
    members: null,
    enable,
    linksNow,
  };
}

const accountIn = (answer: LookedUp | undefined) => (answer && 'found' in answer ? answer.found.matches[0] : undefined);

const matchOf = (answer: LookedUp): string[] =>
  'found' in answer && answer.found.by === 'matching' && answer.found.matches.length === 1 ? [answer.found.matches[0]!.id] : [];

const failed = ({ code, message }: Pick<Failure, 'code' | 'message'>): SimulatedOutcome => ({
  action: 'fail',
  reason: { code, text: message },
  targetId: null,
  match: null,
  changes: [],
  members: null,
  enable: false,
  linksNow: false,
});
