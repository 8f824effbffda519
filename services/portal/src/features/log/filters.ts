import type { LogAsked } from '../../api/find-log.js';
import type { Search } from '../../shared/location.js';

/** Presets of the time range, in milliseconds. */
export const ranges: Readonly<Record<string, number>> = { '1h': 3_600_000, '24h': 86_400_000, '7d': 604_800_000, '30d': 2_592_000_000 };

export const statuses = ['success', 'failure', 'skipped', 'warning', 'in-progress'] as const;
export const activities = ['import', 'synchronization-rule', 'export', 'process-escrow'] as const;

export type Filters = Omit<LogAsked, 'limit' | 'cursor'>;

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

/** The choice in the list of time ranges that an address stands for. */
export function rangeOf(search: Search): string {
  const range = search['range'] ?? '';
  if (range in ranges || range === 'custom') return range;
  return search['since'] || search['until'] ? 'custom' : '';
}

export const filterNames = ['user', 'job', 'status', 'activity', 'range', 'since', 'until'] as const;

/** A field for date and time shows the reader's own zone; the address says UTC. */
export function toLocalField(iso: string | undefined): string {
  if (iso === undefined || Number.isNaN(Date.parse(iso))) return '';
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export const fromLocalField = (local: string): string | undefined => (local === '' ? undefined : new Date(local).toISOString());
