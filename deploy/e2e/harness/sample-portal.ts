import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, expect, test as plainTest } from '@jest/globals';
import { startScimmyTarget } from '@provident/connectors/testing';
import { freePort } from '@provident/embedded';
import { tempFolder } from '@provident/testing';
import { parse } from 'yaml';

import { type Browsing, openBrowser } from './browser.js';
import { Installation } from './installation.js';
import type { JobInput } from './job.js';
import { patiently, PortalVisit } from './portal-visit.js';
import { pipeline } from './service-process.js';

const sample = join(process.cwd(), 'deploy', 'examples');
/** Of a test in a browser, with many steps: on a machine that is short of everything they are late, not wrong. */
export const testMs = 300_000;
/** Of the sample's target. */
export const sampleToken = 'for-the-sample';
/** Whom the sample's target refuses. */
export const refused = 'rita.mahoney@example.com';

/** A whole installation with the sample's people and a target of its own, and somebody who looks at its portal. */
export class SamplePortal {
  private readonly open: (() => Promise<unknown>)[] = [];
  private browsing!: Browsing;
  private noticeBoard!: Server;
  private tokenServer!: Server;
  installation!: Installation;
  target!: Awaited<ReturnType<typeof startScimmyTarget>>;
  visit!: PortalVisit;
  origin = '';
  /** Whether the target refuses somebody. */
  isOnBlockedList = true;

  /** Clients and secrets, parted by a colon, with which tokens were asked for. */
  readonly tokensAskedFor: string[] = [];

  /** The people as they are delivered. */
  readonly people = readFileSync(join(sample, 'people.csv'), 'utf8');

  async start(browser: string): Promise<void> {
    this.target = await startScimmyTarget({
      token: sampleToken,
      rejectUserName: (name) =>
        this.isOnBlockedList && name === refused ? `${refused} is on this sample target's blocked list; ask its administrator.` : null,
    });
    this.open.push(() => this.target.close());
    this.noticeBoard = createServer((request, response) => request.resume().on('end', () => response.end())).listen(0, '127.0.0.1');
    this.open.push(async () => this.noticeBoard.close());
    this.tokenServer = createServer((request, response) => {
      const [, client = ''] = /^Basic (.*)$/.exec(request.headers.authorization ?? '') ?? [];
      const asked = Buffer.from(client, 'base64').toString();
      this.tokensAskedFor.push(asked);
      const isKnown = asked === `provident:${sampleToken}`;
      const answer = isKnown ? { access_token: sampleToken, token_type: 'Bearer', expires_in: 3_600 } : { error: 'invalid_client' };
      request.resume().on('end', () => {
        response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      });
    }).listen(0, '127.0.0.1');
    this.open.push(async () => this.tokenServer.close());
    const streamFiles = await tempFolder('portal-streams');
    this.open.push(() => streamFiles.remove());
    const port = await freePort();
    this.installation = await Installation.start({
      services: [...pipeline, 'audit-projector', 'audit-streamer', 'report-api'],
      env: {
        PROVIDENT_STREAM_FILES: streamFiles.path,
        PORT: String(port),
        SAMPLE_TARGET_TOKEN: sampleToken,
        NOTICE_SECRET: 'for-the-notices',
        PROVIDENT_MASTER_KEY: randomBytes(32).toString('base64'),
      },
    });
    this.open.push(() => this.installation.stop());
    for (const file of ['people.csv', 'groups.csv', 'memberships.csv'])
      writeFileSync(join(this.installation.folder, file), readFileSync(join(sample, file)));
    this.origin = `http://127.0.0.1:${port}`;
    await patiently(async () => expect((await fetch(`${this.origin}/health/ready`).catch(() => null))?.ok).toBe(true));
    const kept = await fetch(`${this.origin}/provident/v1/secrets/sample-token`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ value: sampleToken }),
    });
    expect(kept.status).toBe(200);
    this.browsing = await openBrowser(browser, this.origin);
    this.open.push(() => this.browsing.close());
    this.visit = new PortalVisit(this.browsing.page, this.origin);
    await this.visit.wantMotion(false);
  }

  /** Where tokens are had for the sample's target, by OAuth 2.0 client credentials. */
  get tokenUrl(): string {
    return `http://127.0.0.1:${(this.tokenServer.address() as AddressInfo).port}/token`;
  }

  async close(): Promise<void> {
    for (const close of this.open.reverse()) await close();
  }

  /** What the pages complained about since this was asked last, and whom else they asked. */
  complaints(): string[] {
    return this.browsing?.complaints.splice(0) ?? [];
  }

  /** The sample job, people and groups, with its address, its secret and somebody to tell here. */
  job(): JobInput {
    const job = parse(readFileSync(join(sample, 'sample-job.yaml'), 'utf8')) as JobInput;
    const webhook = { url: `http://127.0.0.1:${(this.noticeBoard.address() as AddressInfo).port}/`, secret: { env: 'NOTICE_SECRET' } };
    const auth = { bearer: { secret: 'sample-token' } };
    return {
      ...job,
      notify: { webhook },
      target: { ...job.target, config: { ...job.target.config, url: this.target.url, auth } },
    };
  }
}

/**
 * A sample portal for the tests of one file, and what they do on its pages, in short. No page may complain or ask anybody else, whatever a test does.
 * @param prepare what is there before the first test
 */
export function withSamplePortal(browser: string, prepare: (portal: SamplePortal) => Promise<void> = async () => undefined) {
  const portal = new SamplePortal();
  beforeAll(async () => {
    await portal.start(browser);
    await prepare(portal);
  }, testMs);
  afterAll(() => portal.close());
  afterEach(() => expect(portal.complaints()).toEqual([]));
  const telling = (doing: () => Promise<void>): Promise<void> => portal.visit.telling(doing);
  return {
    portal,
    /** A test that says, when it fails, what was on the page. */
    test: (name: string, doing: () => Promise<void>): void => plainTest(name, () => telling(doing), testMs),
    /** Pages that are looked at in every form: the name of the picture, the address, and words that stand there once it is loaded. */
    testPages: (pages: readonly (readonly [name: string, path: string, words: string | RegExp])[]): void =>
      plainTest.each([...pages])(
        'the page %s is accessible, and fits, in light and dark, wide and narrow',
        (name, path, words) =>
          telling(async () => {
            await portal.visit.go(path);
            await portal.visit.seen(words);
            await portal.visit.shoot(name);
          }),
        testMs,
      ),
    go: (path: string) => portal.visit.go(path),
    load: (path: string) => portal.visit.open(path),
    heading: (name: string | RegExp) => portal.visit.heading(name),
    tab: (name: string) => portal.visit.tab(name),
    row: (name: string | RegExp) => portal.visit.row(name),
    seen: (text: string | RegExp) => portal.visit.seen(text),
    shoot: (name: string) => portal.visit.shoot(name),
    tabTo: (name: string) => portal.visit.tabTo(name),
    press: (name: string) => portal.visit.press(name),
  };
}
