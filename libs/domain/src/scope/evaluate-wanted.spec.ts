import { describe, expect, test } from '@jest/globals';

import { evaluateObject } from '../evaluation/evaluate-object.js';
import { notLookedUp } from '../evaluation/evaluation.js';
import { wantTheSame } from '../evaluation/want-the-same.js';
import { sourceAttributesOf } from '../mapping/attributes-needed.js';
import { objectMapping, person } from '../testing/index.js';
import { evaluateWanted } from './evaluate-wanted.js';

type Assigned = NonNullable<ReturnType<typeof objectMapping>['assigned']>;
const rules = (assigned: Partial<Assigned>, type: 'user' | 'group' = 'user') =>
  objectMapping({ type, assigned: { nested: false, ...assigned } });
const verdict = (assigned: Partial<Assigned>, attributes: Record<string, unknown>, type: 'user' | 'group' = 'user') =>
  evaluateWanted({ ...rules(assigned, type), scope: [] }, attributes as never);

describe('somebody is assigned', () => {
  test.each<[string, Partial<Assigned>, Record<string, unknown>, boolean]>([
    ['who is listed', { ids: ['7', '8'] }, { '@id': '8' }, true],
    ['not: who is not listed', { ids: ['7', '8'] }, { '@id': '9' }, false],
    ['not: whose id is not known', { ids: ['7'] }, {}, false],
    ['who is in one of the groups', { groups: ['a', 'b'] }, { '@member:b': true }, true],
    ['not: who is in none of them', { groups: ['a', 'b'] }, {}, false],
    ['not: who is within a group, when direct members are meant', { groups: ['a'] }, { '@within:a': true }, false],
    ['who is within a group, when that is meant', { groups: ['a'], nested: true }, { '@within:a': true }, true],
    ['who is listed, and in no group', { ids: ['7'], groups: ['a'] }, { '@id': '7' }, true],
    ['who is in a group, and not listed', { ids: ['7'], groups: ['a'] }, { '@id': '1', '@member:a': true }, true],
  ])('%s', (_, assigned, attributes, holds) => expect(verdict(assigned, attributes).inScope).toBe(holds));
});

test('a group is assigned when it is named, and not when it merely is in one that is', () => {
  expect(verdict({ groups: ['a'] }, { '@id': 'a' }, 'group').inScope).toBe(true);
  expect(verdict({ groups: ['a'] }, { '@id': 'b', '@member:a': true }, 'group').inScope).toBe(false);
  expect(verdict({ groups: ['a'], nested: true }, { '@id': 'b', '@within:a': true }, 'group').inScope).toBe(true);
});

test('assignment and scoping filters both have to hold', () => {
  const both = objectMapping({
    assigned: { groups: ['a'], nested: false },
    scope: [{ name: 'Finance', all: [{ attribute: 'department', operator: 'EQUALS', value: 'Finance' }] }],
  });
  const inScope = (attributes: Record<string, string | boolean>) => evaluateWanted(both, attributes).inScope;
  expect([
    inScope({ '@member:a': true, department: 'Finance' }),
    inScope({ '@member:a': true, department: 'Sales' }),
    inScope({ department: 'Finance' }),
  ]).toEqual([true, false, false]);
});

test('the reason of a skip names the groups', () => {
  const evaluation = evaluateObject(
    { source: { change: 'added', attributes: person() }, target: notLookedUp },
    rules({ groups: ['a', 'b'] }),
  );
  expect(evaluation).toMatchObject({
    action: 'skip',
    reason: { code: 'not-assigned', text: 'not assigned to the application: in none of the groups a, b' },
    scope: {
      inScope: false,
      clauses: [{ filter: 'assigned to the application', clause: 'member of one of a, b, directly', holds: false }],
    },
  });
  const listed = evaluateObject(
    { source: { change: 'added', attributes: person() }, target: notLookedUp },
    rules({ ids: ['7'], groups: ['a'] }),
  );
  expect(listed.reason.text).toBe('not assigned to the application: not listed, and in none of the groups a');
});

test('the source is asked for what assignment looks at', () => {
  expect(sourceAttributesOf(rules({ ids: ['7'], groups: ['a'] }))).toEqual(expect.arrayContaining(['@id', '@member:a']));
  expect(sourceAttributesOf(rules({ groups: ['a'], nested: true }))).toContain('@within:a');
  expect(sourceAttributesOf(objectMapping())).not.toContain('@id');
});

test('people are judged again when the assignment in the rules changes, as far as they fare differently', () => {
  const judged = (attributes: Record<string, boolean>, earlier: Partial<Assigned>, now: Partial<Assigned>) =>
    wantTheSame({ change: 'again', attributes: { ...person(), ...attributes } }, true, rules(earlier), rules(now));
  expect(judged({ '@member:a': true }, { groups: ['a'] }, { groups: ['a', 'b'] })).toBe(true);
  expect(judged({ '@member:a': true }, { groups: ['a'] }, { groups: ['b'] })).toBe(false);
  expect(judged({ '@member:b': true }, { groups: ['a'] }, { groups: ['a', 'b'] })).toBe(false);
});
