export * from './connector.js';
export * from './connector-error.js';
export * from './registry.js';
export * from './target-gate.js';
export * from './pace/budget-store.js';
export * from './pace/request-pace.js';
export * from './pace/target-pace.js';
export * from './pace/target-paces.js';
