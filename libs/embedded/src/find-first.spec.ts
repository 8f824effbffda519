import { expect, test } from '@jest/globals';
import { type Candidate, findFirst, Refusal } from './find-first.js';
import { natsCandidates } from './nats/find-nats.js';
import { postgresCandidates } from './postgres/find-postgres.js';

const has = (source: string): Candidate<{ source: string }> => ({ source, find: async () => ({ source }) });
const hasNot = (source: string, reason: string, isFinal = false): Candidate<{ source: string }> => ({
  source,
  find: async () => new Refusal(reason, isFinal),
});

test('the first place that has something is taken', async () => {
  expect(await findFirst('server', [hasNot('configured path', 'not set'), has('PATH'), has('npm package')], '')).toEqual({
    source: 'PATH',
  });
});

test('when no place has anything, every attempt and the remedy are named', async () => {
  const broken: Candidate<object> = { source: 'cache', find: () => Promise.reject(new Error('disk on fire')) };
  await expect(findFirst('NATS server', [hasNot('PATH', '2.10.27 is too old'), broken], 'Remedy: install it.')).rejects.toThrow(
    'No NATS server found. Tried, in this order:\n  PATH: 2.10.27 is too old\n  cache: disk on fire\nRemedy: install it.',
  );
});

test('a place the operator has named is not passed over', async () => {
  await expect(findFirst('server', [hasNot('configured path', 'X is too old.', true), has('PATH')], '')).rejects.toThrow(
    /^X is too old\.$/,
  );
});

test('PostgreSQL is looked for in the order of the design', () => {
  expect(postgresCandidates({}).map(({ source }) => source)).toEqual(['configured path', 'PATH', 'npm package', 'container engine']);
});

test('NATS is looked for in the order of the design', () => {
  expect(natsCandidates({}).map(({ source }) => source)).toEqual([
    'configured path',
    'PATH',
    'fetched before',
    'container engine',
    'pinned release download',
    "operating system's package archive",
  ]);
});
