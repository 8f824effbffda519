export { checkLog, openEscrows } from '@provident/bus/testing';
export * from './early-tests.js';
export * from './installation.js';
export * from './job.js';
export * from './people.js';
export * from './plain-target.js';
export * from './random.js';
export * from './service-process.js';
export * from './tcp-proxy.js';
