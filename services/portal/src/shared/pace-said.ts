import type { PaceView, RateView } from '@provident/contracts/http';

import { paceTexts } from '../texts/en/pace.js';
import { formatDuration } from './format.js';

/** Why a job does not go faster: how much of what its target allows is used, the scarcest first, or how long the target wants to be left alone. */
export function paceSaid({ limits, learned, pausedUntil }: PaceView, now: number): string {
  const leftMs = pausedUntil === null ? 0 : Date.parse(pausedUntil) - now;
  if (leftMs > 0) return paceTexts.paused(formatDuration(Math.ceil(leftMs / 1_000) * 1_000));
  const scarcestFirst = [...limits].sort((one, other) => other.used / other.requests - one.used / one.requests);
  return paceTexts.limited(scarcestFirst.map(limitSaid).join(', '), learned === 'guessed');
}

const units: Readonly<Record<number, string>> = paceTexts.units;

function limitSaid({ requests, perMs, of, used }: PaceView['limits'][number]): string {
  if (perMs === 0) return paceTexts.atOnce(used, requests);
  return paceTexts.ofLimit(used, requests, paceTexts.kinds[of], units[perMs] ?? formatDuration(perMs));
}

/** What a target allows, how that is known and how much of it is used, and how often it refused. */
export function rateSaid({ limits, waiting, answered, refused }: RateView): string {
  const parts = limits.map((limit) => paceTexts.known(limitSaid(limit), limit.from));
  if (waiting > 0) parts.push(paceTexts.waiting(waiting));
  return [...parts, paceTexts.refused(refused, answered)].join(paceTexts.between);
}
