import { AccessDenied, type Initiator } from '@provident/contracts';

import type { Said } from './access-log.js';

/** An attempt that was denied. */
export interface Denial {
  readonly kind: Said<typeof AccessDenied>['kind'];
  readonly message: string;
  readonly route: string | null;
  readonly about: string | null;
  readonly address: string;
  readonly by: Initiator;
}

export interface DenialsOptions {
  readonly tell: (denied: Said<typeof AccessDenied>) => Promise<void>;
  readonly onTrouble: (error: unknown) => void;
  readonly now: () => Date;
  /** How long the attempts of one caller are gathered. */
  readonly windowMs?: number;
  /** Callers that are told apart at a time; the attempts of all others are counted together. */
  readonly mostCallers?: number;
}

interface Gathered {
  readonly latest: Denial;
  readonly count: number;
  readonly since: string;
  readonly until: string;
}

const others = 'others';

/**
 * Tells of attempts that were denied, in so few events that nobody can flood the log with them: the first of a caller at once, the following
 * ones together after a while, and those of too many callers together.
 */
export class Denials {
  /** By caller; null for one that was told of, and of whom nothing has come since. */
  private gathered = new Map<string, Gathered | null>();
  private readonly timer: NodeJS.Timeout;
  private telling: Promise<void> = Promise.resolve();

  constructor(private readonly options: DenialsOptions) {
    this.timer = setInterval(() => this.turnOver(), options.windowMs ?? 60_000);
    this.timer.unref();
  }

  note(denial: Denial): void {
    const own = `${denial.kind} ${denial.by.kind} ${denial.by.name} ${denial.address}`;
    const isKnown = this.gathered.has(own);
    const caller = isKnown || this.gathered.size < (this.options.mostCallers ?? 50) ? own : others;
    const gathered = joined(this.gathered.get(caller) ?? null, denial, this.options.now().toISOString());
    if (isKnown || caller === others) {
      this.gathered.set(caller, gathered);
      return;
    }
    this.gathered.set(caller, null);
    this.tell(caller, gathered);
  }

  /** Tells what is left, and takes no more notice of time. */
  async end(): Promise<void> {
    clearInterval(this.timer);
    this.turnOver();
    await this.telling;
  }

  private turnOver(): void {
    const before = this.gathered;
    this.gathered = new Map();
    for (const [caller, gathered] of before) {
      if (gathered === null) continue;
      // Whoever goes on is not told of at once again.
      if (caller !== others) this.gathered.set(caller, null);
      this.tell(caller, gathered);
    }
  }

  private tell(caller: string, { latest, ...counted }: Gathered): void {
    this.telling = this.telling
      .then(() => this.options.tell({ ...latest, ...counted }))
      .catch((error: unknown) => {
        this.options.onTrouble(error);
        // Not lost: it is told of with what comes next.
        const later = this.gathered.get(caller) ?? null;
        this.gathered.set(
          caller,
          later === null ? { latest, ...counted } : { ...later, count: later.count + counted.count, since: counted.since },
        );
      });
  }
}

const joined = (before: Gathered | null, latest: Denial, at: string): Gathered => ({
  latest,
  count: (before?.count ?? 0) + 1,
  since: before?.since ?? at,
  until: at,
});
