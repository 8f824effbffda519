import { BenchError } from '../bench-error.js';
import { accountsOf } from '../load/job.js';
import { makePeople } from '../load/people.js';
import type { CpuByProcess } from '../process/family.js';
import type { World } from '../world.js';
import { checkAccounts } from './check-accounts.js';
import { type Target, startTarget } from './target.js';

export interface BareLoopMeasured {
  readonly usersPerSecond: number;
  readonly seconds: number;
  readonly cpu: CpuByProcess;
}

const limitMs = 600_000;

/** Makes the same accounts in an empty target, by a program that does nothing else. */
export async function runBareLoop(world: World, users: number, concurrency: number): Promise<BareLoopMeasured> {
  const target: Target = await startTarget(world, 'target of the bare loop');
  const loop = world.program('bare loop', 'bare-loop', [target.url, String(users), String(concurrency)]);
  await loop.ready();
  const used = world.family.watch();
  const { seconds } = await loop.ask<{ seconds: number }>('begin', limitMs);
  const cpu = used();
  const problems = checkAccounts(await target.accounts(), accountsOf(makePeople(users)));
  if (problems.length > 0) throw new BenchError(`the bare loop did something else than it should:\n${problems.join('\n')}`);
  await world.stop(loop);
  await world.stop(target.child);
  return { usersPerSecond: users / seconds, seconds, cpu };
}
