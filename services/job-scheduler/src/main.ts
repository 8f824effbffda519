import { bootstrap } from '@provident/service-kit';

import { SchedulerConfig } from './config.js';
import { jobSchedulerModule } from './job-scheduler.module.js';

await bootstrap({ name: 'job-scheduler', config: SchedulerConfig, module: jobSchedulerModule });
