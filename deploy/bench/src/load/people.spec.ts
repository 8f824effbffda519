import { expect, test } from '@jest/globals';

import { accountsOf } from './job.js';
import { changeTitles, isWanted, makePeople } from './people.js';

test.each([10, 99, 100, 2_000, 20_001])('%i users: so many get an account, and one in a hundred more of each kind get none', (users) => {
  const people = makePeople(users);
  const aside = Math.ceil(users / 100);
  expect(people.filter(isWanted)).toHaveLength(users);
  expect(people.filter(({ employment }) => employment === 'contractor')).toHaveLength(aside);
  expect(people.filter(({ status }) => status === 'inactive')).toHaveLength(aside);
  expect(new Set(people.map(({ employeeId }) => employeeId)).size).toBe(people.length);
});

test.each([1, 7, 200])('%i rows are changed, and all of them are of people with an account', (count) => {
  const people = makePeople(400);
  const changed = changeTitles(people, count);
  expect(changed.filter((each, at) => each.title !== people[at]!.title)).toHaveLength(count);
  const titles = accountsOf(people).map(({ title }) => title);
  expect(accountsOf(changed).filter(({ title }, at) => title !== titles[at])).toHaveLength(count);
});
