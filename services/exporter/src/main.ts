import { bootstrap } from '@provident/service-kit';

import { ExporterConfig } from './config.js';
import { exporterModule } from './exporter.module.js';

await bootstrap({ name: 'exporter', yields: true, config: ExporterConfig, module: exporterModule });
