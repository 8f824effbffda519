import { formatNumber } from '../../shared/format.js';

/** Words of what holds a job up at its target. */
export const paceTexts = {
  limited: (limits: string, isGuessed: boolean) => `Limited by the target: ${limits}${isGuessed ? ' (found out by its refusals)' : ''}`,
  paused: (wait: string) => `Waiting ${wait} because the target asked for it`,
  kinds: { all: 'requests', reads: 'reads', writes: 'writes' },
  rate: 'What the target allows',
  known: (limit: string, from: 'declared' | 'announced' | 'guessed') =>
    `${limit} (${{ declared: 'declared', announced: 'as it announces', guessed: 'found out by its refusals' }[from]})`,
  waiting: (waiting: number) => `${formatNumber(waiting)} waiting`,
  refused: (refused: number, answered: number) =>
    refused === 0 ? 'never refused in 24 h' : `${formatNumber(refused)} of ${formatNumber(answered)} requests refused in 24 h`,
  between: ', ',
  units: { 1_000: 'a second', 60_000: 'a minute', 3_600_000: 'an hour', 86_400_000: 'a day' },
  ofLimit: (used: number, requests: number, kind: string, unit: string) =>
    `${formatNumber(used)} of ${formatNumber(requests)} ${kind} ${unit.startsWith('a') ? unit : `in ${unit}`}`,
  atOnce: (used: number, requests: number) => `${formatNumber(used)} of ${formatNumber(requests)} requests at once`,
} as const;
