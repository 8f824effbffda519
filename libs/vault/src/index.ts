export * from './keys/key-ring.js';
export { type Bound, type MasterKey } from './keys/master-key.js';
export * from './seal.js';
export * from './secrets/live-secret.js';
export * from './secrets/resolve-secret.js';
export * from './state/migrations.js';
export * from './vault.js';
export * from './vault-error.js';
