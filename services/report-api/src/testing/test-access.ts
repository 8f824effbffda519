import { randomUUID } from 'node:crypto';

import { Appender } from '@provident/bus';
import { MemoryLog, MemorySimulations } from '@provident/bus/testing';

import type { AccessHooks } from '../access/access-hooks.js';
import { localCaller } from '../access/caller.js';
import { type Access, type AccessEnvironment, openAccess } from '../access/open-access.js';
import { RateLimit } from '../access/rate-limit.js';

export interface TestAccess extends Access {
  /** What the service itself said. */
  readonly said: MemoryLog;
}

/** Access as on this machine, with tokens in a schema of their own. */
export async function testAccess(databaseUrl: string, options: Partial<AccessEnvironment> = {}): Promise<TestAccess> {
  const said = new MemoryLog();
  const access = await openAccess({
    settings: { signIn: 'this-machine', openId: null, clientId: null, scopes: [] },
    databaseUrl,
    schema: `access_${randomUUID().slice(0, 8)}`,
    log: said,
    appender: new Appender(said),
    simulations: new MemorySimulations(),
    requestsAMinute: 0,
    failuresAMinute: 0,
    tokenFile: null,
    instance: 'test',
    now: () => new Date(),
    onTrouble: (error) => {
      throw error;
    },
    ...options,
  });
  return { ...access, said };
}

/** Everybody is let in, and nothing is written down. */
export const openHooks = (): AccessHooks => ({
  control: { identify: () => Promise.resolve(localCaller) },
  log: { record: () => Promise.resolve() },
  denials: { note: () => undefined },
  simulations: new MemorySimulations(),
  requests: new RateLimit(0, Date.now),
  failures: new RateLimit(0, Date.now),
});
