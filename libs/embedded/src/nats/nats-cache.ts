import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where a fetched server is kept for the next start. */
export const natsCache = (env: NodeJS.ProcessEnv): string =>
  join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'provident', 'nats');
