import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PersonFound } from '@provident/contracts';
import { Projector, Story, type TestReadModels, testReadModels } from '@provident/projection/testing';

import { findPeople } from './index.js';

let models: TestReadModels;

beforeAll(async () => {
  models = await testReadModels();
  const people = ['Zoë Müller', 'Zoe Mulligan', 'Peter van der Berg', "Sean O'Neil"].map((name, i) => ({
    plot: 'joiner' as const,
    id: `E-${i}`,
    name,
  }));
  const { events } = new Story().configured().cycle(people, { kind: 'initial' });
  await new Projector(models.connection, 'log').project(events);
}, 120_000);
afterAll(() => models?.close());

const found = async (search: string, limit = 20) =>
  (await findPeople(models.dataSource, search, limit)).map(({ displayName }) => displayName);

test.each([
  ['zoe mu', ['Zoe Mulligan', 'Zoë Müller']],
  ['ZOË  MÜLL', ['Zoe Mulligan', 'Zoë Müller']],
  ['müller', ['Zoë Müller']],
  ['der berg', ['Peter van der Berg']],
  ["o'n", ["Sean O'Neil"]],
  ['e-1@ACME', ['Zoe Mulligan']],
  ['E-2', ['Peter van der Berg']],
  ['w-E-3', ["Sean O'Neil"]],
  ['w-e-3', []],
  ['%', []],
  ['  ', []],
])('"%s" finds %j', async (search, names) => expect((await found(search)).sort()).toEqual([...names].sort()));

test('no more than asked for, each as its latest change shows it', async () => {
  expect(await found('e', 2)).toHaveLength(2);
  const [person] = await findPeople(models.dataSource, 'müller', 1);
  expect(PersonFound.parse(person)).toEqual({
    jobId: 'hr-to-wiki',
    objectType: 'user',
    sourceId: 'E-0',
    targetId: 'w-E-0',
    displayName: 'Zoë Müller',
    matchingValue: 'E-0@Acme.test',
  });
});
