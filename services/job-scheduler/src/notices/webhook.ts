import { createHmac } from 'node:crypto';

import { NoticeUndelivered, undelivered } from './notice-failure.js';
import { type Told, payloadOf } from './notice-text.js';

const timeoutMs = 10_000;

/** Headers of a notice. Whoever takes it checks the signature, refuses what is too old, and ignores an id that was seen before. */
export const webhookHeaders = {
  id: 'provident-notice-id',
  /** Seconds since 1970, when it was sent. */
  timestamp: 'provident-timestamp',
  /** `v1=` and the HMAC-SHA256 in hexadecimal of `<timestamp>.<body>` under the shared secret. */
  signature: 'provident-signature',
} as const;

export const signatureOf = (secret: string, timestamp: string, body: string): string =>
  `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;

/** Posts a notice. Any 2xx is a receipt; a redirect is not followed. @throws NoticeUndelivered */
export async function postNotice(url: string, secret: string, told: Told, now: Date): Promise<void> {
  const body = JSON.stringify(payloadOf(told));
  const timestamp = String(Math.floor(now.getTime() / 1_000));
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'provident',
    [webhookHeaders.id]: told.id,
    [webhookHeaders.timestamp]: timestamp,
    [webhookHeaders.signature]: signatureOf(secret, timestamp, body),
  };
  let answer: Response;
  try {
    answer = await fetch(url, { method: 'POST', body, headers, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
    await answer.body?.cancel();
  } catch (error) {
    throw undelivered('the webhook could not be reached', error);
  }
  if (!answer.ok) throw new NoticeUndelivered(`the webhook answered ${answer.status}`);
}
