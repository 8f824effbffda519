export * from './check-log.js';
export * from './memory-log.js';
export * from './events.js';
export * from './event-log-contract.js';
export * from './collect.js';
export * from './lane-run.js';
export * from './memory-simulations.js';
export * from './simulation-store-contract.js';
