export { exportLanes } from './export-lanes.js';
export { exporterEntities, exporterMigrations } from './state/schema.js';
export type { OpenTarget } from './targets.js';
