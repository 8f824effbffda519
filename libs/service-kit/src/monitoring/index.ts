export * from './monitor.js';
export { requestMetrics } from './request-metrics.js';
