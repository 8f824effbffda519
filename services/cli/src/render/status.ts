import type { JobStatusView } from '@provident/contracts';

import { typed } from '../places.js';
import { counted, formatDistance, formatInstant, formatNumber } from './format.js';
import { renderCycle, renderTally } from './cycle.js';
import { paceText, rateText } from './pace.js';
import { renderFields } from './table.js';
import { printable } from './text.js';

export interface StatusOptions {
  readonly now: number;
  readonly timeZone?: string | undefined;
}

type Field = readonly [name: string, value: string];

export const stateText: Record<JobStatusView['state'], string> = {
  'not-run': 'has not run yet',
  active: 'active',
  paused: 'paused',
  stopped: 'stopped',
  quarantine: 'in quarantine',
  disabled: 'disabled',
};

/** The summary report of a job. */
export function renderStatus(status: JobStatusView, options: StatusOptions): string {
  const title = `${printable(status.name)}${status.name === status.jobId ? '' : ` (${status.jobId})`}, revision ${status.revision}: ${stateText[status.state]}`;
  const fields = [
    ...(status.wrongLog === undefined ? [] : [['stands still', printable(status.wrongLog)] as const]),
    ...healthFields(status, options),
    ['initial cycle', status.initialCycleCompleted ? 'complete' : 'not complete yet'],
    ['in scope', byType(status.inScope)],
    ['with account', byType(status.linked)],
    ...(status.pace ? [['target', paceText(status.pace, options.now)] as const] : []),
    ...(status.rate ? [['rate limit', rateText(status.rate)] as const] : []),
    ...cycleFields(status, options),
    ['escrows', escrowText(status)],
    ...heldFields(status),
    ...freshnessFields(status),
    ...(status.isLogVolatile ? [['the log', 'may lose acknowledged events in a power cut (NATS_SYNC=waived)'] as const] : []),
  ] as const;
  return [title, `${printable(status.source)} → ${printable(status.target)}`, '', renderFields(fields)].join('\n');
}

function healthFields({ quarantine, state, jobId }: JobStatusView, { now, timeZone }: StatusOptions): Field[] {
  if (!quarantine) return [];
  if (state === 'disabled')
    return [
      [
        'disabled',
        `in quarantine since ${formatInstant(quarantine.beganAt, timeZone)} (${quarantine.reason}): ${printable(quarantine.message)}`,
      ],
      ['', `mend it, then: ${typed(`start ${jobId}`)}`],
    ];
  // Made already, where only a person ends it: the next cycle is one like any other, and stands below.
  const isAhead = Date.parse(quarantine.nextAttemptAt) > now;
  const next = isAhead
    ? `, next attempt ${formatInstant(quarantine.nextAttemptAt, timeZone)} (${formatDistance(quarantine.nextAttemptAt, now)})`
    : '';
  return [
    ['quarantine', `${quarantine.reason}: ${printable(quarantine.message)}`],
    ['', `since ${formatInstant(quarantine.beganAt, timeZone)}, found unhealthy ${counted(quarantine.count, 'time')}${next}`],
    ['', `once it is mended: ${typed(`start ${jobId}`)}`],
  ];
}

function cycleFields(status: JobStatusView, { now, timeZone }: StatusOptions): Field[] {
  const { running, lastCycle, nextCycleAt } = status;
  const last: Field[] = lastCycle
    ? [
        ['last cycle', renderCycle(lastCycle, timeZone)],
        ['', renderTally(lastCycle)],
      ]
    : [['last cycle', 'none yet']];
  const current: Field[] = running
    ? [
        ['running', renderCycle(running, timeZone)],
        ['', renderTally(running)],
      ]
    : [];
  const next = nextCycleAt === null ? nextText(status) : `${formatInstant(nextCycleAt, timeZone)} (${formatDistance(nextCycleAt, now)})`;
  return [...current, ...last, ['last clean', formatInstant(status.lastSucceededAt, timeZone)], ['next cycle', next]];
}

const nextText = ({ state, running, jobId }: JobStatusView): string => {
  if (running && state !== 'paused' && state !== 'stopped') return 'after the running one';
  const waits = state === 'paused' || state === 'stopped' || state === 'disabled';
  return waits ? `none while the job is ${state}: ${typed(`start ${jobId}`)}` : 'not planned yet';
};

function escrowText({ escrows, givenUp, jobId }: JobStatusView): string {
  if (escrows + givenUp === 0) return 'none';
  const parts = [
    ...(escrows > 0 ? [`${counted(escrows, 'object')} failed and will be tried again`] : []),
    ...(givenUp > 0 ? [`${counted(givenUp, 'object')} given up`] : []),
  ];
  return `${parts.join(', ')}: ${typed(`causes ${jobId}`)}`;
}

function heldFields({ heldRemovals, jobId }: JobStatusView): Field[] {
  if (!heldRemovals) return [];
  const { proposed, linked, threshold, cycleId, guards } = heldRemovals;
  const why = guards.length > 0 ? `: ${printable(threshold)}` : ` of ${counted(linked, 'account')} (threshold ${printable(threshold)})`;
  return [
    ['held removals', `${formatNumber(proposed)}${why}`],
    ['', `look at them: ${typed(`held ${jobId}`)}`],
    ['', `do them: ${typed(`release ${jobId} ${cycleId}`)}, or let them be: ${typed(`reject ${jobId} ${cycleId}`)}`],
  ];
}

function freshnessFields({ freshness: { position, head } }: JobStatusView): Field[] {
  const behind = head - position;
  return behind > 0 ? [['behind the log', counted(behind, 'event')]] : [];
}

function byType(counts: Record<string, number>): string {
  const entries = Object.entries(counts);
  return entries.length === 0 ? 'none' : entries.map(([type, count]) => counted(count, printable(type))).join(', ');
}
