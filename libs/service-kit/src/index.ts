export * from './config.js';
export * from './logger.js';
export * from './database.js';
export * from './service.js';
export * from './bootstrap.js';
export * from './pool-runner.js';
export * from './state-fold.js';
export * from './describe-opened.js';
