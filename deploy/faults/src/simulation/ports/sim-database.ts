import type { DataSource, EntityManager } from 'typeorm';

import { Injected } from './injected.js';
import type { Chaos } from '../chaos.js';
import type { Store } from '../quick-store.js';
import type { World } from '../world.js';

type Method = (...args: unknown[]) => Promise<unknown>;

/**
 * A service's tables as a simulated process reaches it. Every statement and every transaction is one step of the world: a process that dies
 * during one has it done or not done. Knows what the services use of a DataSource, and nothing else.
 */
export function simDatabase(world: World, database: Store, chaos: Chaos): DataSource {
  const step = (work: () => Promise<unknown>, survives: boolean): Promise<unknown> => {
    const fault = chaos.fault('database', () => new Injected('the database closed the connection'));
    return world.call(work, { survives, ...(fault && { fault }) });
  };
  const facade = {
    query: (sql: string, parameters?: unknown[]) => step(() => database.query(sql, parameters), true),
    // What runs in a transaction is the process's own code: it does not outlive the process.
    transaction: (work: (manager: EntityManager) => Promise<unknown>) => step(() => database.transaction(work), false),
    getRepository: (entity: new () => object) => {
      const repository = database.getRepository(entity) as unknown as Record<string, Method>;
      return new Proxy(repository, {
        get:
          (_, name: string) =>
          (...args: unknown[]) =>
            step(() => repository[name]!(...args), true),
      });
    },
    destroy: async () => undefined,
  };
  return facade as unknown as DataSource;
}
