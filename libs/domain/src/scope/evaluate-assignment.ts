import type { Assigned, ObjectMapping } from '../job/job-definition.js';
import { type AttributeBag, textOf } from '../object/attributes.js';
import { valueAt } from '../object/value-at.js';
import type { EvaluatedClause } from './evaluate-clause.js';

/**
 * What assignment looks at stands among an object's attributes, under names that no source has: its own id, and for each group that the rules name
 * whether it belongs to it. So a change of membership is a change of the object like any other: it is noticed, stored, judged again under new rules,
 * simulated, and shown in the log.
 */
const anchorName = '@id';
const directPrefix = '@member:';
const nestedPrefix = '@within:';

/** A group that an attribute of this kind asks about. */
export interface AskedGroup {
  readonly group: string;
  /** Whether members of groups within that group count too. */
  readonly nested: boolean;
}

export const isAnchorName = (name: string): boolean => name === anchorName;

/** The group that the attribute of that name asks about; null when it asks about none. */
export function askedGroup(name: string): AskedGroup | null {
  if (name.startsWith(directPrefix)) return { group: name.slice(directPrefix.length), nested: false };
  return name.startsWith(nestedPrefix) ? { group: name.slice(nestedPrefix.length), nested: true } : null;
}

/** Whether an attribute is none of the source's own. */
export const isAssignmentAttribute = (name: string): boolean => isAnchorName(name) || askedGroup(name) !== null;

const membershipIn = (group: string, nested: boolean): string => (nested ? nestedPrefix : directPrefix) + group;

/** Attributes that the assignment looks at. A group is assigned when it is named itself, or lies within one that is. */
export function assignmentAttributes({ assigned, type }: Pick<ObjectMapping, 'assigned' | 'type'>): string[] {
  if (!assigned) return [];
  const { ids, groups = [], nested } = assigned;
  const memberships = type === 'user' || nested ? groups.map((group) => membershipIn(group, nested)) : [];
  return [...(ids || (type === 'group' && groups.length > 0) ? [anchorName] : []), ...memberships];
}

/** Whether the object is assigned to the application: listed by its id, or in one of the groups. */
export function evaluateAssignment(
  { ids = [], groups = [], nested }: Assigned,
  type: ObjectMapping['type'],
  attributes: AttributeBag,
): EvaluatedClause {
  const anchor = textOf(valueAt(attributes, anchorName));
  const isListed = [...ids, ...(type === 'group' ? groups : [])].includes(anchor);
  const asksGroups = type === 'user' || nested;
  const within = asksGroups ? groups.filter((group) => valueAt(attributes, membershipIn(group, nested)) === true) : [];
  const clause = [
    ...(ids.length > 0 ? [`listed by its id (${counted(ids.length)})`] : []),
    ...(groups.length > 0 ? [groupsText(type, groups, nested)] : []),
  ].join(' or ');
  const actual = isListed ? 'listed' : within.length > 0 ? `in ${within.join(', ')}` : notAssigned(type, ids.length, groups);
  return { clause, actual, holds: isListed || within.length > 0 };
}

const counted = (count: number): string => `${count} ${count === 1 ? 'is' : 'are'}`;

function groupsText(type: ObjectMapping['type'], groups: readonly string[], nested: boolean): string {
  const how = nested ? 'directly or by way of other groups' : 'directly';
  return type === 'group'
    ? `one of the groups ${shown(groups)}${nested ? ', or within one' : ''}`
    : `member of one of ${shown(groups)}, ${how}`;
}

function notAssigned(type: ObjectMapping['type'], ids: number, groups: readonly string[]): string {
  const unlisted = ids > 0 ? ['not listed'] : [];
  const outside =
    groups.length > 0 ? [type === 'group' ? `none of the groups ${shown(groups)}` : `in none of the groups ${shown(groups)}`] : [];
  return [...unlisted, ...outside].join(', and ');
}

const mostShown = 5;
const shown = (groups: readonly string[]): string =>
  groups.length <= mostShown ? groups.join(', ') : `${groups.slice(0, mostShown).join(', ')} and ${groups.length - mostShown} more`;
