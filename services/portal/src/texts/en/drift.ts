import { formatNumber } from '../../shared/format.js';
import { counted } from './counted.js';

/** Those who are named, and that there are more. */
const named = (count: number, some: readonly string[]): string => `${some.join(', ')}${count > some.length ? ' …' : ''}`;

/** Words of what was changed by hand in the target. */
export const driftTexts = {
  lead: 'A cycle decides about whom the source tells anew. What somebody changes by hand in the target is seen only when a cycle looks for it.',
  look: 'Look for drift',
  lookHint: 'Compares every account with what the rules expect, and tells what differs. Nothing is written.',
  repair: 'Change it back…',
  repairTitle: 'Look for drift and change it back?',
  repairText: (target: string) =>
    `Every account in ${target} is compared with what the rules expect. What differs is written anew, and accounts that are wanted are enabled again. Removals are counted and held as always.`,
  repairNow: 'Look and change back',
  isRunning: 'A cycle is running. What it finds appears here.',
  never: 'No cycle has looked for drift yet.',
  ofCycle: 'Looked at',
  summary: (differ: number, checked: number, vanished: number, unasked: number, groups = 0) =>
    [
      `${formatNumber(differ)} of ${counted(checked, 'account', 'accounts')} ${differ === 1 ? 'differs' : 'differ'}`,
      ...(vanished > 0 ? [`${formatNumber(vanished)} ${vanished === 1 ? 'is' : 'are'} gone`] : []),
      ...(groups > 0 ? [`the members of ${counted(groups, 'group', 'groups')} were changed`] : []),
      ...(unasked > 0 ? [`the target did not tell of ${formatNumber(unasked)}`] : []),
    ].join(', '),
  clean: 'Every account that was looked at is as the rules expect it.',
  found: 'What was changed by hand',
  object: 'Account of',
  state: 'Account',
  values: 'Expected and found',
  repaired: 'Changed back',
  account: {
    differs: 'Values differ',
    disabled: 'Disabled, though wanted',
    enabled: 'In use, though it was disabled',
    vanished: 'Gone from the target',
  },
  members: 'Members changed',
  missing: (count: number, some: readonly string[]) => `${counted(count, 'member', 'members')} taken out: ${named(count, some)}`,
  added: (count: number, some: readonly string[]) => `${counted(count, 'member', 'members')} put in, who stay: ${named(count, some)}`,
  expected: (attribute: string) => `${attribute}: expected`,
  butFound: 'found',
  repair_: {
    report: 'No: it was only told',
    success: 'Yes',
    failure: 'No: it failed',
    warning: 'In part',
    skipped: 'No: it was skipped',
    'in-progress': 'Under way',
    none: 'Not yet',
  } as const,
  more: 'Load more',
  scheduleTitle: 'By itself',
  schedule: 'What cycles do from time to time',
  modes: {
    never: 'Nothing: they look only when somebody asks',
    report: 'Look for drift, and tell it',
    repair: 'Look for drift, and change it back',
  },
  every: 'How often',
  everyHint: 'Such as 12h, 7d or 4w: the first cycle that opens so long after the last look takes it.',
  apply: 'Apply',
} as const;
