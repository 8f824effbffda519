import type { NoticeView, QuarantinesView, QuarantineView } from '@provident/contracts';

import { query, type ReadModels } from './database.js';

interface QuarantineRecord {
  readonly reason: string;
  readonly message: string;
  readonly entered_at: string;
  readonly times: number;
  readonly found_at: string;
  readonly disabled_at: string | null;
  readonly left_at: string | null;
  readonly left_by: QuarantineView['leftBy'];
}

interface NoticeRecord {
  readonly notice_id: string;
  readonly kind: NoticeView['kind'];
  readonly channel: NoticeView['channel'];
  readonly state: NoticeView['state'];
  readonly attempts: number;
  readonly message: string | null;
  readonly next_attempt_at: string | null;
  readonly at: string;
}

const atMost = 100;

/** When a job was in quarantine, why and until when, and who was told: newest first. */
export async function listQuarantines(models: ReadModels, jobId: string): Promise<QuarantinesView> {
  const [quarantines, notices] = await Promise.all([
    query<QuarantineRecord>(models, `select * from quarantine where job_id = $1 order by entered_sequence desc limit ${atMost}`, [jobId]),
    query<NoticeRecord>(models, `select * from notice where job_id = $1 order by last_sequence desc limit ${atMost}`, [jobId]),
  ]);
  return { quarantines: quarantines.map(quarantineView), notices: notices.map(noticeView) };
}

function quarantineView({ reason, message, entered_at, times, found_at, disabled_at, left_at, left_by }: QuarantineRecord): QuarantineView {
  return { reason, message, enteredAt: entered_at, times, foundAt: found_at, disabledAt: disabled_at, leftAt: left_at, leftBy: left_by };
}

function noticeView({ notice_id, kind, channel, state, attempts, message, next_attempt_at, at }: NoticeRecord): NoticeView {
  return { noticeId: notice_id, kind, channel, state, attempts, message, nextAttemptAt: next_attempt_at, at };
}
