export * from './audits/list-audits.query.js';
export { partId } from './ids.js';
export * from './page.js';
export * from './provisioning/list-provisioning.query.js';
