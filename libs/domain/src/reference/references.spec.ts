import { describe, expect, test } from '@jest/globals';

import { evaluateMembers, evaluateObject, evaluateUnmapped } from '../evaluation/evaluate-object.js';
import type { AttributeBag } from '../object/attributes.js';
import { objectKeyOf } from '../object/ids.js';
import { account, mapping, objectMapping, pair, person, targetSide } from '../testing/builders.js';
import { type ResolvedReference, circleNote, referenceValues, referencesOf } from './references.js';

const mappings = [mapping('userName', { source: 'email', matching: 1 }), mapping('manager', { reference: 'managerId' })];
const rules = objectMapping({ attributes: mappings });
const boss = objectKeyOf('user', '7');
const reference = (state: ResolvedReference['state'], id: string | null = null): ResolvedReference => ({
  attribute: 'manager',
  to: boss,
  state,
  id,
});

describe('references that the source makes', () => {
  test.each<[string, AttributeBag, unknown[]]>([
    ['an anchor', { managerId: '7' }, [{ attribute: 'manager', to: 'user:7' }]],
    ['a number', { managerId: 7 }, [{ attribute: 'manager', to: 'user:7' }]],
    ['a list of one', { managerId: ['7'] }, [{ attribute: 'manager', to: 'user:7' }]],
    ['a list of several', { managerId: ['7', '8'] }, [{ attribute: 'manager', to: null }]],
    ['an anchor with a colon', { managerId: 'a:b' }, [{ attribute: 'manager', to: 'user:a:b' }]],
    ['nothing', {}, []],
    ['null', { managerId: null }, []],
    ['an empty text', { managerId: '' }, []],
    ['an empty list', { managerId: [] }, []],
  ])('%s', (_, attributes, expected) => expect(referencesOf(mappings, attributes)).toEqual(expected));

  test('name groups where the mapping says so', () =>
    expect(referencesOf([mapping('owner', { reference: 'team', referenceType: 'group' })], { team: 'x' })).toEqual([
      { attribute: 'owner', to: 'group:x' },
    ]));
});

describe('what is written at a reference', () => {
  test.each<[string, ResolvedReference[], AttributeBag, number]>([
    ['the account', [reference('resolved', 'a-7')], { manager: 'a-7' }, 0],
    ['nothing while it waits', [reference('waiting')], {}, 1],
    ['nothing when the object means itself', [reference('itself')], {}, 1],
    ['nothing when several are named', [reference('several')], {}, 1],
    ['empty once the account is gone', [reference('gone')], { manager: null }, 1],
    ['empty when the source names nobody', [], { manager: null }, 0],
  ])('%s', (_, references, values, notes) => {
    const found = referenceValues(mappings, references);
    expect([found.values, found.notes.length]).toEqual([values, notes]);
  });
});

describe('a decision', () => {
  const linked = (references: ResolvedReference[], attributes: AttributeBag = {}) =>
    pair({ ...targetSide.linked(account(attributes)), references }, person({ managerId: '7' }));

  test('to create takes a resolved reference along, and says what waits', () => {
    const absent = { ...targetSide.absent(), references: [reference('resolved', 'a-7')] };
    expect(evaluateObject(pair(absent), rules).changes).toContainEqual({ attribute: 'manager', old: null, new: 'a-7' });
    const waiting = evaluateObject(pair({ ...absent, references: [reference('waiting')] }), rules);
    expect(waiting.changes.map(({ attribute }) => attribute)).toEqual(['userName']);
    expect(waiting.reason.text).toBe(
      'no account in the target has userName "jane.doe@example.com"; manager waits until user:7 has an account',
    );
  });

  test('to update writes the reference alone when that is all that differs', () =>
    expect(evaluateObject(linked([reference('resolved', 'a-7')]), rules)).toMatchObject({
      action: 'update',
      changes: [{ attribute: 'manager', old: null, new: 'a-7' }],
    }));

  test('leaves an attribute alone that waits, and is unchanged with that remark', () => {
    const { action, reason, changes } = evaluateObject(linked([reference('waiting')], { manager: 'a-9' }), rules);
    expect([action, changes, reason.text]).toEqual([
      'unchanged',
      [],
      'source and target already agree; manager waits until user:7 has an account',
    ]);
  });

  test('clears what the target still holds when the account is gone', () =>
    expect(evaluateObject(linked([reference('gone')], { manager: 'a-7' }), rules).changes).toEqual([
      { attribute: 'manager', old: 'a-7', new: null },
    ]));

  test('leaves a reference alone that closes a circle, and names the circle', () => {
    const circle = ['1', '7', '9'].map((anchor) => objectKeyOf('user', anchor));
    const { action, reason } = evaluateObject(linked([{ ...reference('itself', 'a-7'), circle }], { manager: 'a-9' }), rules);
    expect([action, reason.text]).toEqual([
      'unchanged',
      'source and target already agree; manager is left alone, because it closes a circle: user:1 → user:7 → user:9 → user:1',
    ]);
  });

  test('names the first of a long circle, and how many there are', () => {
    const circle = Array.from({ length: 25 }, (_, at) => objectKeyOf('user', String(at)));
    expect(circleNote('manager', circle)).toMatch(/: user:0 → user:1 .* → user:19 → … \(25 in all\) → user:0$/);
  });

  test('is the same when it is made again after it was carried out', () =>
    expect(evaluateObject(linked([reference('resolved', 'a-7')], { manager: 'a-7' }), rules).action).toBe('unchanged'));
});

describe('members', () => {
  const groups = objectMapping({ type: 'group', attributes: [mapping('displayName', { source: 'name', matching: 1 })] });
  const members = { add: [{ key: boss, id: 'a-7' }], remove: [] };

  test('alone are an update of nothing else', () =>
    expect(evaluateMembers('g-1', members, groups)).toMatchObject({
      action: 'update',
      targetId: 'g-1',
      changes: [],
      members,
      reason: { code: 'members-differ' },
    }));

  test('are not changed where updates are not allowed', () =>
    expect(evaluateMembers('g-1', members, objectMapping({ ...groups, actions: ['create'] }))).toMatchObject({
      action: 'skip',
      reason: { code: 'action-not-allowed' },
    }));

  test('travel with a group that is taken up as a whole', () => {
    const side = { ...targetSide.linked({ id: 'g-1', attributes: { displayName: 'Old' }, state: 'unknown' as const }), members };
    expect(evaluateObject(pair(side, { name: 'New' }), groups)).toMatchObject({
      action: 'update',
      members,
      reason: { text: 'the account differs in displayName, members' },
    });
    expect(evaluateObject(pair(side, { name: 'Old' }), groups)).toMatchObject({ action: 'update', changes: [], members });
  });

  test('of a group that is not wanted are not looked at', () => {
    const side = { ...targetSide.linked({ id: 'g-1', attributes: {}, state: 'unknown' as const }), members };
    expect(evaluateObject(pair(side, { name: 'x' }, 'deleted'), groups)).toMatchObject({ action: 'delete' });
  });
});

test('an object of a kind without rules is skipped, and says so', () =>
  expect(evaluateUnmapped('group')).toMatchObject({
    action: 'skip',
    targetId: null,
    reason: { text: 'the job has no rules for objects of type "group" any more' },
  }));
