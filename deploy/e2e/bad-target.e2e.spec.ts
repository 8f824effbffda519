import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type QuirkAction, QuirkFault, type QuirkScimServer, startQuirkScimServer } from '@provident/connectors/testing';
import {
  CycleClosed,
  CycleOpened,
  ExportFailed,
  type Failure,
  ImportFailed,
  JobQuarantined,
  ObjectImportFailed,
} from '@provident/contracts';
import { eventually, eventuallyHolds } from '@provident/testing';

import {
  Installation,
  type TcpProxy,
  accountsIn,
  checkLog,
  csvJob,
  earlyTests,
  expectedAccounts,
  openEscrows,
  people,
  scimTarget,
  startTcpProxy,
  writeCsv,
} from './harness/index.js';

/** Must be found nowhere but in the requests to the target. */
const token = 'canary-3f9c1b7e55aa41d0';
const staff = people(50);

const words = (detail: string) => ({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], detail });
const faults: Record<string, { action: QuirkAction | 'refused'; message: RegExp }> = {
  '401': {
    action: { do: 'answer', status: 401, body: words(`The token ${token} has expired.`) },
    message: /credentials|The token \*\*\* has expired/,
  },
  '403': { action: { do: 'answer', status: 403, body: words(`Bearer ${token} may not.`) }, message: /does not allow this|\*\*\* may not/ },
  '404': { action: { do: 'answer', status: 404, body: words('Nothing here.') }, message: /no SCIM service at 127\.0\.0\.1/ },
  '500': { action: { do: 'answer', status: 500, body: words('Out of order.') }, message: /not available.*Out of order/ },
  garbage: { action: { do: 'garbage', bytes: `\u0000\u0001 ${token}\r\n\r\n` }, message: /not HTTP/ },
  'an HTML page': {
    action: { do: 'answer', status: 200, headers: { 'content-type': 'text/html' }, body: `<html><body>Log in, ${token}</body></html>` },
    message: /HTML page/,
  },
  'a redirect elsewhere': {
    action: { do: 'answer', status: 302, headers: { location: `http://127.0.0.1:9/login?${token}` } },
    message: /redirects to http:\/\/127\.0\.0\.1:9; the credentials stay here/,
  },
  silence: { action: { do: 'hang' }, message: /did not answer within 400 ms/ },
  'no connection': { action: 'refused', message: /cannot be reached|connection to the target was lost/ },
};
const moments = ['from the start', 'amid a cycle'] as const;
type Moment = (typeof moments)[number];

/** A fault that lasts as long as the test wants it to. */
class Outage extends QuirkFault {
  isOver = false;

  constructor(
    action: QuirkAction,
    private readonly hasBegun: () => boolean,
  ) {
    super(action);
  }

  override matches(request: { method: string; url: string }): boolean {
    return !this.isOver && this.hasBegun() && super.matches(request);
  }
}

/** One job with one broken target; all of them run side by side, so that each also shows that it harms no other. */
class Trial {
  private constructor(
    readonly job: string,
    readonly target: QuirkScimServer,
    private readonly proxy: TcpProxy,
    private readonly end: () => Promise<void>,
  ) {}

  static async begin(job: string, action: QuirkAction | 'refused', moment: Moment): Promise<Trial> {
    const target = await startQuirkScimServer({ token });
    const proxy = await startTcpProxy(Number(new URL(target.url).port));
    const hasBegun = (): boolean => moment === 'from the start' || target.users().length >= 12;
    if (action !== 'refused') {
      const outage = new Outage(action, hasBegun);
      target.fail(outage);
      return new Trial(job, target, proxy, async () => void (outage.isOver = true));
    }
    const down = eventually(hasBegun, { timeoutMs: 60_000, intervalMs: 1 }).then(() => proxy.refuse());
    if (moment === 'from the start') await down;
    return new Trial(job, target, proxy, () => down.then(() => proxy.accept()));
  }

  async apply(): Promise<void> {
    const url = `http://127.0.0.1:${this.proxy.port}/scim/v2`;
    writeCsv(join(installation.folder, `${this.job}.csv`), staff);
    await installation.apply({
      ...csvJob(this.job, { url }),
      target: scimTarget(url, { auth: { bearer: { env: 'E2E_TARGET_TOKEN' } }, concurrency: 4 }),
      schedule: { every: '10s' },
      retry: { after: ['10s', '20s', '30s'], thenEvery: '10s', giveUpAfter: '1d' },
      lanes: 1,
    });
  }

  heal(): Promise<void> {
    return this.end();
  }

  async close(): Promise<void> {
    await this.proxy.close();
    await this.target.close();
  }
}

let installation: Installation;
const trials: Trial[] = [];
const early = earlyTests();
beforeAll(async () => {
  installation = await Installation.start({ env: { TARGET_TIMEOUT_MS: '400', E2E_TARGET_TOKEN: token } });
  early.begin();
});
afterAll(async () => {
  await installation?.stop();
  await Promise.all(trials.map((trial) => trial.close()));
});

/** A job's story from the trouble to its recovery. */
async function play(job: string, { action, message }: (typeof faults)[string], moment: Moment): Promise<void> {
  const trial = await Trial.begin(job, action, moment);
  trials.push(trial);
  await trial.apply();
  await eventually(async () => (await failuresOf(job)).some((failure) => message.test(failure.message)), { timeoutMs: 40_000 }).catch(
    async () => {
      throw new Error(`no failure says ${message}; said were ${JSON.stringify(await failuresOf(job))}`);
    },
  );
  await installation.cycleClosed(job);
  await trial.heal();
  await eventuallyHolds(
    async () => {
      expect(accountsIn(trial.target.users())).toEqual(expectedAccounts(staff));
      const events = await installation.events(job);
      expect(openEscrows(events)).toEqual([]);
      expect((await installation.list(job, CycleClosed)).at(-1)).toMatchObject({ result: 'succeeded' });
      expect(checkLog(events)).toEqual([]);
    },
    { timeoutMs: 100_000, intervalMs: 1_000 },
  );
}

async function failuresOf(job: string): Promise<Failure[]> {
  const kinds = [ImportFailed, ObjectImportFailed, ExportFailed, JobQuarantined];
  return (await Promise.all(kinds.map((kind) => installation.list(job, kind)))).flat().map(({ failure }) => failure);
}

describe.each(moments)('a target in trouble %s', (moment) => {
  for (const [at, [name, fault]] of Object.entries(faults).entries()) {
    early.test(
      `(${name}) is named in words, and its job recovers without anybody`,
      async () => {
        const job = `trial-${moments.indexOf(moment)}-${at}`;
        await play(job, fault, moment);
        expect((await installation.list(job, CycleOpened)).every(({ by }) => by.kind === 'system')).toBe(true);
        for (const { code, message } of await failuresOf(job)) {
          expect(code).toMatch(/^[a-z0-9-]+$/);
          expect(message).toMatch(/^[\p{L}\d].{14,}/u);
          expect(message).not.toMatch(/undefined|null|\[object/);
        }
        const events = JSON.stringify(await installation.events(job));
        for (const secret of [token, Buffer.from(token).toString('base64')]) expect(events).not.toContain(secret);
      },
      170_000,
    );
  }
});

test('no service had trouble of its own, and none wrote the token down', () => {
  expect(installation.troubles()).toEqual([]);
  expect(installation.output()).not.toContain(token);
});
