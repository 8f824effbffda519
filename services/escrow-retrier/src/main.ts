import { bootstrap } from '@provident/service-kit';

import { EscrowRetrierConfig } from './config.js';
import { escrowRetrierModule } from './escrow-retrier.module.js';

await bootstrap({ name: 'escrow-retrier', config: EscrowRetrierConfig, module: escrowRetrierModule });
