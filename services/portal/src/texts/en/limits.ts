/** Words of when cycles run, and how many removals they may do. */
export const limitsTexts = {
  title: 'Cycles and limits',
  when: 'Cycles run by themselves',
  whens: { every: 'again and again', cron: 'at times that a cron expression names' },
  every: 'Every',
  cron: 'Cron expression',
  zone: 'Time zone',
  hints: {
    every: 'From the start of one to the start of the next, such as 15m, 40m or 6h; 40m when it is left empty.',
    cron: 'Five fields, such as 0 */2 * * mon-fri.',
    zone: 'Such as Europe/Berlin; UTC when it is left empty.',
  },
  lead: 'More removals than these in one cycle wait until somebody releases or rejects them. Where a field is left empty, what stands in it in grey holds.',
  kinds: {
    removals: 'Removals of all kinds',
    disables: 'Accounts to disable',
    deletes: 'Accounts to delete',
    memberships: 'Memberships to end',
    source: 'Gone from the source',
  },
  kindHints: {
    removals: 'Disabled and deleted accounts together.',
    disables: 'Besides the limits of all kinds.',
    deletes: 'Besides the limits of all kinds.',
    memberships: 'Of all groups in one cycle, and by share of each group.',
    source: 'When the source has shrunk by more than this, every removal waits.',
  },
  parts: { count: 'At most', percent: 'At most, %', atLeast: 'Always allowed' },
  /** What holds when the job says nothing. */
  defaults: { count: '500', percent: '20', atLeast: '5' },
  apply: 'Save cycles and limits',
  look: 'See what these would change',
} as const;
