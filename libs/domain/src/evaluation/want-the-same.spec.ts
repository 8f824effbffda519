import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { applyChanges } from '../diff/apply-changes.js';
import type { ObjectMapping } from '../job/job-definition.js';
import { importedPair, mapping, objectMapping, objectRules, person } from '../testing/index.js';
import { evaluateObject } from './evaluate-object.js';
import type { ImportedPair, SourceSide, TargetSide } from './evaluation.js';
import { wantTheSame } from './want-the-same.js';

const base = objectMapping();
const finance = { name: 'Finance', all: [{ attribute: 'department', operator: 'EQUALS' as const, value: 'Finance' }] };
const sales = { name: 'Sales', all: [{ attribute: 'department', operator: 'EQUALS' as const, value: 'Sales' }] };
const withTitle = (title: Parameters<typeof mapping>[1], rules: Parameters<typeof objectMapping>[0] = {}): ObjectMapping =>
  objectMapping({ ...rules, attributes: [...base.attributes, mapping('title', title)] });
const withManager = (manager: Parameters<typeof mapping>[1]): ObjectMapping =>
  objectMapping({ attributes: [...base.attributes, mapping('manager', manager)] });
const managed = (reference: string, referenceType: 'user' | 'group' = 'user'): ObjectMapping => withManager({ reference, referenceType });
const present = (attributes = {}): SourceSide => ({ change: 'again', attributes: person(attributes) });
const gone: SourceSide = { change: 'deleted', attributes: person() };

describe('somebody with an account is left alone when', () => {
  test.each<[string, SourceSide, ObjectMapping, ObjectMapping]>([
    ['nothing changed', present(), base, base],
    ['a new mapping yields no value for this person', present(), base, withTitle({ source: 'title' })],
    ['a mapping is gone: what it wrote stays', present({ title: 'Chief' }), withTitle({ source: 'title' }), base],
    [
      'a mapping is computed another way with the same value',
      present(),
      base,
      objectMapping({
        attributes: base.attributes.map((each) =>
          each.source === 'firstName' ? { target: each.target, expression: 'Trim([firstName])' } : each,
        ),
      }),
    ],
    ['a mapping applies at creation only', present({ title: 'Chief' }), base, withTitle({ source: 'title', apply: 'on-create' })],
    [
      'the scope is said otherwise and still holds',
      present(),
      objectMapping({ scope: [finance] }),
      objectMapping({ scope: [sales, finance] }),
    ],
    [
      'he was out of scope and still is',
      present(),
      objectMapping({ scope: [sales] }),
      objectMapping({ scope: [{ ...sales, name: 'Others' }] }),
    ],
    ['removals of another kind are done otherwise', present(), base, objectMapping({ removals: { deleted: 'ignore' } })],
    ['a reference names the same object by another attribute', present({ boss: '7', lead: '7' }), managed('boss'), managed('lead')],
    ['a reference is gone: what it wrote stays', present({ boss: '7' }), managed('boss'), base],
    ['letter case counts no more', present(), withTitle({ source: 'lastName' }), withTitle({ source: 'lastName', caseExact: false })],
  ])('%s', (_, source, earlier, now) => expect(wantTheSame(source, true, earlier, now)).toBe(true));
});

describe('somebody with an account is looked at again when', () => {
  test.each<[string, SourceSide, ObjectMapping, ObjectMapping]>([
    ['a new mapping yields a value', present({ title: 'Chief' }), base, withTitle({ source: 'title' })],
    ['a value differs', present({ title: 'Chief' }), withTitle({ source: 'title' }), withTitle({ constant: 'Staff' })],
    ['he leaves the scope', present(), objectMapping({ scope: [finance] }), objectMapping({ scope: [sales] })],
    ['he comes back into the scope', present(), objectMapping({ scope: [sales] }), base],
    [
      'the account of somebody out of scope is deleted instead of disabled',
      present(),
      objectMapping({ scope: [sales] }),
      objectMapping({ scope: [sales], removals: { outOfScope: 'delete' } }),
    ],
    ['the account of somebody who is gone was ignored and is not any more', gone, objectMapping({ removals: { deleted: 'ignore' } }), base],
    ['removing was not allowed and is now', gone, objectMapping({ actions: [] }), base],
    ['updates were not allowed and are now', present(), objectMapping({ actions: ['create'] }), base],
    ['a reference is new', present({ boss: '7' }), base, managed('boss')],
    ['a reference is new and names nobody: what is there is cleared', present(), base, managed('boss')],
    ['a reference names somebody else', present({ boss: '7', lead: '8' }), managed('boss'), managed('lead')],
    ['a reference names an object of another kind', present({ boss: '7' }), managed('boss'), managed('boss', 'group')],
    ['a value was copied and is a reference now', present({ boss: '7' }), withManager({ source: 'boss' }), managed('boss')],
    ['a reference was written and is a copied value now', present({ boss: '7' }), managed('boss'), withManager({ source: 'boss' })],
    ['letter case counts from now on', present(), withTitle({ source: 'lastName', caseExact: false }), withTitle({ source: 'lastName' })],
    ['an expression failed and does not any more', present(), withTitle({ expression: 'CDate([lastName])' }), base],
  ])('%s', (_, source, earlier, now) => expect(wantTheSame(source, true, earlier, now)).toBe(false));
});

test.each<[string, boolean, ObjectMapping, ObjectMapping]>([
  ['the same', true, base, objectMapping({ removals: { deleted: 'ignore' } })],
  ['another value at creation', false, base, withTitle({ constant: 'Staff', apply: 'on-create' })],
  ['another default', false, withTitle({ source: 'title', default: 'a' }), withTitle({ source: 'title', default: 'b' })],
  [
    'a random value, drawn anew',
    true,
    withTitle({ expression: 'Guid()', apply: 'on-create' }),
    withTitle({ expression: 'Guid()', apply: 'on-create' }),
  ],
  [
    'another attribute to match by',
    false,
    base,
    objectMapping({
      attributes: base.attributes.map((each) => ({ ...each, matching: each.target === 'name.familyName' ? 1 : undefined })),
    }),
  ],
  [
    'out of scope in another way',
    true,
    objectMapping({ scope: [sales] }),
    objectMapping({ scope: [sales], removals: { outOfScope: 'delete' } }),
  ],
  ['a reference to the same object', true, managed('firstName'), managed('firstName')],
  ['a reference to another object', false, managed('firstName'), managed('lastName')],
  ['in scope at last', false, objectMapping({ scope: [sales] }), base],
])('somebody without an account, under rules that mean %s: left alone %p', (_, same, earlier, now) =>
  expect(wantTheSame(present(), false, earlier, now)).toBe(same),
);

/** The pair as it is once the decision was carried out, or could not be. */
function settled({ source, target }: ImportedPair, rules: ObjectMapping): ImportedPair {
  const { action, changes, targetId, linksNow, enable } = evaluateObject({ source, target }, rules);
  const [account] = target.matches;
  const linked = (one: TargetSide['matches'][number]): ImportedPair => ({
    source,
    target: { by: 'link', tried: [], matches: [one], linkedId: one.id },
  });
  if (action === 'create') return linked({ id: 'new', attributes: applyChanges({}, changes), state: 'active' });
  if (action === 'update')
    return linked({ id: targetId!, attributes: applyChanges(account!.attributes, changes), state: enable ? 'active' : account!.state });
  if (action === 'disable') return linked({ ...account!, state: 'disabled' });
  if (action === 'delete') return { source, target: { by: 'none', tried: [], matches: [], linkedId: null } };
  return linksNow ? linked(account!) : { source, target };
}

test('whoever is left alone would not have been written to: of any object, under any two sets of rules', () => {
  let left = 0;
  fc.assert(
    fc.property(importedPair(), objectRules(), objectRules(), fc.boolean(), (pair, one, other, alike) => {
      // Two sets of rules that have nothing in common are seldom the same to anybody.
      const now = alike ? { ...other, scope: one.scope, active: one.active, removals: one.removals } : other;
      const after = settled(pair, one);
      const isLinked = after.target.linkedId !== null;
      if (!wantTheSame(pair.source, isLinked, one, now as ObjectMapping)) return;
      left++;
      const { action, failure } = evaluateObject(after, now as ObjectMapping);
      const again = evaluateObject(after, one);
      expect(action === again.action || ['skip', 'unchanged'].includes(action)).toBe(true);
      expect(['skip', 'unchanged', 'fail']).toContain(action);
      expect(failure?.code ?? null).toBe(again.failure?.code ?? null);
    }),
    { numRuns: 3_000 },
  );
  expect(left).toBeGreaterThan(200);
});
