export * from './log-item.js';
export * from './position.js';
export type { Connection, Projection } from './projection.js';
export * from './projector.js';
export * from './reset-read-models.js';
