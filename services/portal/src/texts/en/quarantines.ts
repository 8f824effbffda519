import { counted } from './counted.js';

/** Words of past quarantines. */
export const quarantinesTexts = {
  title: 'Quarantines, newest first',
  from: 'From',
  until: 'Until',
  lasts: 'lasts',
  disabled: 'lasts; the job was stopped',
  reason: 'Reason',
  found: 'Found unhealthy',
  times: (count: number) => counted(count, 'time', 'times'),
  endedBy: 'Ended by',
  otherReason: 'another reason',
  told: 'Who was told',
  nobodyTold: 'No notice was sent. A job tells people by mail or webhook when its settings name them.',
  at: 'When',
  notice: 'Notice',
  channel: 'By',
  outcome: 'Result',
  kinds: {
    'quarantine-entered': 'Quarantine began',
    'quarantine-changed': 'Another reason',
    'quarantine-left': 'Quarantine ended',
    'job-disabled': 'Job stopped',
  },
  channels: { email: 'mail', webhook: 'webhook' },
  states: { sent: 'Sent', retrying: 'Tried again', 'given-up': 'Given up' },
  attempts: (count: number) => `after ${counted(count, 'attempt', 'attempts')}`,
  nextAttempt: 'next',
} as const;
