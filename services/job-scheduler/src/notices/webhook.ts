import { createHmac } from 'node:crypto';
import { request as sendPlainly } from 'node:http';
import { request as sendSecurely } from 'node:https';
import type { LookupFunction } from 'node:net';

import { type NetworkPolicy, assertAllowed, guardedLookup } from '@provident/connectors/config';

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

/** Posts a notice, to the address that was looked at. Any 2xx is a receipt; a redirect is not followed. @throws NoticeUndelivered */
export async function postNotice(url: string, secret: string, told: Told, now: Date, network: NetworkPolicy): Promise<void> {
  const body = JSON.stringify(payloadOf(told));
  const timestamp = String(Math.floor(now.getTime() / 1_000));
  const headers = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'user-agent': 'provident',
    [webhookHeaders.id]: told.id,
    [webhookHeaders.timestamp]: timestamp,
    [webhookHeaders.signature]: signatureOf(secret, timestamp, body),
  };
  const status = await post(url, headers, body, network).catch((error: unknown) => {
    throw undelivered('the webhook could not be reached', error);
  });
  if (status < 200 || status > 299) throw new NoticeUndelivered(`the webhook answered ${status}`);
}

/** Node's own client, because it lets the address be looked at that the connection goes to. */
async function post(url: string, headers: Record<string, string>, body: string, network: NetworkPolicy): Promise<number> {
  assertAllowed(url, network);
  const send = new URL(url).protocol === 'https:' ? sendSecurely : sendPlainly;
  return new Promise((resolve, reject) => {
    const lookup = guardedLookup(network) as LookupFunction;
    const request = send(url, { method: 'POST', headers, lookup, agent: false, signal: AbortSignal.timeout(timeoutMs) }, (answer) => {
      resolve(answer.statusCode ?? 0);
      answer.destroy();
    });
    request.on('error', reject);
    request.end(body);
  });
}
