import { type Assigned, JobDefinition, asJobId } from '@provident/domain';

import { Random } from './random.js';

export const job = asJobId('people-to-app');

const people = {
  type: 'user',
  displayName: 'userName',
  scope: [{ name: 'staff', all: [{ attribute: 'department', operator: 'NOT EQUALS', value: 'Contractors' }] }],
  active: { attribute: 'status', operator: 'EQUALS', value: 'active' },
  attributes: [
    { target: 'userName', source: 'userName', matching: 1 },
    { target: 'externalId', source: 'anchor' },
    { target: 'title', source: 'changedIn' },
  ],
};

const groups = {
  type: 'group',
  displayName: 'name',
  attributes: [
    { target: 'displayName', source: 'name', matching: 1 },
    { target: 'externalId', source: 'anchor' },
    { target: 'title', source: 'changedIn' },
  ],
};

const common = {
  job,
  source: { connector: 'csv', config: { file: 'people.csv' } },
  target: { connector: 'scim', config: { url: 'http://app.test/scim', auth: { none: true } } },
  schedule: { every: '20s' },
  retry: { after: ['15s', '30s'], thenEvery: '20s', giveUpAfter: '28d' },
  lanes: 2,
};

/** What a story has in it besides people. */
export interface Story {
  /** Whether the source has groups. */
  readonly hasGroups: boolean;
  /** Whether the target has them, too. */
  readonly withGroups: boolean;
  /** Whom the job is for, if not for all. */
  readonly assigned: Assigned | null;
  /** What people do besides. */
  readonly hasLinksByHand: boolean;
  readonly hasDemands: boolean;
  readonly isHeld: boolean;
  readonly hasDrift: boolean;
}

/** Dice of the groups, of which a throw says first whether there are any: stories of people alone are what they are without groups. */
export function castGroups(seed: number): { readonly hasGroups: boolean; readonly dice: Random } {
  const dice = new Random(seed ^ 0x6_7a_31);
  return { hasGroups: dice.chance(0.6), dice };
}

/** What a seed tells of. */
export function storyOf(seed: number): Story {
  const { hasGroups } = castGroups(seed);
  const dice = new Random(seed ^ 0x2b_5f_09);
  const isAssigned = dice.chance(0.3) && hasGroups;
  return {
    hasGroups,
    withGroups: hasGroups && !(isAssigned && dice.chance(0.4)),
    assigned: isAssigned ? drawAssigned(dice) : null,
    hasLinksByHand: dice.chance(0.3),
    hasDemands: dice.chance(0.3),
    isHeld: dice.chance(0.25),
    hasDrift: dice.chance(0.25),
  };
}

/** The first group always stays; others may come later, or go. */
function drawAssigned(dice: Random): Assigned {
  return {
    groups: dice.pick([['G1'], ['G1', 'G2'], ['G2', 'G3'], ['G2']]),
    nested: dice.chance(0.5),
    ...(dice.chance(0.4) && { ids: ['E2', 'E4', 'E15'] }),
  };
}

/** With groups and managers, limits are often met. */
export function rulesOf({ hasGroups, withGroups, assigned }: Story): JobDefinition {
  const persons = { ...people, ...(assigned && { assigned }) };
  if (!hasGroups) return JobDefinition.parse({ ...common, objects: [persons] });
  const managed = { ...persons, attributes: [...people.attributes, { target: 'manager', reference: 'boss' }] };
  return JobDefinition.parse({
    ...common,
    objects: [managed, ...(withGroups ? [groups] : [])],
    thresholds: { removals: { memberships: { percent: 25, atLeast: 2 } } },
  });
}
