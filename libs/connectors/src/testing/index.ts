export * from './memory-target.js';
export * from './quirk-faults.js';
export * from './quirk-scim-server.js';
export * from './scimmy-target.js';
export * from './slapd.js';
export * from './target-contract.js';
