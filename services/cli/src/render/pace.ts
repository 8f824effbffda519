import type { PaceView, RateView } from '@provident/contracts';

import { counted, formatDuration, formatNumber } from './format.js';

const units: Readonly<Record<number, string>> = { 1_000: 's', 60_000: 'min', 3_600_000: 'h', 86_400_000: 'day' };
const kinds = { all: 'requests', reads: 'reads', writes: 'writes' } as const;

/** Why a job does not go faster: `limited by the target: 97 of 100 requests/min`, `waiting 30 s because the target asked`. */
export function paceText({ limits, learned, pausedUntil }: PaceView, now: number): string {
  const leftMs = pausedUntil === null ? 0 : Date.parse(pausedUntil) - now;
  if (leftMs > 0) return `waiting ${formatDuration(Math.ceil(leftMs / 1_000) * 1_000)} because the target asked`;
  const texts = [...limits].sort((a, b) => b.used / b.requests - a.used / a.requests).map(limitText);
  return `limited by the target: ${texts.join(', ')}${learned === 'guessed' ? ' (found out by its refusals)' : ''}`;
}

function limitText({ requests, perMs, of, used }: PaceView['limits'][number]): string {
  if (perMs === 0) return `${formatNumber(used)} of ${counted(requests, 'request')} at once`;
  return `${formatNumber(used)} of ${formatNumber(requests)} ${kinds[of]}/${units[perMs] ?? formatDuration(perMs)}`;
}

const known = { declared: 'declared', announced: 'as it announces', guessed: 'found out by its refusals' } as const;

/** What a target allows and how that goes: `60 of 100 requests/min (declared), 3 wait; 1 of 9,000 answers in 24 h was 429`. */
export function rateText({ limits, waiting, answered, refused }: RateView): string {
  const parts = [
    ...limits.map((limit) => `${limitText(limit)} (${known[limit.from]})`),
    ...(waiting > 0 ? [`${formatNumber(waiting)} wait`] : []),
  ];
  const often =
    refused === 0
      ? 'never refused in 24 h'
      : `${formatNumber(refused)} of ${counted(answered, 'answer')} in 24 h ${refused === 1 ? 'was' : 'were'} 429`;
  return [...(parts.length > 0 ? [parts.join(', ')] : []), often].join('; ');
}
