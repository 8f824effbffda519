import { formatNumber } from '../../shared/format.js';
import { counted } from './counted.js';

const removals = (count: number): string => counted(count, 'removal', 'removals');

/** Words of removals that wait for a person. */
export const heldTexts = {
  title: (count: number) => (count === 1 ? '1 removal waits for you' : `${removals(count)} wait for you`),
  lead: 'Choose by name. Released ones are done now and cannot be taken back here; rejected ones are let be until something about them or the rules changes.',
  guardsTitle: 'What holds them',
  pageOf: (from: number, to: number, whole: number) => `${formatNumber(from)} to ${formatNumber(to)} of ${formatNumber(whole)}`,
  previous: 'Previous ones',
  next: 'Next ones',
  chosen: (count: number) => `${formatNumber(count)} chosen`,
  column: { choose: 'Choose', who: 'Who', what: 'What', why: 'Why', since: 'Held' },
  kind: { disable: 'Disable the account', delete: 'Delete the account', membership: 'Take members out' },
  all: 'Choose all of these',
  choose: (name: string) => `Choose ${name}`,
  named: (name: string, id: string) => `${name} (${id})`,
  release: 'Release the chosen ones',
  reject: 'Reject the chosen ones',
  releaseTitle: (count: number) => `Release ${removals(count)}?`,
  releaseText: (names: string) => `They are done now, and this cannot be taken back here: ${names}.`,
  rejectTitle: (count: number) => `Reject ${removals(count)}?`,
  rejectText: (names: string) => `These accounts stay as they are: ${names}.`,
  andMore: (count: number) => `and ${String(count)} more`,
} as const;
