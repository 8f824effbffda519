import { type Databases, openPostgres, openQuick } from './databases.js';
import { type SeedResult, playSeed } from './play-seed.js';
import { NotForQuickStore } from './quick-store.js';
import type { Sabotage } from './sabotage/sabotage.js';
import { installVirtualTime, running } from './virtual-time.js';
import { SimProcess } from './world.js';

/** Where the services' tables are: in memory, or in the Postgres at an address. */
export type Engine = { readonly kind: 'memory' } | { readonly kind: 'postgres'; readonly url: string };

/** Plays seeds in this process, one after another; from the first one on its clock and dice are the simulation's wherever services run. */
export class SeedPlayer {
  private constructor(private readonly databases: Databases) {}

  /** @throws NotForQuickStore when the services' tables need Postgres */
  static async open(engine: Engine): Promise<SeedPlayer> {
    installVirtualTime();
    process.off('unhandledRejection', endProcess);
    process.on('unhandledRejection', endProcess);
    return new SeedPlayer(engine.kind === 'memory' ? await openQuick() : await openPostgres(engine.url));
  }

  /** @throws NotForQuickStore when a statement needs Postgres */
  async play(seed: number, sabotage?: Sabotage): Promise<SeedResult> {
    await this.databases.empty();
    const result = await playSeed(seed, this.databases.stores, sabotage);
    const unknown = result.problems.find((problem) => problem.includes(NotForQuickStore.name));
    if (unknown !== undefined) throw new NotForQuickStore(unknown);
    return result;
  }

  close(): Promise<void> {
    return this.databases.close();
  }
}

/** What a service does not handle ends its process, as it would in earnest. */
function endProcess(reason: unknown): void {
  const process = running();
  if (!(process instanceof SimProcess)) throw reason;
  process.crash(`unhandled: ${String(reason)}`);
}
