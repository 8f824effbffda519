import type { CycleView, JobDaysView, JobStatusView, LogEntryView, LogStep } from '@provident/contracts/http';

import { formatNumber } from '../shared/format.js';
import { counted } from './en/counted.js';

const jobState: Record<JobStatusView['state'] | 'running' | 'attention', string> = {
  attention: 'Needs attention',
  running: 'Running',
  active: 'Healthy',
  paused: 'Paused',
  stopped: 'Stopped',
  quarantine: 'Quarantined',
  disabled: 'Stopped after quarantine',
  'not-run': 'Not run yet',
};

const cycleState: Record<CycleView['state'], string> = {
  running: 'Running',
  succeeded: 'Succeeded',
  'entry-level-errors': 'Done, with failures',
  failed: 'Failed',
};

const entryStatus: Record<LogEntryView['status'], string> = {
  success: 'Success',
  failure: 'Failure',
  skipped: 'Skipped',
  warning: 'Held',
  'in-progress': 'In progress',
};

const stepStatus: Record<LogStep['status'], string> = { success: 'Success', failure: 'Failure', skipped: 'Skipped', warning: 'Waits' };

const action: Record<LogEntryView['action'], string> = {
  create: 'Create',
  update: 'Update',
  disable: 'Disable',
  delete: 'Delete',
  'staged-delete': 'Held removal',
  other: 'None',
};

const activity: Record<LogStep['activity'], string> = {
  import: 'Import',
  'synchronization-rule': 'Rules',
  export: 'Export',
  'process-escrow': 'Retry',
  job: 'Administration',
};

const step: Record<string, string> = {
  'source-object-imported': 'Read from the source',
  'target-object-imported': 'Looked up in the target',
  'drift-found': 'Changed by hand',
  'link-removed': 'Link taken away',
  'link-repaired': 'Linked to another account',
  'object-import-failed': 'Could not be read',
  'rule-evaluated': 'Rules applied',
  'object-exported': 'Written to the target',
  'export-failed': 'Could not be written',
  'removal-held': 'Removal held',
  'removal-withdrawn': 'Removal dropped',
  'export-deferred': 'Looked at again',
  'escrow-recorded': 'Kept for a retry',
  'retry-due': 'Tried again',
  'escrow-cleared': 'Settled',
  'escrow-expired': 'Given up',
  'escrow-woken': 'Woken before its time',
  'escrow-superseded': 'Taken up by a newer change',
  'memberships-imported': 'Memberships read',
  'removal-rejected': 'Removal rejected',
};

/** Every word that the portal shows. What the server says in sentences (reasons, steps, issues) comes from there. */
export const texts = {
  product: 'Provident',
  nav: {
    label: 'Main',
    open: 'Open the menu',
    close: 'Close the menu',
    overview: 'Overview',
    log: 'Provisioning log',
    people: 'People',
    jobs: 'Jobs',
    newJob: 'New job',
    audit: 'Audit',
    settings: 'Installation',
    secrets: 'Secrets',
    tokens: 'API tokens',
    skip: 'Skip to the content',
  },
  access: {
    needs: {
      read: 'You may look at nothing here yet: ask a security administrator for a role.',
      operate: 'You may look. To run, stop or provision something the role "operator" of this job is needed.',
      configure: 'You may look. To change rules the role "administrator" of this job is needed.',
      maintain: 'To look after the installation the role "administrator" of all jobs is needed.',
      secure: 'To set secrets and make API tokens the role "security administrator" is needed.',
    },
    nothing: 'Nothing to see yet',
    signedInAs: (name: string) => `Signed in as ${name}`,
    signOut: 'Sign out',
    nobody: 'Nobody has to sign in on this machine.',
  },
  theme: { label: 'Appearance', light: 'Light', dark: 'Dark', system: 'As the system' },
  common: {
    loading: 'Loading…',
    refresh: 'Refresh',
    retryNow: 'Try now',
    close: 'Close',
    cancel: 'Cancel',
    back: 'Back',
    next: 'Next',
    never: 'never',
    none: 'none',
    nothing: 'nothing',
    yes: 'Yes',
    no: 'No',
  },
  problem: {
    title: 'This could not be loaded',
    unreachable: 'The server does not answer.',
    strange: (detail: string) => `The server answered in another shape (${detail}): reload the page; the server may be of another version.`,
    stale: (clock: string, age: string) => `Shown is what was known at ${clock}, ${age} ago. Trying again…`,
    nothingYet: 'Nothing is known yet. Trying again…',
    notFound: 'There is no such page.',
    notFoundHint: 'The address may be mistyped, or what it named is gone.',
    crash: 'The portal made a mistake',
    crashHint: 'Reload the page. If it happens again, the text below helps whoever mends it.',
    reload: 'Reload',
  },
  jobState,
  cycleState,
  entryStatus,
  stepStatus,
  action,
  activity,
  step: (name: string): string => step[name] ?? name,
  kind: { initial: 'Initial cycle', incremental: 'Incremental cycle' } satisfies Record<CycleView['kind'], string>,
  objectType: (type: string, count: number): string =>
    type === 'user' ? (count === 1 ? 'person' : 'people') : count === 1 ? type : `${type}s`,
  tally: {
    read: 'Read',
    imported: 'Processed',
    created: 'Created',
    updated: 'Updated',
    disabled: 'Disabled',
    deleted: 'Deleted',
    skipped: 'Skipped',
    unchanged: 'Unchanged',
    escrowed: 'Failed',
    held: 'Held',
  },
  progress: {
    reading: 'Reading the source',
    writing: 'Writing to the target',
    closed: 'Done',
    of: (done: string, total: string) => `${done} of ${total} objects`,
    ofUnknown: (done: string) => `${done} objects; the source does not tell how many there are`,
    rate: (perSecond: string) => `${perSecond} per second`,
    left: (from: string, to: string) => (from === to ? `about ${from} left` : `about ${from} to ${to} left`),
    measuring: 'measuring the speed',
    stalled: (since: string) => `nothing has moved for ${since}`,
    label: (job: string) => `Progress of ${job}`,
  },
  overview: {
    title: 'Overview',
    allWell: (count: number) =>
      count === 1 ? 'The job is healthy. Nothing waits for you.' : `All ${count} jobs are healthy. Nothing waits for you.`,
    attention: 'Waits for you',
    jobs: 'Jobs',
    counts: 'In the target now',
    inScope: 'in scope',
    linked: 'with an account',
    last: 'Last cycle',
    next: 'Next cycle',
    lastSuccess: 'Last without failures',
    trend: (days: number, changed: number, failed: number) =>
      `Last ${counted(days, 'day', 'days')}: ${formatNumber(changed)} changed, ${formatNumber(failed)} failed`,
    dayOf: (day: string, { cycles, failedCycles, changed, failed, held }: JobDaysView['days'][number]) =>
      cycles === 0
        ? `${day}: no cycle`
        : `${day}: ${formatNumber(changed)} changed, ${formatNumber(failed)} failed, ${formatNumber(held)} held, in ${counted(cycles, 'cycle', 'cycles')}${failedCycles === 0 ? '' : `, ${formatNumber(failedCycles)} of them broken off`}`,
    nextNow: 'due now',
    nextAfter: 'once this one has ended',
    nextWaits: 'waits for a person',
    run: 'Run now',
    seeLog: 'See the log',
    behind: (events: string) => `The reports are ${events} events behind the log.`,
  },
  attention: {
    quarantine: (job: string) => `${job} is in quarantine`,
    quarantineDo: (next: string) =>
      `It runs less often until it works again; the next attempt is ${next}. Mend the cause, then start the job: that lifts the quarantine at once.`,
    quarantineReason: {
      connection: 'A system cannot be reached',
      'failure-proportion': 'Too large a share of objects fails',
      'failure-count': 'Too many objects fail',
      'failure-total': 'Too many objects fail, with those that wait for others',
      'too-many-removals': 'Too many removals',
    } as Record<string, string>,
    since: (when: string) => `Since ${when}`,
    start: 'Start the job',
    held: (job: string, count: number) => `${counted(count, 'removal is', 'removals are')} held in ${job}`,
    heldWhy: (proposed: number, linked: number, threshold: string) =>
      `${formatNumber(proposed)} of ${formatNumber(linked)} accounts would be disabled or deleted, which is more than the job allows${threshold}.`,
    heldDo: 'Look at the names. If they are right, release them; if not, mend the source and run the job again.',
    seeNames: 'See the names',
    release: 'Release',
    releaseTitle: (count: number) => `Release ${counted(count, 'removal', 'removals')}?`,
    releaseText: (count: number, target: string) =>
      `${counted(count, 'account', 'accounts')} in ${target} will be disabled or deleted now, as the rules of the job say. This cannot be taken back here.`,
    failures: (job: string, count: number) => `${counted(count, 'object fails', 'objects fail')} in ${job}`,
    failuresDo: 'They are tried again by themselves, less and less often.',
    biggestCause: (people: number, kept: number, cause: string) =>
      people === kept
        ? `All fail for one reason: ${cause}`
        : people * 2 > kept
          ? `Most of them, ${formatNumber(people)} of ${formatNumber(kept)}, fail for one reason: ${cause}`
          : `The commonest reason, for ${formatNumber(people)} of ${formatNumber(kept)}: ${cause}`,
    seeFailures: 'See the failures',
    failedCycle: (job: string) => `The last cycle of ${job} failed`,
    services: (names: string) => `Not running: ${names}`,
    servicesDo: 'Without these services nobody is provisioned. Start them; their logs say why they ended.',
    database: 'The database does not answer',
    databaseDo: 'Reports show nothing new until it does.',
    broker: 'The event log does not answer',
    brokerDo: 'Jobs do nothing until it does.',
    wrongLog: 'The event log is not the one that the reports were made from: everything stands still',
    wrongLogDo: (words: string) => `${words.charAt(0).toUpperCase()}${words.slice(1)}`,
    durability: 'The event log may lose what it has acknowledged in a power cut',
    durabilityDo:
      'Whoever set up the installation accepts that (NATS_SYNC=waived). Have NATS write synchronously, and remove that setting.',
  },
  order: {
    run: 'Run now',
    runHint: 'Opens a cycle that reads what has changed.',
    fresh: 'Read everything again',
    freshTitle: 'Read everything again?',
    freshText:
      'The next cycle reads the whole source and compares every object with the target. Nothing is written where both already agree. It takes as long as the first cycle.',
    start: 'Start',
    startHint: 'The job runs by its schedule again; a quarantine is lifted.',
    pause: 'Pause',
    pauseTitle: 'Pause the job?',
    pauseText: 'Nothing more is read and no cycle opens until somebody starts the job. What was read already is written to its end.',
    stop: 'Stop',
    stopTitle: 'Stop the job at once?',
    stopText: 'No further write begins. What was read waits, and Start goes on exactly where the job was.',
    done: 'Done',
    failed: 'Not done',
  },
} as const;
