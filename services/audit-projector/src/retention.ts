import type { JobRegistry } from '@provident/bus';
import { horizonOf, type Retention, retentionKinds } from '@provident/domain';
import { type AllHorizons, type Connection, type Horizons, removeOld } from '@provident/projection';

interface Logger {
  info(facts: object, message: string): void;
}

/** How often it is looked whether something has grown old. */
const everyMs = 600_000;
/** Between two steps the projection has its turn. */
const pauseMs = 50;

export interface RetentionPorts {
  readonly registry: Pick<JobRegistry, 'list'>;
  /** What holds for jobs that say nothing, and for those that are gone. */
  readonly installation: Retention;
  readonly logger: Logger;
  readonly now: () => Date;
  readonly everyMs?: number;
  /** Told how many rows went. */
  readonly onRemoved?: (rows: number) => void;
}

/** Removes from the read models what the jobs do not keep any more, a little at a time. */
export class RetentionKeeper {
  constructor(private readonly ports: RetentionPorts) {}

  /** From when on what is kept, by the jobs' files as they are now. */
  horizons(): AllHorizons {
    const { registry, installation, now } = this.ports;
    const at = now().getTime();
    const of = (kind: (typeof retentionKinds)[number]): Horizons => ({
      jobs: new Map(
        registry.list().map(({ jobId, configured }) => [jobId, horizonOf(kind, configured.definition.retention, installation, at)]),
      ),
      others: horizonOf(kind, undefined, installation, at),
    });
    return { log: of('log'), events: of('events') };
  }

  /** Until the signal is given. @throws what the database says; nothing of the step has happened then */
  async run(connection: Connection, signal: AbortSignal): Promise<void> {
    const { logger, now, onRemoved } = this.ports;
    while (!signal.aborted) {
      let removed = 0;
      for (let isMore = true; isMore && !signal.aborted; await rest(pauseMs, signal)) {
        const step = await removeOld(connection, this.horizons(), now());
        removed += step.removed;
        onRemoved?.(step.removed);
        isMore = step.isMore;
      }
      if (removed > 0) logger.info({ rows: removed }, 'the reports do not keep these any more');
      await rest(this.ports.everyMs ?? everyMs, signal);
    }
  }
}

function rest(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
