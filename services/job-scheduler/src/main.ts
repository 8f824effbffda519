import { BaseConfig, bootstrap } from '@provident/service-kit';

import { jobSchedulerModule } from './job-scheduler.module.js';

await bootstrap({ name: 'job-scheduler', config: BaseConfig, module: jobSchedulerModule });
