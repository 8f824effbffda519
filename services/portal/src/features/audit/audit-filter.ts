import type { Search } from '../../shared/location.js';
import { ranges, sinceOf } from '../../shared/ranges.js';

/** What happens to objects, in the words of the audit log: everything else is about jobs and the installation. */
export const objectActivities = ['Import', 'Synchronization rule action', 'Export', 'Process escrow'] as const;
export const otherActivities = [
  'Add provisioning configuration',
  'Update attribute mappings or scope',
  'Update provisioning setting or credentials',
  'Enable/start provisioning configuration',
  'Enable/restart provisioning configuration',
  'Disable/pause provisioning configuration',
  'Delete provisioning configuration',
  'Quarantine',
  'Other',
] as const;

export const filterNames = ['what', 'who', 'on', 'result', 'range', 'since', 'until'] as const;

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** What an address asks of the audit log, as an OData filter. What makes no sense in it is left out. Pure. */
export function auditFilter(search: Search, now: number): string {
  const { what = 'administration', who, on, result, range = '', since, until } = search;
  const known: readonly string[] = [...objectActivities, ...otherActivities];
  const from = range in ranges ? sinceOf(range, now) : instant(since);
  const to = range in ranges ? undefined : instant(until);
  return [
    ...(what === 'administration' ? objectActivities.map((each) => `activityDisplayName ne ${quoted(each)}`) : []),
    ...(known.includes(what) ? [`activityDisplayName eq ${quoted(what)}`] : []),
    ...(who ? [`initiatedBy/user/displayName eq ${quoted(who)}`] : []),
    ...(on ? [`targetResources/any(t: t/displayName eq ${quoted(on)})`] : []),
    ...(result === 'success' || result === 'failure' ? [`result eq ${quoted(result)}`] : []),
    ...(from === undefined ? [] : [`activityDateTime ge ${from}`]),
    ...(to === undefined ? [] : [`activityDateTime le ${to}`]),
  ].join(' and ');
}

const instant = (given: string | undefined): string | undefined =>
  given !== undefined && !Number.isNaN(Date.parse(given)) ? new Date(given).toISOString() : undefined;
