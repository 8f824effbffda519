import type { TargetAbilities } from '@provident/connectors';
import type { Failure, SimulatedGuard, SimulatedOutcome, SimulatedTotals } from '@provident/contracts';
import { noTotals } from '@provident/contracts';
import {
  type Evaluation,
  type JobDefinition,
  type ObjectKey,
  type ObjectMapping,
  type ObjectType,
  type RemovalScales,
  evaluateObject,
  evaluateUnmapped,
  heldKinds,
  mappingOf,
  notLookedUp,
  weighGroup,
  weighRemovals,
  textOf,
} from '@provident/domain';
import { expressionContextOf } from '@provident/service-kit';

import type { Accounts } from '../cycle/accounts.js';
import { changeIdOf } from '../cycle/change-id.js';
import { type Associations, type FindAssociations, type FindOwners, type Wanted, findAccounts } from '../cycle/import-objects.js';
import type { LookedUp } from '../cycle/look-up.js';
import type { Aftermath, HeldMembers } from './aftermath.js';
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

type LeavingGroup = Awaited<ReturnType<Aftermath['countLeaving']>>[number];

const losesMore = (one: LeavingGroup, other: LeavingGroup | null): boolean =>
  other === null || one.removed * other.of > other.removed * one.of;

/** What the removal guard says, and which members stay in their groups for that. */
export interface Weighed {
  readonly guard: SimulatedGuard;
  readonly members: HeldMembers;
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
      people.map(({ objectKey, displayName, change }, at) => ({
        objectKey,
        displayName,
        gone: change === 'deleted',
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

  /**
   * Weighs all removals together, as at the end of a cycle's import.
   * @param leaving of each group the members that the source takes out of it
   * @param scales  accounts in step now, memberships that were written, and how much of the source is gone
   */
  async weigh(leaving: readonly LeavingGroup[], scales: RemovalScales): Promise<Weighed> {
    const claimed = await Promise.all(this.claimed.map((claims) => claims.count()));
    const linked = claimed.reduce((sum, count) => sum + count, scales.linked);
    const limits = this.definition.thresholds.removals;
    const { disable, delete: deleted } = this.counts;
    const overGroups = leaving.filter((group) => weighGroup(group, limits).over).map(({ group }) => group);
    const members = leaving.reduce((sum, { removed }) => sum + removed, 0);
    const worstGroup = leaving.reduce<LeavingGroup | null>((worst, each) => (losesMore(each, worst) ? each : worst), null);
    const kinds = { disable, delete: deleted, membership: leaving.length - overGroups.length, 'group-membership': overGroups.length };
    const guards = weighRemovals({ kinds, members, worstGroup }, { ...scales, linked }, limits);
    const held = heldKinds(guards);
    const guard: SimulatedGuard = {
      proposed: disable + deleted,
      members,
      held: [...held],
      linked,
      decision: guards.length > 0 ? 'hold' : 'release',
      threshold: guards.length > 0 ? guards.map(({ text }) => text).join('; ') : null,
    };
    return { guard, members: { overGroups, over: held.has('group-membership'), others: held.has('membership') } };
  }

  /** Whether what becomes of the accounts of people who are gone decides about their memberships, too. */
  get goneDecides(): boolean {
    const users = mappingOf(this.definition, 'user');
    const policy = users?.removals.deleted ?? 'ignore';
    return policy !== 'ignore' && users!.actions.includes(policy);
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
