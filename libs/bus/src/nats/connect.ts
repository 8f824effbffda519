import type { NatsConnection } from '@nats-io/transport-node';
import { connect } from '@nats-io/transport-node';

/** The broker cannot be used; the message says what to do. */
export class BrokerUnusable extends Error {
  override readonly name = 'BrokerUnusable';
}

const oldest = { major: 2, minor: 12 };

/** Whether a server of this version has the atomic batches that the log stands on. */
export function isRecentEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > oldest.major || (major === oldest.major && minor >= oldest.minor);
}

/**
 * Connects to the broker and goes on trying while it is away.
 * @throws BrokerUnusable when it cannot be reached at first, or is older than 2.12
 */
export async function connectBroker(url: string, name: string): Promise<NatsConnection> {
  const connection = await connect({
    servers: url,
    name,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
    waitOnFirstConnect: false,
    timeout: 5_000,
  }).catch((cause: unknown) => {
    throw new BrokerUnusable(`NATS does not answer at ${withoutSecrets(url)}: start it, or set NATS_URL to where it runs`, { cause });
  });
  const version = connection.info?.version ?? '0';
  if (isRecentEnough(version)) return connection;
  await connection.close();
  throw new BrokerUnusable(
    `NATS at ${withoutSecrets(url)} is version ${version}: install 2.12 or newer (older servers take atomic batches apart)`,
  );
}

/** As it may be shown. */
export const withoutSecrets = (url: string): string => url.replace(/\/\/[^@/]*@/, '//…@');
