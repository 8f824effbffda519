export * from './monitor.js';
export { paceMetrics } from './pace-metrics.js';
export { requestMetrics } from './request-metrics.js';
