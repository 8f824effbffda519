import { caseExactIn, diffAttributes } from '../diff/diff-attributes.js';
import type { ExpressionContext } from '../expression/expression-context.js';
import type { ObjectMapping } from '../job/job-definition.js';
import type { FailedMapping } from '../mapping/failed-mapping.js';
import { mapAttributes } from '../mapping/map-attributes.js';
import type { MembersGuard } from '../job-life/removal-kind.js';
import { type MemberChanges, isEmptyChange } from '../membership/member-changes.js';
import { type MatchKey, evaluateMatching } from '../matching/match-keys.js';
import { textOf } from '../object/attributes.js';
import { referenceValues } from '../reference/references.js';
import { evaluateClause } from '../scope/evaluate-clause.js';
import type { ScopeVerdict } from '../scope/evaluate-scope.js';
import { evaluateWanted } from '../scope/evaluate-wanted.js';
import type { Evaluation, ImportedPair, TargetAccount, TargetSide } from './evaluation.js';
import { outOfScope } from './out-of-scope.js';
import { proposeRemoval } from './propose-removal.js';
import { fail, type Decision, isAllowed, notAllowed, skip } from './decision.js';
import { type Reason, reason, withNotes } from './reason.js';

/**
 * What one imported object should become in the target, and why. Pure: no clock, no I/O; the same input gives the same answer.
 *
 * Whether the account is wanted is settled first: gone from the source, out of scope, not active, in this order. An account that is not
 * wanted any more is removed only if it is linked; nobody else's account is ever touched. For a wanted one, a link stands above
 * matching, and a linked account that vanished is never created again silently. An expression that cannot be evaluated fails this object
 * alone, and only when its value is needed.
 * @param context what expressions of a creation may know besides the object: the time, and where random values come from. The answer is the
 *   same for the same input only if this is too
 */
export function evaluateObject(pair: ImportedPair, rules: ObjectMapping, context: ExpressionContext = {}): Evaluation {
  const isGone = pair.source.change === 'deleted';
  const scope: ScopeVerdict = isGone ? { inScope: false, clauses: [] } : evaluateWanted(rules, pair.source.attributes);
  const matching = evaluateMatching(rules.attributes, pair.source.attributes);
  return {
    scope,
    match: matching.keys[0] ?? null,
    targetId: pair.target.linkedId ?? accountOf(pair.target)?.id ?? null,
    linksNow: false,
    changes: [],
    enable: false,
    failure: null,
    ...decide(pair, rules, scope, matching, context),
  };
}

function decide(
  { source, target }: ImportedPair,
  rules: ObjectMapping,
  scope: ScopeVerdict,
  { keys, failed }: ReturnType<typeof evaluateMatching>,
  context: ExpressionContext,
): Decision {
  const { removals } = rules;
  const account = accountOf(target);
  const remove = proposeRemoval(target, account, rules);
  if (source.change === 'deleted') return remove(removals.deleted, reason('deleted-at-source'), reason('never-linked'));
  if (!scope.inScope) return remove(removals.outOfScope, outOfScope(scope, rules));
  const active = rules.active && evaluateClause(rules.active, source.attributes);
  if (active && !active.holds) return remove(removals.inactive, reason('not-active', { clause: active.clause, actual: active.actual }));

  if (account && target.linkedId !== null) return update(account, { source, target }, rules, false);
  if (target.linkedId !== null) return fail('gone', reason('invalid-anchor', { targetId: target.linkedId }));
  if (failed) return expressionFailed(failed);
  if (keys.length === 0) return noMatchingValue(rules);
  if (target.matches.length > 1) return severalMatches(target);
  return account ? update(account, { source, target }, rules, true) : create({ source, target }, rules, keys[0]!, context);
}

/** The one account that it is about: behind the link if there is one, else the only match. */
function accountOf({ by, linkedId, matches }: TargetSide): TargetAccount | undefined {
  if (linkedId !== null && by !== 'link') return matches.find(({ id }) => id === linkedId);
  return matches.length === 1 ? matches[0] : undefined;
}

function create(
  { source, target }: ImportedPair,
  rules: ObjectMapping,
  { attribute, value }: MatchKey,
  context: ExpressionContext,
): Decision {
  if (!isAllowed('create', rules)) return notAllowed('create');
  const { values, missing, failed } = mapAttributes(rules.attributes, source.attributes, 'create', context);
  if (failed) return expressionFailed(failed);
  if (missing.length > 0) return fail('missing-values', reason('mandatory-fields-missing', { attributes: missing.join(', ') }), missing[0]);
  const references = referenceValues(rules.attributes, target.references ?? []);
  const wanted = Object.entries({ ...values, ...references.values }).filter(([, each]) => each !== null);
  const changes = wanted.map(([name, each]) => ({ attribute: name, old: null, new: each }));
  const why = reason('not-in-target', { attribute, value: String(value) });
  return { action: 'create', reason: withNotes(why, references.notes), changes };
}

/** An update of an account that is wanted: what differs in its attributes, its references and, of a group, its members. */
function update(account: TargetAccount, { source, target }: ImportedPair, rules: ObjectMapping, linksNow: boolean): Decision {
  const { values, failed } = mapAttributes(rules.attributes, source.attributes, 'update');
  if (failed) return expressionFailed(failed);
  const references = referenceValues(rules.attributes, target.references ?? []);
  const changes = diffAttributes(account.attributes, { ...values, ...references.values }, caseExactIn(rules.attributes));
  const enable = account.state === 'disabled';
  const members = target.members && !isEmptyChange(target.members) ? target.members : null;
  const link = { linksNow, targetId: account.id };
  if (changes.length === 0 && !enable && !members)
    return { action: 'unchanged', reason: withNotes(reason('redundant-export'), references.notes), ...link };
  if (!isAllowed('update', rules)) return { ...notAllowed('update'), ...link };
  const attributes = [...changes.map(({ attribute }) => attribute), ...(members ? ['members'] : [])].join(', ');
  const why = enable
    ? reason('account-disabled', { attributes })
    : changes.length > 0
      ? reason('attributes-differ', { attributes })
      : membersDiffer(members!);
  return { action: 'update', reason: withNotes(why, references.notes), changes, enable, ...(members && { members }), ...link };
}

const membersDiffer = ({ add, remove }: MemberChanges): Reason =>
  reason('members-differ', { added: String(add.length), removed: String(remove.length) });

/**
 * A change of a linked group's members and of nothing else. That the group is wanted was settled when the change was taken up; nothing of the
 * group itself is looked at.
 * @param guard of members who leave because the source says so: how many the whole group loses
 */
export function evaluateMembers(linkedId: string, members: MemberChanges, rules: ObjectMapping, guard?: MembersGuard): Evaluation {
  const neutral = { scope: { inScope: true, clauses: [] }, match: null, targetId: linkedId, linksNow: false, changes: [], enable: false };
  if (!isAllowed('update', rules)) return { ...neutral, failure: null, ...notAllowed('update') };
  const why = guard ? membersLeave(guard) : membersDiffer(members);
  return { ...neutral, failure: null, action: 'update', reason: why, members, ...(guard && { guard }) };
}

const membersLeave = ({ removed, of, over }: MembersGuard): Reason =>
  reason('members-leave', { removed: String(removed), of: String(of), over: over ? 'that is a larger share than the job allows' : '' });

/** An object of a kind that the job has no rules for any more: nothing is done to it. */
export function evaluateUnmapped(type: string): Evaluation {
  const neutral = { scope: { inScope: false, clauses: [] }, match: null, targetId: null, linksNow: false, changes: [], enable: false };
  return { ...neutral, failure: null, ...skip(reason('type-not-mapped', { type })) };
}

const expressionFailed = ({ target, message }: FailedMapping): Decision =>
  fail('invalid-source', reason('expression-failed', { attribute: target, message }), target);

function noMatchingValue({ attributes }: ObjectMapping): Decision {
  const matching = attributes.filter((mapping) => mapping.matching !== undefined);
  const names = matching.map(({ target, source, expression }) => {
    const origin = source ?? (expression === undefined ? undefined : 'its expression');
    return origin === undefined ? target : `${target} (from ${origin})`;
  });
  return fail('missing-values', reason('no-matching-value', { attributes: names.join(', ') }), matching[0]?.target);
}

function severalMatches({ tried, matches }: TargetSide): Decision {
  const key = tried.find(({ found }) => found > 1);
  const facts = { ids: matches.map(({ id }) => id).join(', '), attribute: key?.attribute ?? '', value: textOf(key?.value) };
  return fail('ambiguous-match', reason('duplicate-target-entries', facts), key?.attribute);
}
