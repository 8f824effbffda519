import type { CycleView } from '@provident/contracts';

import { formatDuration, formatInstant, formatNumber } from './format.js';
import { printable } from './text.js';

const states: Record<CycleView['state'], string> = {
  running: 'is running',
  succeeded: 'succeeded',
  'entry-level-errors': 'ended with entry-level errors',
  failed: 'failed',
};

/** `initial, succeeded, 2026-11-22 03:54:17, took 12 s` */
export function renderCycle(cycle: CycleView, timeZone?: string): string {
  const took = cycle.closedAt === null ? [] : [`took ${formatDuration(Date.parse(cycle.closedAt) - Date.parse(cycle.openedAt))}`];
  const failure = cycle.failure ? [`${printable(cycle.failure.message)} (${cycle.failure.code})`] : [];
  return [cycle.kind, states[cycle.state], formatInstant(cycle.openedAt, timeZone), ...took, ...failure].join(', ');
}

/** `50 read, 50 imported: 40 created, 0 updated, …` with every outcome, so that they can be added up. */
export function renderTally({ tally, reevaluated }: CycleView): string {
  const outcomes = [
    ['created', tally.created],
    ['updated', tally.updated],
    ['disabled', tally.disabled],
    ['deleted', tally.deleted],
    ['skipped', tally.skipped],
    ['unchanged', tally.unchanged],
    ['failed', tally.escrowed],
    ['held', tally.held],
  ] as const;
  const counts = outcomes.map(([name, count]) => `${formatNumber(count)} ${name}`).join(', ');
  const judged = reevaluated > 0 ? [`${formatNumber(reevaluated)} judged by new rules`] : [];
  return `${[`${formatNumber(tally.read)} read`, ...judged, `${formatNumber(tally.imported)} imported`].join(', ')}: ${counts}`;
}
