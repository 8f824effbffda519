import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { connectBroker, openBudgets } from '@provident/bus';
import { type RequestPace, TargetGate, TargetPaces, openTarget } from '@provident/connectors';
import { type LimitedScimTarget, startLimitedScimTarget } from '@provident/connectors/testing';
import { type JobDefinition, asJobId } from '@provident/domain';
import { testNatsUrl } from '@provident/embedded/testing';
import { eventually } from '@provident/testing';

let closing: (() => Promise<unknown>)[];
let ending: AbortController;
/** When requests were let go, in order. */
let left: number[];
beforeEach(() => {
  left = [];
  closing = [];
  ending = new AbortController();
});
afterEach(async () => {
  ending.abort();
  for (const close of closing.reverse()) await close();
});

type Target = JobDefinition['target'];

/** One instance of a service, with its own connection to the broker, at work on one job. */
async function instance(job: string, target: Target) {
  const connection = await connectBroker(testNatsUrl(), 'spec');
  const pace = noting(await new TargetPaces(await openBudgets(connection)).for(asJobId(job), target));
  const connector = await openTarget(target, { baseDir: '.', readOnly: false, timeoutMs: 10_000, pace });
  closing.push(async () => {
    await connector.close();
    await pace.close();
    await connection.close();
  });
  return { connector, gate: new TargetGate(8, { pace }) };
}

/** Notes when turns are given, unless they are given back. */
const noting = (pace: RequestPace): RequestPace => ({
  take: async (asking) => {
    const turn = await pace.take(asking);
    const at = performance.now();
    left.push(at);
    const giveBack = (): void => {
      left.splice(left.lastIndexOf(at), 1);
      turn.giveBack();
    };
    return { kind: turn.kind, suitsBoth: turn.suitsBoth, finish: (answer) => turn.finish(answer), giveBack };
  },
  close: () => pace.close(),
});

/** Looks people up and creates them until the end. @returns how many it has made so far */
async function provision(job: string, target: Target, name: string) {
  const { connector, gate } = await instance(job, target);
  const done = { made: 0 };
  const worker = async (number: number): Promise<void> => {
    for (let each = 0; !ending.signal.aborted; each++) {
      const userName = `${job}-${name}-${number}-${each}`;
      const query = { objectType: 'User', attribute: 'userName', value: userName };
      await gate.pass(() => connector.find(query, ['userName'], ending.signal), ending.signal);
      await gate.pass(() => connector.create('User', { userName }, ending.signal), ending.signal, { kind: 'write' });
      done.made += 1;
    }
  };
  const all = Promise.allSettled([1, 2, 3, 4].map(worker));
  closing.push(() => all);
  return done;
}

const targetOf = ({ url }: LimitedScimTarget, rate: Target['rate']): Target => ({
  connector: 'scim',
  config: { url, auth: { none: true } },
  ...(rate && { rate }),
});

test('two instances and two jobs share what a target allows: no more requests leave in its time, and the jobs fare alike', async () => {
  const service = await startLimitedScimTarget({ counting: 'sliding-window', requests: 40, perMs: 2_000 });
  closing.push(() => service.close());
  const target = targetOf(service, { limits: [{ requests: 40, per: '2s', of: 'all' }] });
  const [a, b, c] = [await provision('a', target, '1'), await provision('b', target, '1'), await provision('b', target, '2')];
  await eventually(() => service.meter.taken > 320, { timeoutMs: 120_000 });
  // When requests arrive is up to the machine between; when they leave is ours. The instances' clocks agree to a tenth of a second.
  const spans = left.slice(40).map((at, index) => at - left[index]!);
  expect(Math.min(...spans)).toBeGreaterThanOrEqual(1_900);
  const share = a.made / (a.made + b.made + c.made);
  expect(share).toBeGreaterThan(0.3);
  expect(share).toBeLessThan(0.7);
  expect(Math.min(b.made, c.made)).toBeGreaterThan(0);
}, 150_000);

test('requests at once are limited over all instances', async () => {
  const service = await startLimitedScimTarget({ counting: 'bucket', requests: 1_000_000, perMs: 1_000, latencyMs: 10 });
  closing.push(() => service.close());
  const target = targetOf(service, { limits: [], concurrency: 3 });
  for (const job of ['a', 'b', 'c']) await provision(job, target, '1');
  await eventually(() => service.meter.taken > 300, { timeoutMs: 60_000 });
  expect(service.mostAtOnce).toBeLessThanOrEqual(3);
}, 90_000);

test('a target that says nothing of its limits is left alone when it refuses, and everything is done in the end', async () => {
  const service = await startLimitedScimTarget({ counting: 'fixed-window', requests: 60, perMs: 2_000 });
  closing.push(() => service.close());
  const target = targetOf(service, undefined);
  const [a, b] = [await provision('a', target, '1'), await provision('b', target, '1')];
  await eventually(() => a.made > 60 && b.made > 60, { timeoutMs: 120_000 });
  expect(service.meter.refused).toBeGreaterThan(0);
  expect(service.meter.refused / service.meter.taken).toBeLessThan(0.2);
}, 150_000);
