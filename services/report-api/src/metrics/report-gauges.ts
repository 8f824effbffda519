import type { JobStatusView } from '@provident/contracts';
import { countEscrowsByKind, type EscrowCount, listJobs, type ReadModels } from '@provident/report';
import type { Monitor } from '@provident/service-kit';
import { Gauge } from 'prom-client';

import type { Broker } from '../ports.js';

interface Seen {
  readonly jobs: readonly JobStatusView[];
  readonly escrows: readonly EscrowCount[];
}

/** Several gauges are read at once, and several watchers may ask: the database is asked once for all of them. */
const goodForMs = 2_000;

const states: readonly JobStatusView['state'][] = ['not-run', 'active', 'paused', 'stopped', 'quarantine', 'disabled'];
const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((all, each) => all + each, 0);
const secondsOf = (instant: string): number => Date.parse(instant) / 1_000;

/** What the reports say of all jobs, as numbers. Asked when somebody looks; while the database does not answer there are none. */
export function reportGauges(monitor: Monitor, models: ReadModels, broker: Pick<Broker, 'head'>): void {
  let asked: { readonly at: number; readonly seen: Promise<Seen | null> } | null = null;
  const look = (): Promise<Seen | null> => {
    const now = performance.now();
    if (asked === null || now - asked.at > goodForMs) asked = { at: now, seen: ask().catch(() => null) };
    return asked.seen;
  };
  const ask = async (): Promise<Seen> => {
    const [jobs, escrows] = await Promise.all([broker.head().then((head) => listJobs(models, head)), countEscrowsByKind(models)]);
    return { jobs, escrows };
  };
  const gauge = (name: string, help: string, labelNames: string[], fill: (gauge: Gauge, seen: Seen) => void): void => {
    const collect = async (self: Gauge): Promise<void> => {
      self.reset();
      const seen = await look();
      if (seen) fill(self, seen);
    };
    void new Gauge({
      name,
      help,
      labelNames,
      registers: [monitor.registry],
      collect() {
        return collect(this);
      },
    });
  };
  const perJob = (name: string, help: string, of: (job: JobStatusView) => number | null): void =>
    gauge(name, help, ['job_id'], (self, { jobs }) => {
      for (const each of jobs) {
        const value = of(each);
        if (value !== null) self.inc({ job_id: monitor.jobLabel(each.jobId) }, value);
      }
    });

  gauge('provident_jobs', 'Jobs by their state', ['state'], (self, { jobs }) => {
    for (const state of states) self.set({ state }, jobs.filter((job) => job.state === state).length);
  });
  gauge('provident_escrows', 'Objects in escrow, by the kind of failure', ['job_id', 'kind', 'state'], (self, { escrows }) => {
    for (const { jobId, kind, state, objects } of escrows) self.inc({ job_id: monitor.jobLabel(jobId), kind, state }, objects);
  });
  perJob('provident_job_quarantined', 'Whether the job is in quarantine or was disabled in it', ({ state }) =>
    state === 'quarantine' || state === 'disabled' ? 1 : 0,
  );
  perJob('provident_held_removals', 'Removals that wait for a person', ({ heldRemovals }) => heldRemovals?.proposed ?? 0);
  perJob('provident_objects_in_scope', 'Objects that are in scope now', ({ inScope }) => sum(inScope));
  perJob('provident_objects_linked', 'Objects that have an account in the target through the job', ({ linked }) => sum(linked));
  perJob('provident_last_cycle_seconds', 'How long the last cycle took that closed', ({ lastCycle }) =>
    lastCycle?.closedAt ? secondsOf(lastCycle.closedAt) - secondsOf(lastCycle.openedAt) : null,
  );
  perJob('provident_last_success_timestamp_seconds', 'When a cycle of the job succeeded last', ({ lastSucceededAt }) =>
    lastSucceededAt === null ? null : secondsOf(lastSucceededAt),
  );
  gauge('provident_reports_lag_events', 'Events of the log that the reports do not tell of yet', [], (self, { jobs }) => {
    const [first] = jobs;
    if (first) self.set(first.freshness.head - first.freshness.position);
  });
}
