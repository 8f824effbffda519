import type { LogEvent } from '@provident/contracts';
import { NoticeFailed, NoticeSent } from '@provident/contracts';

import type { Projection } from '../projection.js';
import type { Flight } from '../sql/flight.js';
import { upsertRows } from '../sql/upsert-rows.js';
import { reduce, reducers, when } from '../when.js';

interface Notice {
  readonly job_id: string;
  readonly notice_id: string;
  readonly channel: string;
  readonly kind: string;
  readonly state: 'sent' | 'retrying' | 'given-up';
  readonly attempts: number;
  readonly message: string | null;
  readonly next_attempt_at: string | null;
  readonly at: string;
  readonly last_sequence: number;
}

type Notices = Map<string, Notice>;

const columns: readonly (keyof Notice)[] = [
  'job_id',
  'notice_id',
  'channel',
  'kind',
  'state',
  'attempts',
  'message',
  'next_attempt_at',
  'at',
  'last_sequence',
];

type Told = { noticeId: string; channel: string; kind: string; attempts: number };

function note(notices: Notices, event: LogEvent<Told>, outcome: Pick<Notice, 'state' | 'message' | 'next_attempt_at'>): void {
  const { noticeId, channel, kind, attempts } = event.data;
  const base = { job_id: event.jobId, notice_id: noticeId, channel, kind, attempts, at: event.at, last_sequence: event.sequence };
  notices.set(`${event.jobId}\n${noticeId}\n${channel}`, { ...base, ...outcome });
}

const folding = reducers<Notices>(
  when(NoticeSent, (notices, event) => note(notices, event, { state: 'sent', message: null, next_attempt_at: null })),
  when(NoticeFailed, (notices, event) => {
    const { message, nextAttemptAt } = event.data;
    note(notices, event, { state: nextAttemptAt === null ? 'given-up' : 'retrying', message, next_attempt_at: nextAttemptAt });
  }),
);

/** Whether people were told, as the last attempt left it. */
export class NoticeProjection implements Projection {
  readonly name = 'notice';
  private readonly notices: Notices = new Map();

  hear(event: LogEvent): void {
    reduce(folding, this.notices, event);
  }

  write(flight: Flight): void {
    upsertRows(flight, 'notice', 3, columns, [...this.notices.values()]);
    this.notices.clear();
  }

  forget(): void {
    this.notices.clear();
  }
}
