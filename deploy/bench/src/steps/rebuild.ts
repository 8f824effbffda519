import { isDeepStrictEqual } from 'node:util';

import { BenchError } from '../bench-error.js';
import type { CpuByProcess } from '../process/family.js';
import type { World } from '../world.js';
import type { ReadModels } from './read-models.js';

export interface RebuildMeasured {
  readonly events: number;
  /** From the projector's being ready until everything is in the read models. */
  readonly seconds: number;
  /** In that time. */
  readonly cpu: CpuByProcess;
}

/**
 * Ends the projector, empties the read models, starts it again and lets it build them anew from the first event.
 * @throws BenchError when they are not what they were
 */
export async function runRebuild(world: World, models: ReadModels): Promise<RebuildMeasured> {
  const events = await world.log.head();
  await models.reach(events);
  await world.stopService('audit-projector');
  const before = await models.digest();
  await models.reset();
  await world.startServices(['audit-projector']);
  const used = world.family.watch();
  const begin = performance.now();
  await models.reach(events);
  const seconds = (performance.now() - begin) / 1000;
  const cpu = used();
  const after = await models.digest();
  const different = Object.keys(before).filter((table) => !isDeepStrictEqual(before[table], after[table]));
  if (different.length > 0) throw new BenchError(`rebuilt read models differ from those before: ${different.join(', ')}`);
  return { events, seconds, cpu };
}
