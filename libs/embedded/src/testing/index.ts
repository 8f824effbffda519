export { type OwnNats, startOwnNats } from './own-nats.js';
export type { TestServers } from './servers.js';
export { startTestServers } from './test-servers.js';
export { testDatabase, type TestDatabase, testNatsUrl } from './test-environment.js';
