import type { LogFilters } from '../../api/export-log.js';
import type { Search } from '../../shared/location.js';
import { ranges } from '../../shared/ranges.js';

export const statuses = ['success', 'failure', 'skipped', 'warning', 'in-progress'] as const;
export const activities = ['import', 'synchronization-rule', 'export', 'process-escrow'] as const;

export type Filters = LogFilters;

const oneOf = (given: string | undefined, allowed: readonly string[]): string | undefined =>
  allowed.includes(given ?? '') ? given : undefined;
const instant = (given: string | undefined): string | undefined =>
  given !== undefined && !Number.isNaN(Date.parse(given)) ? new Date(given).toISOString() : undefined;

/** What an address asks of the log. What makes no sense in it is left out, as if it were not there. */
export function filtersOf(search: Search, now: number): Filters {
  const ms = ranges[search['range'] ?? ''];
  return {
    user: search['user'] || undefined,
    job: search['job'] || undefined,
    status: oneOf(search['status'], statuses),
    activity: oneOf(search['activity'], activities),
    since: ms === undefined ? instant(search['since']) : new Date(now - ms).toISOString(),
    until: ms === undefined ? instant(search['until']) : undefined,
  };
}

/** Where the log is opened, by the address: not a filter, for what is newer is there as well. Undefined: with the newest. */
export const startOf = (search: Search): string | undefined => instant(search['at']);

/** The choice in the list of time ranges that an address stands for. */
export function rangeOf(search: Search): string {
  const range = search['range'] ?? '';
  if (range in ranges || range === 'custom') return range;
  return search['since'] || search['until'] ? 'custom' : '';
}

export const filterNames = ['user', 'job', 'status', 'activity', 'range', 'since', 'until'] as const;
