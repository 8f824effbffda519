import { bootstrap } from '@provident/service-kit';

import { auditStreamerModule } from './audit-streamer.module.js';
import { AuditStreamerConfig } from './config.js';

await bootstrap({ name: 'audit-streamer', config: AuditStreamerConfig, yields: true, module: auditStreamerModule });
