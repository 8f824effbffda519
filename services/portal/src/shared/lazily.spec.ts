import { expect, test } from '@jest/globals';

import { loaded, type Surroundings } from './lazily.js';

/** A server that comes back after so many tries, and whether it has the part then. */
function world({ awayFor = 0, hasPart = true, mayReload = true }) {
  const did: string[] = [];
  let left = awayFor;
  const surroundings: Surroundings = {
    answers: async () => left <= 0,
    pause: async () => void (did.push('paused'), left--),
    reload: () => (did.push('reloaded'), mayReload),
  };
  const load = async (): Promise<string> => {
    if (left > 0 || !hasPart) throw new Error('not found');
    return 'the part';
  };
  return { did, part: () => loaded(load, surroundings) };
}

test('a part comes at once from a server that has it', async () => {
  const { did, part } = world({});
  expect([await part(), did]).toEqual(['the part', []]);
});

test('a server that is away is asked again until it is back', async () => {
  const { did, part } = world({ awayFor: 3 });
  expect([await part(), did]).toEqual(['the part', ['paused', 'paused', 'paused']]);
});

test('a server of another version, which has it no more, is met by loading the page anew', async () => {
  const { did, part } = world({ awayFor: 1, hasPart: false });
  void part();
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  expect(did).toEqual(['paused', 'reloaded']);
});

test('the failure is told when that was done already', async () => {
  await expect(world({ hasPart: false, mayReload: false }).part()).rejects.toThrow('not found');
});
