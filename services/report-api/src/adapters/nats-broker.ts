import type { NatsConnection } from '@nats-io/transport-node';
import { archiveLog, type EventLog, findDeparture, type KnownLog, type SharedDocuments, listSessions, openBudgets } from '@provident/bus';
import type { HealthView, PaceView, RateView } from '@provident/contracts';
import { type Budget, type PaceReport, paceReport, type RateReport, rateReport } from '@provident/domain';

import { Broker } from '../ports.js';

/** How long an answer is good for: reports say how fresh they are, they need not ask each time. */
const goodForMs = 200;
const patienceMs = 1_500;

/** Asks NATS, but neither too often nor for too long. */
export class NatsBroker extends Broker {
  private asked: { readonly at: number; readonly head: Promise<number | null> } | null = null;

  private budgets: Promise<SharedDocuments<Budget>> | null = null;
  private listed: { readonly at: number; readonly budgets: Promise<{ readonly value: Budget }[] | null> } | null = null;

  constructor(
    private readonly connection: NatsConnection,
    private readonly log: EventLog,
    private readonly stream: string,
    readonly durability: Broker['durability'],
  ) {
    super();
  }

  head(): Promise<number | null> {
    const now = performance.now();
    if (!this.asked || now - this.asked.at > goodForMs) this.asked = { at: now, head: orNull(this.log.head()) };
    return this.asked.head;
  }

  departureFrom(known: KnownLog): Promise<string | null> {
    return orNull(findDeparture(this.log, known));
  }

  archive(signal: AbortSignal): AsyncIterable<string> {
    return archiveLog(this.connection, { stream: this.stream, madeAt: new Date().toISOString(), signal });
  }

  async sessions(): Promise<HealthView['services']> {
    const sessions = (await orNull(listSessions(this.connection))) ?? [];
    return sessions.map(({ service, instance, version, at, units }) => ({
      service,
      instance,
      ...(version !== '' && { version }),
      seenAt: at,
      lanes: units,
    }));
  }

  pace(jobId: string): Promise<PaceView | null> {
    return this.ofBudgets((budget, now) => {
      const report = paceReport(budget, jobId, now);
      return report && paceView(report);
    });
  }

  rate(jobId: string): Promise<RateView | null> {
    return this.ofBudgets((budget, now) => {
      const report = rateReport(budget, jobId, now);
      return report && rateView(report);
    });
  }

  /** The first answer that a budget gives. */
  private async ofBudgets<Answer>(ask: (budget: Budget, now: number) => Answer | null): Promise<Answer | null> {
    this.budgets ??= openBudgets(this.connection);
    this.budgets.catch(() => (this.budgets = null));
    const budgets = await orNull(this.budgets);
    if (!budgets) return null;
    const now = performance.now();
    if (!this.listed || now - this.listed.at > goodForMs) this.listed = { at: now, budgets: orNull(budgets.list()) };
    for (const { value } of (await this.listed.budgets) ?? []) {
      const answer = ask(value, budgets.now());
      if (answer) return answer;
    }
    return null;
  }
}

const paceView = ({ limits, learned, pausedUntil, waiting }: PaceReport): PaceView => ({
  limits: limits.map(({ slots, perMs, of, used }) => ({ requests: slots, perMs, of, used })),
  learned,
  pausedUntil: pausedUntil === null ? null : new Date(pausedUntil).toISOString(),
  waiting,
});

const rateView = ({ limits, pausedUntil, waiting, taken, refused }: RateReport): RateView => ({
  limits: limits.map(({ slots, perMs, of, used, from }) => ({ requests: slots, perMs, of, used, from })),
  pausedUntil: pausedUntil === null ? null : new Date(pausedUntil).toISOString(),
  waiting,
  answered: taken + refused,
  refused,
});

function orNull<Answer>(asked: Promise<Answer>): Promise<Answer | null> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, patienceMs, null);
  });
  return Promise.race([asked.catch(() => null), tooLong]).finally(() => clearTimeout(timer));
}
