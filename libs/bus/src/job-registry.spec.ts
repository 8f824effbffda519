import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { JobStateChanged, type LogEvent, configLane } from '@provident/contracts';
import { asJobId } from '@provident/domain';
import { eventually } from '@provident/testing';

import type { ReadOptions } from './event-log.js';
import { JobRegistry } from './job-registry.js';
import { MemoryLog, aJob, jobConfigured, newEvent, tell } from './testing/index.js';

let log: MemoryLog;
let stop: AbortController;
beforeEach(() => {
  log = new MemoryLog();
  stop = new AbortController();
});
afterEach(() => stop.abort());

const started = async (): Promise<JobRegistry> => {
  const registry = new JobRegistry(log);
  await registry.start(stop.signal);
  return registry;
};
const stateChanged = (state: 'active' | 'paused' | 'stopped' | 'removed', jobId = aJob) =>
  newEvent(JobStateChanged, { jobId, state, by: { kind: 'user', name: 'kim' } }, { jobId, lane: configLane, stage: 'job-scheduler' });

test('knows nothing of an empty log, and learns of the first job when it comes', async () => {
  const registry = await started();
  const heard: string[] = [];
  registry.onChange(({ jobId }) => heard.push(jobId));
  expect(registry.list()).toEqual([]);
  await tell(log, jobConfigured());
  await eventually(() => registry.find(aJob));
  expect(heard).toEqual([aJob]);
});

test('has read everything when it has started: the newest rules and the state', async () => {
  const other = asJobId('other');
  await tell(log, jobConfigured(), jobConfigured({ job: 'other' }), jobConfigured({ lanes: 4 }, 2), stateChanged('removed', other));
  const registry = await started();
  expect(registry.list().map(({ jobId, rules, configured, state }) => [jobId, rules, configured.revision, state])).toEqual([
    [aJob, 3, 2, 'active'],
  ]);
  expect(registry.find('other')?.state).toBe('removed');
});

describe('for an answer to somebody', () => {
  /** Hands out what comes only when that is allowed. */
  class HeldLog extends MemoryLog {
    allow: () => void = () => undefined;
    private readonly allowed = new Promise<void>((resolve) => (this.allow = resolve));

    override async *read(options: ReadOptions): AsyncGenerator<readonly LogEvent[]> {
      for await (const events of super.read(options)) {
        await this.allowed;
        yield events;
      }
    }
  }

  test('knows everything that the log says by then, also what it had not read so far', async () => {
    const held = new HeldLog();
    log = held;
    const registry = await started();
    await tell(log, jobConfigured());
    const caughtUp = registry.catchUp(aJob);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(registry.find(aJob)).toBeUndefined();
    held.allow();
    await caughtUp;
    expect(registry.find(aJob)?.configured.revision).toBe(1);
    await registry.catchUp(aJob);
  });

  test('does not wait for what nobody reads any more', async () => {
    log = new HeldLog();
    const registry = await started();
    await tell(log, jobConfigured());
    const caughtUp = registry.catchUp(aJob);
    stop.abort();
    await caughtUp;
    await registry.catchUp(aJob);
    expect(registry.find(aJob)).toBeUndefined();
  });
});

test('a job that was removed and is configured again is there again', async () => {
  await tell(log, jobConfigured(), stateChanged('removed'), jobConfigured({}, 2));
  expect((await started()).list().map(({ state }) => state)).toEqual(['active']);
});

test('tells the rules as they stood at a sequence, and refuses one where no rules stand', async () => {
  await tell(log, jobConfigured(), stateChanged('paused'), jobConfigured({ lanes: 8 }, 2));
  const registry = await started();
  expect([(await registry.rulesAt(1)).revision, (await registry.rulesAt(3)).revision]).toEqual([1, 2]);
  await expect(registry.rulesAt(2)).rejects.toThrow('no job configuration stands at 2 in the log');
  await expect(registry.rulesAt(99)).rejects.toThrow(/stands at 99/);
});

test('a write waits while its job is stopped, until it is started or given up', async () => {
  await tell(log, jobConfigured());
  const registry = await started();
  expect(registry.untilStarted(aJob, stop.signal)).toBeUndefined();
  await tell(log, stateChanged('stopped'));
  await eventually(() => registry.find(aJob)?.state === 'stopped');
  const ending = new AbortController();
  const [waiting, givenUp] = [registry.untilStarted(aJob, stop.signal), registry.untilStarted(aJob, ending.signal)];
  ending.abort('over');
  await expect(givenUp).rejects.toBe('over');
  await tell(log, jobConfigured({}, 2), stateChanged('active'));
  await waiting;
  expect(registry.find(aJob)).toMatchObject({ state: 'active', stateSince: 4 });
});
