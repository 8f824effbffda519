import type { SimulatedAction } from '@provident/contracts/http';

import { formatNumber } from '../../shared/format.js';

const people = (count: number): string => `${formatNumber(count)} ${count === 1 ? 'object' : 'objects'}`;

const action: Record<SimulatedAction, string> = {
  create: 'Create',
  update: 'Change',
  disable: 'Disable',
  delete: 'Delete',
  skip: 'Skip',
  unchanged: 'Leave as it is',
  fail: 'Fail',
};

/** Words of the page that shows what would happen. */
export const planTexts = {
  title: (job: string) => `What would happen: ${job}`,
  lead: 'A simulation reads the source and the target as they are now and decides about everybody as a cycle would. Nothing is written.',
  back: 'To the job',
  begin: 'Simulate the job as it is',
  beginDraft: 'Simulate my changed rules',
  draftWaits: 'You have changed the rules of this job in this window, and they are not applied yet.',
  noDraft: 'To see what other rules would do, change them first: they are simulated before they apply.',
  editRules: 'Change the rules',
  compare: 'Only who would fare differently than under the rules that apply',
  beginning: 'Beginning…',
  refused: 'It cannot be simulated',
  result: 'Result',
  running: 'Simulating',
  runningOf: (read: string, total: string) => `${read} of ${total} records read`,
  runningSome: (read: string) => `${read} records read; the source does not tell how many there are`,
  cancel: 'Cancel the simulation',
  state: { running: 'Running', completed: 'Complete', failed: 'Failed', cancelled: 'Cancelled' },
  incomplete: {
    failed: 'It did not get to its end. What is shown below is what it found before.',
    cancelled: 'It was cancelled. What is shown below is what it found before.',
  },
  side: { source: 'The source', target: 'The target', service: 'Provident' },
  facts: {
    rules: 'Rules',
    began: 'Begun',
    read: 'Records read',
    differing: 'Would fare differently',
    removals: 'Removals',
  },
  rules: {
    current: (revision: number | null) => (revision === null ? 'those that apply' : `those that apply (revision ${revision})`),
    file: 'a changed job file, not applied',
    compared: 'a changed job file, not applied, beside those that apply',
  },
  guard: {
    none: 'none',
    what: (proposed: number, linked: number, members: number) =>
      `${formatNumber(proposed)} of ${formatNumber(linked)} accounts${members > 0 ? `, ${formatNumber(members)} memberships` : ''}`,
    release: (what: string) => `${what}; within the limits of the job, done at once`,
    hold: (what: string, threshold: string) =>
      `${what}; more than the job allows (${threshold}): a cycle would hold what is over for a person`,
  },
  absence: (why: string) => `Nobody is taken for gone: ${why}`,
  action,
  all: 'All',
  totals: 'How many, by what would be done',
  search: 'Name or id',
  download: 'Download as CSV',
  downloading: 'Downloading…',
  table: 'What would become of everybody',
  column: { who: 'Who', what: 'What', why: 'Why', changes: 'Attributes' },
  now: 'now',
  after: 'then',
  linksNow: 'The account is linked by this.',
  enable: 'The account is enabled again.',
  valuesLeftOut: 'The values are too large to be shown here.',
  unnamed: 'a record without a readable id',
  more: (count: number) => `${formatNumber(count)} more`,
  fewer: 'Fewer',
  load: 'Load more',
  shown: (count: number, more: boolean) => `${people(count)} shown${more ? ', more below' : ''}`,
  looking: 'Looking further…',
  emptyAction: 'Nobody.',
  emptySearch: (text: string) => `Nobody whose name or id holds "${text}".`,
  emptyCompared: 'Nobody would fare differently: both sets of rules decide the same for everybody.',
  emptyAll: 'The source has nobody.',
  emptyYet: 'Nothing has been decided yet.',
  difference: 'What differs between the two job files',
  differenceNone: 'The changed rules are the same as those that apply.',
  differenceElsewhere: 'The rules of this simulation were written in another window and are not kept with it. They can be applied there.',
  apply: 'Apply these rules',
  applyTitle: 'Apply the changed rules?',
  applyText: (differing: number | null) =>
    differing === null
      ? 'They are a new revision of the job, with your name. The next cycle decides by them.'
      : `${people(differing)} would fare differently. The rules are a new revision of the job, with your name; the next cycle decides by them.`,
  appliesNow: 'These rules apply now.',
  applied: 'See the revisions',
  links: 'The changed rules name another target. What becomes of the links between people and accounts?',
  linksKeep: 'Keep them: it is the same system under another address',
  linksForget: 'Forget them: everybody is matched anew in the new target; accounts in the old one are left alone',
  notFound: 'This simulation is not there any more',
  notFoundHint: 'What simulations found is kept for a week. Begin another one above.',
} as const;
