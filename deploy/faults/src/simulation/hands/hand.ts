import type { MemoryLog } from '@provident/bus/testing/memory-log';
import type { LogEvent } from '@provident/contracts';

import type { Source } from '../ports/sim-source.js';
import type { Target } from '../ports/sim-target.js';
import type { Wire } from '../ports/sim-wire.js';
import type { Random } from '../random.js';
import type { SimProcess, World } from '../world.js';

/** What a person has before him who does something by hand. */
export interface Scene {
  readonly world: World;
  readonly broker: MemoryLog;
  readonly source: Source;
  readonly target: Target;
  readonly wire: Wire;
  /** Of his own: stories without him are what they are. */
  readonly dice: Random;
}

/** `acted`: something was done just now. `waits`: for something to happen. `done`: nothing is left to do. */
export type Standing = 'acted' | 'waits' | 'done';

/** A person who does something to the job, or in the target, beside what the story is about. */
export interface Hand {
  /** Does one thing more. */
  act(): void;
  /** Told before each write to the target, and before each page of the source. */
  readonly watch?: (what: string, who: SimProcess, id?: string) => void;
  /** Everything works again: whatever was begun is brought to its end. Asked again and again. @param isAtRest whether nothing moves any more */
  tidy(isAtRest: boolean): Standing;
  /** What the log tells that is not as this person saw it, in sentences. */
  check(events: readonly LogEvent[]): readonly string[];
}

/** Until what was said has reached everybody. Who stands still meanwhile hears of it later. */
export const graceMs = 1_000;

export const by = { kind: 'user', name: 'operator' } as const;

/** Lets a person act now and then. @returns what ends that */
export function visit({ world, dice }: Scene, hand: Hand): () => void {
  let isOver = false;
  const next = (): void =>
    void world.schedule(dice.between(500, 15_000), null, () => {
      if (isOver) return;
      hand.act();
      next();
    });
  next();
  return () => (isOver = true);
}
