import { expect, test } from '@jest/globals';

import { auditFilter } from './audit-filter.js';

const now = Date.parse('2026-11-22T12:00:00Z');

test('without a choice what happens to single objects is left out', () => {
  expect(auditFilter({}, now)).toBe(
    "activityDisplayName ne 'Import' and activityDisplayName ne 'Synchronization rule action' and activityDisplayName ne 'Export' and activityDisplayName ne 'Process escrow'",
  );
});

test('every choice is a condition, and quotes in names are doubled', () => {
  expect(auditFilter({ what: 'Export', who: "o'neil", on: 'Wiki', result: 'failure', range: '1h' }, now)).toBe(
    "activityDisplayName eq 'Export' and initiatedBy/user/displayName eq 'o''neil' and targetResources/any(t: t/displayName eq 'Wiki') and result eq 'failure' and activityDateTime ge 2026-11-22T11:00:00.000Z",
  );
});

test('what makes no sense is left out', () => {
  expect(auditFilter({ what: 'everything', result: 'maybe', since: 'yesterday' }, now)).toBe('');
});
