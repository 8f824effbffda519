import type { LogEvent } from '@provident/contracts';

import type { Connection } from './sql/connection.js';
import type { Flight } from './sql/flight.js';
import type { ChangeStep } from './story/change-stories.js';

/**
 * Turns events into the rows of its tables. Folding runs no statement; rows are written once per batch.
 * What it remembers between batches is only ever what the database says too.
 */
export interface Projection {
  readonly name: string;
  /** Reads the rows that folding these events starts from, unless they are remembered. */
  load?(connection: Connection, events: readonly LogEvent[]): Promise<void>;
  /** @param step what the event means for its change; null when it is not about an object */
  hear(event: LogEvent, step: ChangeStep | null): void;
  /** Puts the rows on their way; what is heard from now on is for the next flight. */
  write(flight: Flight): void;
  /** The flight did not arrive: nothing that was heard has happened. */
  forget(): void;
}
