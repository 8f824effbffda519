import type { Child } from '../process/child.js';
import type { World } from '../world.js';

/** A user as the target shows it. */
export type Account = Readonly<Record<string, unknown>>;

export interface Target {
  readonly url: string;
  readonly child: Child;
  accounts(): Promise<readonly Account[]>;
}

/** An empty target in a process of its own. */
export async function startTarget(world: World, name: string): Promise<Target> {
  const child = world.program(name, 'target');
  const { url } = (await child.ready()) as { url: string };
  return { url, child, accounts: () => child.ask<Account[]>('which accounts are there?') };
}
