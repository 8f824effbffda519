import type { NatsConnection } from '@nats-io/transport-node';

/**
 * Asks another service in the envelope of Nest's transport.
 * @returns the answer as it came, to be parsed
 * @throws Error when nobody answers in time
 */
export async function askService(connection: NatsConnection, subject: string, data: unknown, timeoutMs: number): Promise<unknown> {
  const request = JSON.stringify({ id: '1', pattern: subject, data });
  const answer = await connection.request(subject, request, { timeout: timeoutMs });
  return answer.json<{ response?: unknown }>().response;
}
