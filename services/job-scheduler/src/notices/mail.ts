import { createTransport } from 'nodemailer';

import { NoticeUndelivered, undelivered } from './notice-failure.js';
import { type Told, mailOf } from './notice-text.js';

export interface MailSettings {
  readonly PROVIDENT_SMTP_URL?: string | undefined;
  readonly PROVIDENT_SMTP_FROM: string;
}

const patience = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 };

/**
 * Mails a notice to all its readers at once. The same fact always has the same Message-ID, so that a mailbox can tell what came twice.
 * @throws NoticeUndelivered when no mail server is set, or it takes the mail for nobody
 */
export async function mailNotice(to: readonly string[], told: Told, { PROVIDENT_SMTP_URL: url, PROVIDENT_SMTP_FROM: from }: MailSettings) {
  if (url === undefined) throw new NoticeUndelivered('no mail server is set: PROVIDENT_SMTP_URL of the job-scheduler names one');
  const transport = createTransport({ url, ...patience });
  try {
    await transport.sendMail({
      ...mailOf(told),
      from,
      to: [...to],
      messageId: `<${told.id.replace(/[^\w.-]/g, '-')}@provident>`,
      headers: { 'X-Provident-Notice-Id': told.id, 'Auto-Submitted': 'auto-generated' },
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  } catch (error) {
    throw undelivered('the mail server did not take it', error);
  } finally {
    transport.close();
  }
}
