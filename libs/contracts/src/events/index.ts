export * from './common.js';
export * from './job-events.js';
export * from './tally.js';
export * from './object-events.js';
