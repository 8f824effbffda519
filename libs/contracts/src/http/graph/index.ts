export * from './collection.js';
export * from './directory-audit.js';
export * from './on-demand.js';
export * from './provisioning.js';
export * from './synchronization.js';
