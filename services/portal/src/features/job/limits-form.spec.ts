import { expect, test } from '@jest/globals';

import { limitsFormOf, limitsOf } from './limits-form.js';

const full = {
  schedule: { every: '40m', cron: '0 3 * * *', zone: 'Europe/Berlin', paused: true, drift: { every: '7d', mode: 'report' } },
  thresholds: {
    removals: {
      count: 500,
      percent: 12.5,
      atLeast: 0,
      disables: { percent: 5 },
      deletes: { count: 100 },
      memberships: { percent: 30, atLeast: 2 },
      source: { percent: 25 },
    },
    failures: { percent: 40 },
  },
};

test.each([{}, { schedule: { paused: true } }, { thresholds: { failures: { percent: 40 } } }, full])(
  '%j is the same once it was shown and taken over',
  (definition) => {
    const { schedule, thresholds } = limitsOf(limitsFormOf(definition), definition);
    expect({ ...(schedule && { schedule }), ...(thresholds && { thresholds }) }).toEqual(definition);
  },
);

test('what is typed is written; what is emptied is left to what holds by default', () => {
  const form = limitsFormOf(full);
  const { removals, deletes } = form.limits;
  const changed = {
    ...form,
    when: 'every' as const,
    every: ' 15m ',
    zone: '',
    limits: { ...form.limits, removals: { ...removals, count: '', percent: ' 10 ' }, deletes: { ...deletes, count: ' ' } },
  };
  const { count: _count, deletes: _deletes, ...others } = full.thresholds.removals;
  expect(limitsOf(changed, full)).toEqual({
    schedule: { every: '15m', paused: true, drift: { every: '7d', mode: 'report' } },
    thresholds: { removals: { ...others, percent: 10 }, failures: { percent: 40 } },
  });
});

test('what is no number is sent as it is typed, for the check to say so', () => {
  const form = limitsFormOf(full);
  const { thresholds } = limitsOf({ ...form, limits: { ...form.limits, source: { count: '7', percent: '10 %', atLeast: '' } } }, full);
  expect(thresholds).toMatchObject({ removals: { source: { percent: '10 %' } } });
  expect(thresholds).not.toHaveProperty('removals.source.count');
});

test('a cron expression that is wanted and not given is for the check to miss', () => {
  expect(limitsOf({ ...limitsFormOf({}), when: 'cron' }, {}).schedule).toEqual({ cron: '' });
});
