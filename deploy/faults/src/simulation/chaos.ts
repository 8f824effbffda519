import type { Fault, World } from './world.js';

export type Trouble =
  | 'append'
  | 'find'
  | 'database'
  | 'throttled'
  | 'unavailable'
  | 'lost-answer'
  | 'hang'
  | 'gone'
  | 'rejected'
  | 'unauthorized'
  | 'source';

const troubles: readonly Trouble[] = [
  'append',
  'find',
  'database',
  'throttled',
  'unavailable',
  'lost-answer',
  'hang',
  'gone',
  'rejected',
  'unauthorized',
  'source',
];

/** Which troubles a seed has, and how often. Some seeds have few kinds and much of them, others a little of everything. */
export class Chaos {
  private readonly chances = new Map<Trouble, number>();

  constructor(private readonly world: World) {
    const { random } = world;
    const variety = random.pick([0, 0.3, 0.7]);
    for (const trouble of troubles) {
      const most = trouble === 'unauthorized' || trouble === 'append' || trouble === 'find' ? 0.02 : 0.12;
      if (random.chance(variety)) this.chances.set(trouble, random.next() * most);
    }
    world.roughness = {
      crash: random.chance(0.7) ? random.next() * 0.004 : 0,
      pause: random.chance(0.4) ? random.next() * 0.0005 : 0,
      travelMs: random.pick([5, 50, 400]),
    };
  }

  /** From now on everything works. */
  end(): void {
    this.chances.clear();
    this.world.calm();
  }

  strikes(trouble: Trouble): boolean {
    if (!this.world.random.chance(this.chances.get(trouble) ?? 0)) return false;
    this.world.counts.faults++;
    return true;
  }

  /** A failure of that kind, with or without the effect having taken place; in most cases none. */
  fault(trouble: Trouble, error: () => Error): Fault | undefined {
    return this.strikes(trouble) ? { takesEffect: this.world.random.chance(0.5), error: error() } : undefined;
  }
}
