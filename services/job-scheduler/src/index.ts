export { type Order, ownerSubject } from './commands/job-owners.js';
export { JobKeeper } from './job-keeper.js';
export { schedulerEntities, schedulerMigrations } from './state/schema.js';
export { SchedulerConfig } from './config.js';
