import type { MemoryLog } from '@provident/bus/testing/memory-log';
import type { SourceConnector, TargetConnector } from '@provident/connectors';

import type { Source } from '../ports/sim-source.js';
import type { Target } from '../ports/sim-target.js';
import type { Story } from '../story.js';
import type { World } from '../world.js';

/** What whoever does something wrong can look at. */
export interface Scenery {
  readonly world: World;
  readonly broker: MemoryLog;
  readonly source: Source;
  readonly target: Target;
}

/** Does something wrong in one story, between the services and what is around them, as a faulty service would. */
export interface Sabotage {
  /** Between the exporter and the target. */
  readonly target?: (connector: TargetConnector, scenery: Scenery) => TargetConnector;
  /** Between the source and the importer. */
  readonly source?: (connector: SourceConnector, scenery: Scenery) => SourceConnector;
  /** On the way to whoever asked for something on demand. */
  readonly answer?: (text: string) => string;
}

/** Something that can be done wrong, and has to be found. */
export interface SabotageKind {
  /** In whose stories it can be done; if that is not said, in all. */
  readonly where?: (story: Story) => boolean;
  /** Anew for every story. */
  readonly make: () => Sabotage;
}

/** The first time that it is asked, and never again. */
export function once(): () => boolean {
  let isDone = false;
  return () => !isDone && (isDone = true);
}

const everyMs = 500;

/** Tries something in the running process now and then, until it says that it was done; what fails is tried again. */
export function untilDone(attempt: () => Promise<boolean>): void {
  const next = (): void =>
    void setTimeout(() => {
      void attempt()
        .catch(() => false)
        .then((isDone) => isDone || next());
    }, everyMs);
  next();
}
