import type { CycleView, HealthView, JobStatusView, LogEntryView, LogStep } from '@provident/contracts';
import { emptyTally } from '@provident/contracts';

/** A closed initial cycle of 50 people, changed as a spec needs it. */
export const cycleView = (changes: Partial<CycleView> = {}): CycleView => ({
  cycleId: 'c1',
  jobId: 'sample',
  kind: 'initial',
  state: 'succeeded',
  openedAt: '2026-11-22T03:54:17.000Z',
  closedAt: '2026-11-22T03:54:19.000Z',
  importCompletedAt: '2026-11-22T03:54:18.000Z',
  by: { kind: 'system', name: 'schedule' },
  tally: { ...emptyTally, read: 50, imported: 50, created: 43, skipped: 5, escrowed: 2 },
  total: 50,
  reevaluated: 0,
  failure: null,
  ...changes,
});

export const jobStatusView = (changes: Partial<JobStatusView> = {}): JobStatusView => ({
  jobId: 'sample',
  name: 'People to the sample app',
  source: 'people.csv',
  target: 'Sample app',
  revision: 1,
  state: 'active',
  inScope: { user: 45 },
  linked: { user: 43 },
  initialCycleCompleted: true,
  running: null,
  lastCycle: cycleView(),
  lastSucceededAt: '2026-11-22T03:54:19.000Z',
  nextCycleAt: '2026-11-22T04:34:17.000Z',
  escrows: 0,
  givenUp: 0,
  heldRemovals: null,
  quarantine: null,
  pace: null,
  rate: null,
  freshness: { position: 300, head: 300, at: '2026-11-22T03:54:20.000Z' },
  ...changes,
});

/** Everything runs, and the reports know the whole log. */
export const healthView = (changes: Partial<HealthView> = {}): HealthView => ({
  status: 'ok',
  services: [],
  log: { head: 300, position: 300 },
  database: true,
  broker: true,
  ...changes,
});

export const logStep = (changes: Partial<LogStep> = {}): LogStep => ({
  at: '2026-11-22T03:54:18.100Z',
  sequence: 1,
  activity: 'import',
  step: 'source-object-imported',
  system: 'source',
  status: 'success',
  text: 'read from people.csv',
  details: {},
  ...changes,
});

export const logEntry = (changes: Partial<LogEntryView> = {}): LogEntryView => ({
  changeId: 'ch1',
  jobId: 'sample',
  cycleId: 'c1',
  at: '2026-11-22T03:54:18.500Z',
  objectType: 'user',
  sourceId: '1002',
  targetId: 't-77',
  displayName: 'Zoë Müller',
  matchingValue: 'zoe.muller@example.com',
  action: 'create',
  status: 'success',
  reason: 'not-in-target',
  statusText: 'created',
  attempts: 1,
  modified: [],
  steps: [],
  ...changes,
});
