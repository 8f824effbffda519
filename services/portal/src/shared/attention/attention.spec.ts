import { expect, test } from '@jest/globals';
import type { HealthView, JobStatusView } from '@provident/contracts/http';

import { attentionOf } from './attention.js';

const now = Date.parse('2026-03-02T10:00:00Z');
const job = (jobId: string, given: Partial<JobStatusView> = {}): JobStatusView =>
  ({ jobId, quarantine: null, heldRemovals: null, lastCycle: null, running: null, escrows: 0, givenUp: 0, ...given }) as JobStatusView;
const names = ['job-scheduler', 'importer', 'rule-evaluator', 'exporter', 'escrow-retrier', 'audit-projector'];
const health = (given: Partial<HealthView> = {}): HealthView => ({
  status: 'ok',
  services: names.map((service) => ({ service, instance: service, seenAt: '2026-03-02T09:59:58Z', lanes: 1 })),
  log: { head: 1, position: 1 },
  database: true,
  broker: true,
  ...given,
});
const quarantine = { reason: 'connection', message: 'no', beganAt: '', count: 1, nextAttemptAt: '' };
const heldRemovals = { cycleId: 'c', proposed: 9, linked: 10, threshold: '20 %', guards: [] };

test('a healthy installation asks for nothing', () => {
  expect(attentionOf([job('a')], health(), now)).toEqual([]);
  expect(attentionOf([job('a')], undefined, now)).toEqual([]);
});

test('the most urgent stands first, whatever job it is of', () => {
  const jobs = [job('a', { escrows: 3 }), job('b', { heldRemovals }), job('c', { quarantine, escrows: 1 })];
  expect(attentionOf(jobs, health(), now).map((each) => `${each.kind} ${'job' in each ? each.job.jobId : ''}`)).toEqual([
    'quarantine c',
    'held b',
    'failures a',
    'failures c',
  ]);
});

test('a failed cycle is told unless the quarantine tells it or the next one runs', () => {
  const lastCycle = { state: 'failed' } as JobStatusView['lastCycle'];
  const kinds = (given: Partial<JobStatusView>) => attentionOf([job('a', { lastCycle, ...given })], undefined, now).map(({ kind }) => kind);
  expect(kinds({})).toEqual(['failed-cycle']);
  expect(kinds({ quarantine })).toEqual(['quarantine']);
  expect(kinds({ running: lastCycle })).toEqual([]);
});

test('a quarantine for removals that are held is told by these alone; any other one, and one that holds nothing any more, by itself', () => {
  const kinds = (given: Partial<JobStatusView>) => attentionOf([job('a', given)], undefined, now).map(({ kind }) => kind);
  const forRemovals = { ...quarantine, reason: 'too-many-removals' };
  expect(kinds({ quarantine: forRemovals, heldRemovals })).toEqual(['held']);
  expect(kinds({ quarantine: forRemovals })).toEqual(['quarantine']);
  expect(kinds({ quarantine, heldRemovals })).toEqual(['quarantine', 'held']);
});

test('who was given up waits for a person even when nobody else fails', () => {
  expect(attentionOf([job('a', { givenUp: 1 })], undefined, now).map(({ kind }) => kind)).toEqual(['failures']);
});

test('services that no longer say that they live are named; without the broker nobody can say so', () => {
  const services = health().services.map((each) => (each.service === 'exporter' ? { ...each, seenAt: '2026-03-02T09:59:40Z' } : each));
  expect(attentionOf([], health({ services }), now)).toEqual([{ kind: 'services', missing: ['exporter'] }]);
  expect(attentionOf([], health({ services: [], broker: false }), now)).toEqual([{ kind: 'broker' }]);
  expect(attentionOf([], health({ database: false }), now)).toEqual([{ kind: 'database' }]);
  expect(attentionOf([], health({ durability: 'waived' }), now)).toEqual([{ kind: 'durability' }]);
  expect(attentionOf([], health({ durability: 'declared' }), now)).toEqual([]);
  expect(attentionOf([], health({ services: [], log: { head: 7, position: 9, wrong: 'it went back' } }), now)).toEqual([
    { kind: 'wrong-log', words: 'it went back' },
  ]);
});
