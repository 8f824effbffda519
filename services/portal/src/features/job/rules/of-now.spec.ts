import { expect, test } from '@jest/globals';

import type { ObjectRules } from '../../../shared/revisions.js';
import { ofNow } from './of-now.js';

const is = (attribute: string, value: string) => ({ attribute, operator: 'EQUALS', value });
const rules = (part: Partial<ObjectRules>): ObjectRules => ({ type: 'user', attributes: [], ...part }) as ObjectRules;
const tried = rules({
  scope: [{ name: 'Employees', all: [is('kind', 'employee'), is('status', 'active')] }],
  attributes: [
    { target: 'userName', source: 'mail' },
    { target: 'title', source: 'title' },
    { target: 'locale', source: 'language' },
  ],
});
const view = {
  clauses: ['kind', 'status'].map((clause) => ({ filter: 'Employees', clause, actual: 'x', holds: true })),
  active: { clause: 'status', actual: 'x', holds: true },
  mappings: ['userName', 'title', 'locale'].map((target) => ({ target, value: `of ${target}`, from: 'source' as const, error: null })),
};
const shown = (now: ObjectRules) => {
  const { clauses, mappings } = ofNow(view, tried, now);
  return [clauses.map((each) => each?.clause), mappings.map((each) => each?.value)];
};

test('what was found goes with its mapping and its condition when others are taken away or moved', () => {
  expect(shown(tried)).toEqual([
    ['kind', 'status'],
    ['of userName', 'of title', 'of locale'],
  ]);
  const [userName, title, locale] = tried.attributes;
  const fewer = rules({ scope: [{ name: 'Renamed', all: [is('status', 'active')] }], attributes: [locale!, userName!] });
  expect(shown(fewer)).toEqual([['status'], ['of locale', 'of userName']]);
  expect(shown(rules({ scope: [], attributes: [title!, locale!] }))).toEqual([[], ['of title', 'of locale']]);
});

test('of what is new or was changed nothing is known yet', () => {
  const [userName, title] = tried.attributes;
  const changed = rules({
    assigned: { people: ['1'] },
    scope: [{ name: 'Employees', all: [is('kind', 'staff'), is('status', 'active')] }],
    attributes: [userName!, { ...title!, default: 'none' }, { target: 'nickName', source: 'nick' }],
  } as Partial<ObjectRules>);
  expect(shown(changed)).toEqual([
    [undefined, undefined, 'status'],
    ['of userName', undefined, undefined],
  ]);
});

test('whether somebody is active is known as long as that condition is the same', () => {
  expect(ofNow(view, tried, rules({})).active).toEqual(view.active);
  expect(ofNow(view, tried, rules({ active: is('status', 'present') } as Partial<ObjectRules>)).active).toBeUndefined();
});
