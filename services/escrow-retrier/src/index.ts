export { escrowLanes } from './escrow-lanes.js';
export { escrowEntities, escrowMigrations } from './state/schema.js';
