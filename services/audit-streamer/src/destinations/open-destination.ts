import type { StreamDefinition } from '@provident/contracts';

import { type Destination, type DestinationPorts, Undelivered } from './destination.js';
import { NatsSubject } from './nats-subject.js';
import { OtlpLogs } from './otlp.js';
import { RotatingFile } from './rotating-file.js';
import { Webhook } from './webhook.js';

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
