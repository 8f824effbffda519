export * from './common.js';
export * from './access-events.js';
export * from './job-events.js';
export * from './notices.js';
export * from './tally.js';
export * from './object-events.js';
export * from './vault-events.js';
export * from './privacy-events.js';
