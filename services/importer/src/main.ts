import { bootstrap } from '@provident/service-kit';

import { ImporterConfig } from './config.js';
import { importerModule } from './importer.module.js';

await bootstrap({ name: 'importer', yields: true, config: ImporterConfig, module: importerModule });
