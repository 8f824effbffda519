import type { NatsConnection } from '@nats-io/transport-node';
import type { NetworkPolicy } from '@provident/connectors/config';
import type { StreamDefinition, StreamFormat } from '@provident/contracts';

import { type Destination, Undelivered } from './destination.js';
import { NatsSubject } from './nats-subject.js';
import { OtlpLogs } from './otlp.js';
import { RotatingFile } from './rotating-file.js';
import { Webhook } from './webhook.js';

export interface DestinationPorts {
  readonly streamId: string;
  readonly formatKind: StreamFormat['kind'];
  /** Read at each use, so that a secret can be changed. @throws Undelivered which names it and never holds it */
  readonly readSecret: (name: string) => Promise<string>;
  /** Where it may be. */
  readonly network: NetworkPolicy;
  readonly connection: NatsConnection;
  /** Folder of files; null when there is none. */
  readonly folder: string | null;
  readonly now: () => Date;
}

export const noFolder = 'no folder for files is set: PROVIDENT_STREAM_FILES of the audit-streamer names one';

/** @throws Undelivered when the installation has no such place */
export function openDestination({ destination }: StreamDefinition, ports: DestinationPorts): Destination {
  switch (destination.kind) {
    case 'webhook':
      return new Webhook(destination, ports);
    case 'otlp':
      return new OtlpLogs(destination, ports);
    case 'nats':
      return new NatsSubject(destination.subject, ports.connection);
    case 'file':
      if (ports.folder === null) throw new Undelivered(noFolder);
      return new RotatingFile(ports.folder, destination, ports.now);
  }
}
