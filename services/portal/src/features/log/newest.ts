import type { LogEntryView, LogPageView } from '@provident/contracts/http';

/** An entry as it was at one time: a new step moves it to the top. */
const stateOf = ({ changeId, at }: LogEntryView): string => `${changeId} ${at}`;

/**
 * Loaded pages with the newest page on top of them; entries that moved up are not shown twice.
 * Null when the newest page does not reach down to what is loaded: there is a gap, and everything has to be loaded anew.
 */
export function withNewest(pages: readonly LogPageView[], newest: LogPageView): LogPageView[] | null {
  const known = new Set(pages.flatMap(({ entries }) => entries.map(stateOf)));
  if (newest.next !== null && !newest.entries.some((entry) => known.has(stateOf(entry)))) return null;
  const fresh = new Set(newest.entries.map(({ changeId }) => changeId));
  const rest = pages.map((page) => ({ ...page, entries: page.entries.filter(({ changeId }) => !fresh.has(changeId)) }));
  const [first = { entries: [], next: null }, ...others] = rest;
  return [{ ...first, entries: [...newest.entries, ...first.entries] }, ...others];
}
