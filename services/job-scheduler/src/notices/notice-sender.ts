import { type Said, say } from '@provident/bus';
import { type NoticeChannel, NoticeFailed, NoticeSent } from '@provident/contracts';
import type { JobDefinition, JobId, Notify } from '@provident/domain';
import type { SecretReader } from '@provident/vault';
import { type DataSource, LessThanOrEqual } from 'typeorm';

import { type MailSettings, mailNotice } from './mail.js';
import { NoticeUndelivered } from './notice-failure.js';
import { NoticeRow } from './notice-schema.js';
import type { Told } from './notice-text.js';
import { readSecret } from './read-secret.js';
import type { NetworkPolicy } from '@provident/connectors/config';
import { postNotice } from './webhook.js';

export interface SenderPorts {
  readonly jobId: JobId;
  readonly database: DataSource;
  readonly mail: MailSettings;
  readonly now: () => Date;
  /** Folder that relative paths of the job start from. */
  readonly baseDir: () => string;
  /** Where secrets are that the job refers to by name. */
  readonly vault?: SecretReader | undefined;
  /** Where a webhook may be. */
  readonly network: NetworkPolicy;
  readonly definition: () => JobDefinition | null;
  /** Writes to the log what became of a notice, and resolves once that is folded. */
  readonly tell: (said: Said) => Promise<void>;
  /** @throws LeaseLost when somebody else may keep the job soon: checked right before anything is sent */
  readonly assertHeld: () => void;
}

const firstDelayMs = 5_000;
const longestDelayMs = 3_600_000;
const giveUpAfterMs = 86_400_000;

/**
 * When to try a notice again; null once it should be given up. 5 s, 10 s, 20 s … up to an hour, for a day after what it tells of.
 * @param attempts made so far, from 1
 */
export function nextNoticeAttempt(at: Date, attempts: number, now: Date): Date | null {
  const next = now.getTime() + Math.min(firstDelayMs * 2 ** (attempts - 1), longestDelayMs);
  return next - at.getTime() < giveUpAfterMs ? new Date(next) : null;
}

/**
 * Delivers the notices of one job beside everything else: nothing waits for it. What was sent is in the log before it is forgotten, so a crash in
 * between sends it once more, under the same id.
 */
export class NoticeSender {
  private sending: Promise<void> | null = null;
  /** When there is something to look for; null while there is nothing to deliver. */
  private nextAtMs: number | null = -Infinity;

  constructor(private readonly ports: SenderPorts) {}

  /** There may be something new to deliver. */
  wake(): void {
    this.nextAtMs = -Infinity;
  }

  /** Delivers what is due, unless that is being done already. @param failed told when the table or the log fails: it is tried again a little later */
  kick(failed: (error: unknown) => void): void {
    const nowMs = this.ports.now().getTime();
    if (this.sending !== null || this.nextAtMs === null || this.nextAtMs > nowMs) return;
    this.nextAtMs = null;
    this.sending = this.sendDue()
      .catch((error: unknown) => {
        this.nextAtMs = nowMs + firstDelayMs;
        failed(error);
      })
      .finally(() => {
        this.sending = null;
      });
  }

  async ended(): Promise<void> {
    await this.sending;
  }

  private async sendDue(): Promise<void> {
    const { database, jobId, now } = this.ports;
    const due = await database
      .getRepository(NoticeRow)
      .find({ where: { jobId, nextAttemptAt: LessThanOrEqual(now()) }, order: { at: 'ASC' }, take: 20 });
    for (const row of due) await this.ports.tell(await this.send(row));
    const [open] = await database.query<[{ next: Date | null }]>('SELECT min(next_attempt_at) AS next FROM notice WHERE job_id = $1', [
      jobId,
    ]);
    const nextMs = open.next?.getTime() ?? null;
    if (nextMs !== null) this.nextAtMs = Math.min(this.nextAtMs ?? nextMs, nextMs);
  }

  private async send({ noticeId, channel, notice, at, attempts: before }: NoticeRow): Promise<Said> {
    const { jobId, now, definition } = this.ports;
    const attempts = before + 1;
    const about = { jobId, noticeId, kind: notice.kind, channel, attempts };
    const told: Told = { id: noticeId, jobId, jobName: definition()?.name ?? jobId, at: at.toISOString(), notice };
    try {
      await this.deliver(channel, definition()?.notify, told);
      return say(NoticeSent, `${noticeId}.${channel}.sent`, jobId, about);
    } catch (error) {
      if (!(error instanceof NoticeUndelivered)) throw error;
      const next = nextNoticeAttempt(at, attempts, now());
      const nextAttemptAt = next === null ? null : next.toISOString();
      return say(NoticeFailed, `${noticeId}.${channel}.failed.${attempts}`, jobId, { ...about, message: error.message, nextAttemptAt });
    }
  }

  private async deliver(channel: NoticeChannel, notify: Notify | undefined, told: Told): Promise<void> {
    const { mail, now, baseDir, vault, network, assertHeld } = this.ports;
    if (channel === 'webhook') {
      if (!notify?.webhook) throw new NoticeUndelivered('the job no longer names a webhook');
      const secret = await readSecret(notify.webhook.secret, { baseDir: baseDir(), vault });
      assertHeld();
      return postNotice(notify.webhook.url, secret, told, now(), network);
    }
    if (!notify?.email) throw new NoticeUndelivered('the job no longer names anybody to mail to');
    assertHeld();
    return mailNotice(notify.email, told, mail);
  }
}
