import { expect, test } from '@jest/globals';
import { DescribeSystem, ProbeTarget } from '@provident/contracts';
import { type JobFact, isoOf } from '@provident/domain';
import { fact, job, lifeAfter } from '@provident/domain/testing';
import { eventually } from '@provident/testing';

import { ConnectionProbe } from './connection-probe.js';

const minute = 60_000;
const configured = fact(1, 'job-configured', { revision: 1, definition: job() });
const quarantined = (reason: 'connection' | 'failure-proportion' = 'connection', beganAt = 5) =>
  fact(10, 'job-quarantined', {
    reason,
    failure: { kind: 'unauthorized', code: 'http-401', message: '' },
    beganAt: isoOf(beganAt),
    count: 1,
    nextAttemptAt: isoOf(99 * minute),
  });

interface World {
  readonly asked: string[];
  readonly probe: ConnectionProbe;
  readonly at: (nowMs: number, ...facts: JobFact[]) => Promise<void>;
  answer: (subject: string) => unknown;
}

function world(answer: World['answer']): World {
  const asked: string[] = [];
  const it: World = {
    asked,
    answer,
    probe: new ConnectionProbe(
      async (subject) => {
        asked.push(subject);
        return it.answer(subject);
      },
      () => '/jobs',
    ),
    at: async (nowMs, ...facts) => {
      it.probe.look(lifeAfter(configured, ...facts), nowMs, () => undefined);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  return it;
}

test('both systems are asked at growing intervals, until they let us in', async () => {
  const it = world(() => ({ ok: false, message: 'refused' }));
  await it.at(minute, quarantined());
  expect(it.asked).toEqual([]); // a minute after it was found, which is ten milliseconds later
  const asksAt: number[] = [];
  for (let nowMs = minute; nowMs < 16 * minute; nowMs += 1_000) {
    const before = it.asked.length;
    await it.at(nowMs + 10, quarantined());
    if (it.asked.length > before) asksAt.push(nowMs / minute);
  }
  expect(asksAt).toEqual([1, 3, 7, 15]);
  expect(new Set(it.asked)).toEqual(new Set([DescribeSystem.source.subject, ProbeTarget.subject]));
  expect(it.probe.isReachable).toBe(false);
  it.answer = () => ({ ok: true });
  await it.at(40 * minute, quarantined());
  await eventually(() => it.probe.isReachable);
  const asked = it.asked.length;
  await it.at(400 * minute, quarantined());
  expect(it.asked).toHaveLength(asked);
});

test.each<[string, (subject: string) => unknown]>([
  ['the target refuses', (subject) => ({ ok: subject !== ProbeTarget.subject })],
  ['the source refuses', (subject) => ({ ok: subject === ProbeTarget.subject })],
  ['nobody answers', () => Promise.reject(new Error('timeout'))],
  ['somebody answers something else', () => 'hello'],
])('as long as %s, nothing is reachable', async (_, answer) => {
  const it = world(answer);
  await it.at(2 * minute, quarantined());
  await eventually(() => it.asked.length === 2);
  expect(it.probe.isReachable).toBe(false);
});

test.each<[string, JobFact[]]>([
  ['is well', []],
  ['fails for its objects', [quarantined('failure-proportion')]],
  ['is paused', [quarantined(), fact(11, 'job-state-changed', { state: 'paused' })]],
  ['was disabled', [quarantined(), fact(11, 'job-disabled', {})]],
])('a job that %s is not probed', async (_, facts) => {
  const it = world(() => ({ ok: true }));
  await it.at(99 * minute, ...facts);
  expect([it.asked, it.probe.isReachable]).toEqual([[], false]);
});

test('a cycle that tries it takes the answer up, and a new quarantine begins with short waits', async () => {
  const it = world(() => ({ ok: true }));
  await it.at(2 * minute, quarantined());
  expect(it.probe.isReachable).toBe(true);
  await it.at(3 * minute, quarantined(), fact(12, 'cycle-opened', { cycleId: 'c-1' as never, kind: 'initial', rules: 1 }));
  expect(it.probe.isReachable).toBe(false);
  it.answer = () => ({ ok: false });
  await it.at(4 * minute, quarantined('connection', 6));
  expect(it.asked).toHaveLength(4);
});
