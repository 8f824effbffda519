import type { Notice } from '@provident/domain';

/** A notice with what its readers need to know of the job. */
export interface Told {
  /** Id of the event that it tells of: the same fact always has the same. */
  readonly id: string;
  readonly jobId: string;
  /** Name of the job for people. */
  readonly jobName: string;
  /** When it happened, UTC. */
  readonly at: string;
  readonly notice: Notice;
}

const titles: Readonly<Record<Notice['kind'], (name: string) => string>> = {
  'quarantine-entered': (name) => `${name} is in quarantine`,
  'quarantine-changed': (name) => `${name} is in quarantine for another reason`,
  'quarantine-left': (name) => `${name} is healthy again`,
  'job-disabled': (name) => `${name} was disabled`,
};

const reasons: Readonly<Record<Notice['reason'], string>> = {
  connection: 'the connection to the source or the target does not work',
  'failure-proportion': 'too large a share of the objects failed',
  'failure-count': 'too many objects failed',
  'failure-total': 'too many objects failed, references among them',
  'too-many-removals': 'more removals are held than the job allows',
};

/** What follows for the job, and what a person can do. */
function whatFollows({ kind, reason, nextAttemptAt }: Notice, jobId: string): string {
  if (kind === 'quarantine-left') return 'It runs at its usual interval again. Nothing has to be done.';
  if (kind === 'job-disabled') return `It runs no more by itself. Mend it, then: provident start ${jobId}`;
  const next = nextAttemptAt === null ? '' : ` The next cycle is tried at ${nextAttemptAt}.`;
  if (reason === 'too-many-removals')
    return `It runs less often until a person releases the removals (provident status ${jobId} names the cycle) or starts it.${next}`;
  const probes = reason === 'connection' ? ' The connection is probed meanwhile, and the job goes on by itself once it works.' : '';
  return `It runs less and less often until a cycle succeeds.${next}${probes} Once it is mended: provident start ${jobId}`;
}

/** The subject and the text of a mail. */
export function mailOf({ jobId, jobName, at, notice }: Told): { readonly subject: string; readonly text: string } {
  const title = titles[notice.kind](jobName);
  const lines = [
    `${title}.`,
    '',
    `Why:    ${reasons[notice.reason]} (${notice.reason})`,
    `Said:   ${notice.message}`,
    `Since:  ${notice.beganAt}`,
    `At:     ${at}`,
    '',
    whatFollows(notice, jobId),
    '',
    `More:   provident quarantines ${jobId}; provident causes ${jobId}`,
  ];
  return { subject: `[Provident] ${title}`.replace(/[\r\n]+/g, ' '), text: lines.join('\n') };
}

/** The body of a webhook's request. Members are only ever added. */
export function payloadOf({ id, jobId, jobName, at, notice }: Told): Record<string, unknown> {
  const { kind, reason, message, beganAt, nextAttemptAt } = notice;
  const title = titles[kind](jobName);
  return { version: 1, id, kind, jobId, jobName, at, reason, message, beganAt, nextAttemptAt, title, advice: whatFollows(notice, jobId) };
}
