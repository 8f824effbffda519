import { formatNumber } from '../../shared/format.js';
import { counted } from './counted.js';

/** Words of a person's page. */
export const personTexts = {
  title: 'People',
  lead: 'Everything about one person, over all jobs: what happened, what did not, and why.',
  label: 'Name, user name, or id in the source or target',
  foundLabel: 'People found',
  found: (count: number, more: boolean) =>
    more
      ? `The first ${formatNumber(count)} that begin so:`
      : `${counted(count, 'person or account begins', 'people or accounts begin')} so:`,
  nobodyYet: 'Nobody begins so.',
  find: 'Find',
  empty: 'Type the beginning of a name, a user name or an id above.',
  unknown: (id: string) => `Nothing is known of "${id}".`,
  unknownWhy: 'No source has delivered a person whose name, user name or id begins so. Capitals matter in ids and in nothing else.',
  reached: {
    never: (job: string) => `${job} has not run yet.`,
    running: (job: string, read: string, total: string) => `${job} is reading now: ${read} of ${total} so far. The person may come yet.`,
    done: (job: string, when: string, read: string) => `${job} last read its source at ${when}: ${read} records.`,
    paused: (job: string) => `${job} is paused.`,
    stopped: (job: string) => `${job} is stopped.`,
  },
  accountsOf: (name: string) => `Accounts of ${name}`,
  accountsOfErased: 'Accounts of somebody whose values were erased',
  account: 'Account',
  noAccount: 'no account',
  whyNot: 'Why not',
  why: 'Why',
  state: 'State',
  latest: 'Latest change',
  outcome: 'Outcome',
  values: 'Values last written by Provident',
  valuesHint: 'From the log: what Provident wrote last. The target is not asked.',
  compared: {
    table: 'Values side by side',
    attribute: 'Attribute',
    source: 'In the source',
    expected: 'Expected by the rules',
    found: 'In the target',
    differs: 'differs',
    constant: 'the same for everybody',
    byDefault: 'its default',
    summary: (differing: number, hidden: number) =>
      [
        differing > 0
          ? `${counted(differing, 'value differs', 'values differ')} from what the rules expect.`
          : hidden === 0
            ? 'The account holds what the rules expect.'
            : '',
        hidden > 0 ? `${counted(hidden, 'value is', 'values are')} not shown, and so not compared here.` : '',
      ]
        .filter((each) => each !== '')
        .join(' '),
    notWanted: 'No account is wanted at present, so no value is expected.',
    noAccount: 'There is no account to compare with.',
    driftOfMembers: 'Members were changed by hand in the target.',
    drift: (what: string) => `Changed by hand in the target: ${what.charAt(0).toLowerCase()}${what.slice(1)}.`,
  },
  timeline: 'Timeline',
  timelineHint: 'Newest first. Each entry is one change with its steps: import, rules, export, retry.',
  more: 'Load older changes',
  accountState: {
    active: 'has an account',
    disabled: 'account is disabled',
    deleted: 'account was deleted',
    none: 'has no account',
    failed: 'fails',
    held: 'removal is held',
  } as Record<string, string>,
} as const;
