export * from './connector.js';
export * from './connector-error.js';
export * from './registry.js';
export * from './target-gate.js';
