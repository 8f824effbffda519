import { expect, test } from '@jest/globals';
import type { JobStatusView } from '@provident/contracts/http';

import { choicesForUnknown, choicesOf } from './choices.js';

const jobs = new Map(
  [
    { jobId: 'wiki', name: 'Staff to the wiki', target: 'Wiki' },
    { jobId: 'mail', name: '', target: 'Mail' },
  ].map((job) => [job.jobId, job as JobStatusView]),
);
const known = { jobId: 'wiki', objectType: 'user', sourceId: '7', targetId: 'w-7' };

test('a job is offered once for each object that it knows, by the id that it knows', () => {
  expect(choicesOf([known, known, { ...known, jobId: 'mail', sourceId: null, targetId: 'm-7' }], jobs)).toEqual([
    { jobId: 'wiki', objectType: 'user', id: '7', job: 'Staff to the wiki', target: 'Wiki' },
    { jobId: 'mail', objectType: 'user', id: 'm-7', job: 'mail', target: 'Mail' },
  ]);
});

test('what has no id cannot be asked for; a job that is not known is called by its id', () => {
  expect(choicesOf([{ ...known, sourceId: null, targetId: null }], jobs)).toEqual([]);
  expect(choicesOf([{ ...known, jobId: 'gone' }], jobs)).toMatchObject([{ job: 'gone', target: null }]);
});

test('every job is offered for somebody whom none has delivered yet', () => {
  expect(choicesForUnknown('9', jobs).map(({ jobId, id }) => `${jobId} ${id}`)).toEqual(['wiki 9', 'mail 9']);
});
