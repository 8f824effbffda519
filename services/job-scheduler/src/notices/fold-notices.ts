import { type LogEvent, type NoticeChannel, NoticeFailed, NoticeSent, is } from '@provident/contracts';
import type { JobDefinition, Notice } from '@provident/domain';
import type { EntityManager } from 'typeorm';

import { NoticeRow } from './notice-schema.js';

/** A notice, and the event that it tells of. */
export interface News {
  readonly notice: Notice;
  readonly event: LogEvent;
  /** As the job stood then: who is told. */
  readonly definition: JobDefinition | null;
}

/** What is older was told then, or is of interest to nobody any more: tables that are made anew from the log tell nothing twice. */
const newsForMs = 86_400_000;

/** Notices are few: one statement each. */
const keepNotice = `INSERT INTO notice (job_id, notice_id, channel, notice, at, attempts, next_attempt_at)
  VALUES ($1, $2, $3, $4, $5, 0, $5) ON CONFLICT DO NOTHING`;

/** Puts what is to be told, and what became of it, into the table. @param now what is older by a day than this is not told */
export async function foldNotices(
  jobId: string,
  news: readonly News[],
  events: readonly LogEvent[],
  now: Date,
  manager: EntityManager,
): Promise<void> {
  const rows = news
    .filter(({ event }) => now.getTime() - Date.parse(event.at) < newsForMs)
    .flatMap(({ notice, event, definition }) =>
      channelsOf(definition).map((channel) => ({ noticeId: event.id, channel, notice, at: event.at })),
    );
  for (const { noticeId, channel, notice, at } of rows) await manager.query(keepNotice, [jobId, noticeId, channel, notice, at]);
  for (const event of events) {
    if (is(event, NoticeSent)) await settle(jobId, { ...event.data, nextAttemptAt: null }, manager);
    if (is(event, NoticeFailed)) await settle(jobId, event.data, manager);
  }
}

function channelsOf(definition: JobDefinition | null): NoticeChannel[] {
  const notify = definition?.notify;
  return [...(notify?.email ? ['email' as const] : []), ...(notify?.webhook ? ['webhook' as const] : [])];
}

function settle(
  jobId: string,
  {
    noticeId,
    channel,
    attempts,
    nextAttemptAt,
  }: { noticeId: string; channel: NoticeChannel; attempts: number; nextAttemptAt: string | null },
  manager: EntityManager,
): Promise<unknown> {
  const next = nextAttemptAt === null ? null : new Date(nextAttemptAt);
  return manager.getRepository(NoticeRow).update({ jobId, noticeId, channel }, { attempts, nextAttemptAt: next });
}
