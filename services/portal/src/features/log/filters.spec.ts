import { describe, expect, test } from '@jest/globals';

import { fromLocalField, toLocalField } from '../../shared/local-field.js';
import { filtersOf, rangeOf } from './filters.js';

const now = Date.parse('2026-03-02T10:00:00Z');

describe('an address', () => {
  test('says everything that is asked of the log', () => {
    const asked = {
      user: 'w-1',
      job: 'hr',
      status: 'failure',
      activity: 'export',
      since: '2026-03-01',
      until: '2026-03-02T09:00:00+01:00',
    };
    expect(filtersOf(asked, now)).toEqual({ ...asked, since: '2026-03-01T00:00:00.000Z', until: '2026-03-02T08:00:00.000Z' });
  });

  test('with a range reaches back from now, whatever else it says of time', () => {
    expect(filtersOf({ range: '24h', until: '2020-01-01' }, now)).toMatchObject({ since: '2026-03-01T10:00:00.000Z', until: undefined });
  });

  test('that was mistyped asks for no less than it can', () => {
    const asked = Object.values(filtersOf({ status: 'odd', since: 'monday', range: 'year', activity: '' }, now));
    expect(asked.every((each) => each === undefined)).toBe(true);
  });

  test.each([
    [{}, ''],
    [{ range: '7d' }, '7d'],
    [{ since: '2026-03-01' }, 'custom'],
    [{ range: 'custom' }, 'custom'],
    [{ range: 'odd' }, ''],
  ])('%j shows the range "%s"', (search, range) => expect(rangeOf(search)).toBe(range));
});

test('a field for date and time and the address mean the same instant', () => {
  expect(fromLocalField(toLocalField('2026-03-02T10:30:00.000Z'))).toBe('2026-03-02T10:30:00.000Z');
  expect(toLocalField('monday')).toBe('');
  expect(fromLocalField('')).toBeUndefined();
});
