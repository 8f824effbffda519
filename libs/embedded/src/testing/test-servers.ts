import { findContainerEngine } from '../containers.js';
import { EmbeddedError } from '../embedded-error.js';
import { Refusal } from '../find-first.js';
import { startContainers } from './container-servers.js';
import { startEmbedded } from './embedded-servers.js';
import type { TestServers } from './servers.js';

/**
 * Postgres and NATS for one test run: containers where an engine answers, else servers of our own; PROVIDENT_TEST_SERVERS
 * (`containers` or `embedded`) decides otherwise. They end with this process, even when it is killed.
 */
export async function startTestServers(env: NodeJS.ProcessEnv = process.env): Promise<TestServers> {
  const wish = env['PROVIDENT_TEST_SERVERS'];
  if (wish === 'embedded') return startEmbedded(env);
  if (wish && wish !== 'containers') throw new EmbeddedError(`PROVIDENT_TEST_SERVERS is ${wish}; it may be containers or embedded.`);
  const engine = await findContainerEngine(env['PATH']);
  if (!(engine instanceof Refusal)) return startContainers(engine);
  if (wish === 'containers') throw new EmbeddedError(`PROVIDENT_TEST_SERVERS asks for containers, but ${engine.reason}.`);
  return startEmbedded(env);
}
