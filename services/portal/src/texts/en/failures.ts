import { counted } from './counted.js';

const operations: Record<string, string> = {
  import: 'Reading from the source',
  evaluate: 'Applying the rules',
  create: 'Creating the account',
  update: 'Updating the account',
  disable: 'Disabling the account',
  delete: 'Deleting the account',
};

/** Words of failures and what helps. */
export const failuresTexts = {
  none: 'Nobody fails.',
  noneHint: 'Objects that fail are kept here until they succeed, with the reason and what helps.',
  causes: (count: number, kept: number) => `${counted(kept, 'object fails', 'objects fail')} for ${counted(count, 'reason', 'reasons')}`,
  lead: 'Each reason stands here once, whoever fails for it. Correct it, then try them again; they are also tried by themselves, less and less often, and at once when they change in the source.',
  objects: (count: number) => counted(count, 'object', 'objects'),
  what: 'What failed',
  operation: (operation: string, attribute: string | null) => {
    const verb = operations[operation] ?? operation;
    return attribute === null ? verb : `${verb}, at the attribute ${attribute}`;
  },
  remedy: 'What helps',
  since: 'Since',
  last: 'Last',
  attempts: (count: number) => counted(count, 'failed attempt', 'failed attempts'),
  givenUp: 'Given up',
  examples: 'For example',
  retry: 'Retry',
  retryNow: 'Retry now',
  retryAll: 'Retry all',
  retryThese: 'Retry these',
  retryOne: (name: string) => `Retry ${name}`,
  retryTitle: (count: number) => `Try ${counted(count, 'object', 'objects')} again now?`,
  retryOneTitle: (name: string) => `Try ${name} again now?`,
  retryText: (target: string) =>
    `What is true in the source now is written to ${target} as the rules say. Whoever was given up is tried too. Who fails again is kept again.`,
  onlyThese: 'Show only these below',
  kept: 'Objects that are kept',
  keptNone: 'Nobody is kept for this reason any more.',
  object: 'Object',
  state: 'State',
  states: { waiting: 'Waits', trying: 'Being tried', 'given-up': 'Given up' },
  next: 'Next attempt',
  noNext: { waiting: '', trying: 'now', 'given-up': 'none by itself' },
  retries: 'Retries',
  cause: 'Why',
  failedSince: 'Fails since',
  again: 'Again',
  more: 'Load more',
} as const;
