import { BaseConfig, bootstrap } from '@provident/service-kit';

import { escrowRetrierModule } from './escrow-retrier.module.js';

await bootstrap({ name: 'escrow-retrier', config: BaseConfig, module: escrowRetrierModule });
