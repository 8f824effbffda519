import type { LogEvent } from '@provident/contracts';
import { type Connection, Projector } from '@provident/projection';

/** The projector's own, as it is configured by default. */
const batch = 300;
export const logName = 'bench-reports';

export interface Projected {
  readonly events: number;
  readonly seconds: number;
}

/** Projects events as the service does, but for reading them from the log. */
export async function project(connection: Connection, events: readonly LogEvent[]): Promise<Projected> {
  const begin = performance.now();
  for await (const _position of new Projector(connection, logName).projectEach(inBatches(events), batch));
  return { events: events.length, seconds: (performance.now() - begin) / 1000 };
}

async function* inBatches(events: readonly LogEvent[]): AsyncGenerator<readonly LogEvent[]> {
  for (let from = 0; from < events.length; from += batch) yield events.slice(from, from + batch);
}
