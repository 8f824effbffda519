/** Starts Postgres and NATS once for a whole jest run; specs find them through the environment. */
import { startTestServers } from '../../libs/embedded/dist/testing/index.js';

export default async function globalSetup() {
  if (process.env.PROVIDENT_TEST_NATS_URL && process.env.PROVIDENT_TEST_DATABASE_URL) return; // somebody else's, kept as they are
  const servers = await startTestServers();
  process.env.PROVIDENT_TEST_NATS_URL = servers.natsUrl;
  process.env.PROVIDENT_TEST_DATABASE_URL = servers.postgresUrl;
  globalThis.providentTestServers = servers;
}
