import { randomUUID } from 'node:crypto';

import type { NatsConnection } from '@nats-io/transport-node';

/** A broker of one's own on the server that all specs share: requests that others make of a job of the same name do not arrive here. */
export function apart(connection: NatsConnection): Pick<NatsConnection, 'subscribe'> {
  const own = randomUUID();
  return { subscribe: (subject, options) => connection.subscribe(`${own}.${subject}`, options) };
}
