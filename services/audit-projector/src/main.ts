import { bootstrap } from '@provident/service-kit';

import { auditProjectorModule } from './audit-projector.module.js';
import { AuditProjectorConfig } from './config.js';

await bootstrap({ name: 'audit-projector', config: AuditProjectorConfig, module: auditProjectorModule });
