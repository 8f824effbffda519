export { exporterEntities, exporterMigrations } from './state/schema.js';
export type { OpenTarget } from './targets.js';
export { exportWork } from './work-on-lanes.js';
