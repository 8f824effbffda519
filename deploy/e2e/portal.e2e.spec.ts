import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startScimmyTarget } from '@provident/connectors/testing';
import { freePort } from '@provident/embedded';
import { eventuallyHolds } from '@provident/testing';
import type { Page } from 'playwright-core';
import { parse } from 'yaml';

import { accessibilityFindings, type Browsing, comeToRest, findBrowser, focusedName, openBrowser } from './harness/browser.js';
import { Installation, type JobInput, pipeline } from './harness/index.js';

const browser = findBrowser();
if (browser === null) {
  const remedy = 'install Chromium (Debian: apt-get install chromium), or name one in PROVIDENT_CHROMIUM';
  if (process.env['PROVIDENT_REQUIRE_BROWSER']) throw new Error(`no browser was found, and this run must have one: ${remedy}`);
  process.stderr.write(`\nNo browser was found: the portal's pages are not tested. To test them, ${remedy}.\n\n`);
}

const repository = process.cwd();
const built = join(repository, 'services', 'portal', 'dist', 'public');
const sample = join(repository, 'deploy', 'examples');
const screenshots = join(repository, '.screenshots', 'portal');
const token = 'for-the-sample';
const refused = 'rita.mahoney@example.com';

interface ManifestEntry {
  readonly file: string;
  readonly css?: readonly string[];
  readonly imports?: readonly string[];
  readonly isEntry?: boolean;
}

test('the first page needs at most 250 kB of scripts and styles, zipped', () => {
  const manifest = JSON.parse(readFileSync(join(built, 'manifest.json'), 'utf8')) as Record<string, ManifestEntry>;
  const filesOf = ({ file, css = [], imports = [] }: ManifestEntry): string[] => [
    file,
    ...css,
    ...imports.flatMap((name) => filesOf(manifest[name]!)),
  ];
  const entry = Object.values(manifest).find(({ isEntry }) => isEntry);
  const bytes = [...new Set(filesOf(entry!))].reduce((sum, file) => sum + gzipSync(readFileSync(join(built, file))).length, 0);
  expect(bytes).toBeLessThanOrEqual(250_000);
});

(browser === null ? describe.skip : describe)('in a browser', () => {
  let installation: Installation;
  let target: Awaited<ReturnType<typeof startScimmyTarget>>;
  let browsing: Browsing | undefined;
  let page: Page;
  let origin: string;
  const open: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    target = await startScimmyTarget({
      token,
      rejectUserName: (name) => (name === refused ? `${refused} is on this sample target's blocked list; ask its administrator.` : null),
    });
    open.push(() => target.close());
    const port = await freePort();
    installation = await Installation.start({
      services: [...pipeline, 'audit-projector', 'report-api'],
      env: { PORT: String(port), SAMPLE_TARGET_TOKEN: token },
    });
    open.push(() => installation.stop());
    writeFileSync(join(installation.folder, 'people.csv'), people());
    origin = `http://127.0.0.1:${port}`;
    await answers(`${origin}/health/ready`);
    const opened = await openBrowser(browser!, origin);
    browsing = opened;
    open.push(() => opened.close());
    page = opened.page;
  }, 300_000);
  afterAll(async () => {
    for (const close of open.reverse()) await close();
  });
  /** Whatever a test did: no page may have complained or asked anybody else. */
  afterEach(() => expect(browsing?.complaints.splice(0) ?? []).toEqual([]));

  const people = (): string => readFileSync(join(sample, 'people.csv'), 'utf8');
  const sampleJob = (): JobInput => {
    const job = parse(readFileSync(join(sample, 'sample-job.yaml'), 'utf8')) as JobInput;
    return { ...job, target: { ...job.target, config: { ...job.target.config, url: target.url } } };
  };
  /** As long as the browser itself is waited for. */
  const patiently = (expectations: () => Promise<void>) => eventuallyHolds(expectations, { timeoutMs: 60_000, intervalMs: 100 });
  const answers = (url: string) => patiently(async () => expect((await fetch(url).catch(() => null))?.ok).toBe(true));
  const go = (path: string) => page.goto(`${origin}/portal${path}`);
  const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name });
  const tab = (name: string) => page.getByRole('tab', { name });
  const row = (name: string | RegExp) => page.getByRole('row', { name });
  const seen = (text: string | RegExp) => page.getByText(text).filter({ visible: true }).first().waitFor();

  test('the page may load its own files only, which browsers keep, and no other path answers with it', async () => {
    const response = await fetch(`${origin}/portal/jobs/anything`);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    const [script] = /\/portal\/assets\/[\w.-]+\.js/.exec(await response.text()) ?? [];
    const asset = await fetch(`${origin}${script}`);
    expect([asset.status, asset.headers.get('cache-control'), asset.headers.get('content-encoding')]).toEqual([
      200,
      'public, max-age=31536000, immutable',
      'gzip',
    ]);
    expect((await fetch(`${origin}/portal/assets/none.js`)).status).toBe(404);
    expect((await fetch(`${origin}/portal/..%2f..%2fpackage.json`)).status).toBe(404);
    expect((await fetch(`${origin}/`, { redirect: 'manual' })).headers.get('location')).toBe('/portal/');
  });

  test('an empty installation leads to a first job in three steps, by keyboard alone', async () => {
    await go('/');
    await heading('Make your first job').waitFor();
    await shoot('first-run');
    await go('/');
    await heading('Make your first job').waitFor();
    const type = async (label: string, text: string): Promise<void> => {
      await tabTo(label);
      await page.keyboard.press('ControlOrMeta+A');
      await page.keyboard.type(text);
    };
    await type('Name of the job', 'Staff!');
    await type('CSV file', join(installation.folder, 'people.csv'));
    await type('Column that names a person for good', 'employeeId');
    await press('Next');
    await type('SCIM address', target.url);
    await type('Environment variable with the token', 'SAMPLE_TARGET_TOKEN');
    await press('Next');
    await type('Column of the file 1', 'userNam');
    await tabTo('Do not run yet: make it paused');
    await page.keyboard.press('Space');
    await press('Check');
    // The wrong name of the job is shown where it was typed.
    await seen(/lower-case letters, digits and hyphens, at most 63/);
    await page.getByRole('heading', { name: 'Step 1 of 3: Source' }).waitFor();
    await type('Name of the job', 'staff');
    await press('Next');
    await press('Next');
    await press('Check');
    await seen('Did you mean "userName"?');
    await type('Column of the file 1', 'userName');
    await press('Check');
    await seen('The check found no problem.');
    await press('Make the job');
    await heading('staff').waitFor();
    await seen('Paused');
  }, 120_000);

  test('the overview says in words how a job is, and one click further why people fail', async () => {
    await installation.apply(sampleJob());
    await installation.cycleClosed('sample');
    await go('/');
    const card = page.getByRole('region', { name: 'People to the sample app' });
    await card.getByText('Done, with failures', { exact: true }).waitFor();
    expect(await card.innerText()).toMatch(/43 people with an account, 45 in scope/);
    await seen('2 objects fail in People to the sample app');
    await page.getByRole('link', { name: 'See the failures' }).click();
    await row(/Rita Mahoney/).click();
    await tab('What to do').click();
    await seen(/is on this sample target's blocked list/);
    await seen(/The target refused the values/);
    await shoot('log-details');
  });

  test('the log finds a person by any id, shows every value, and its address can be given to others', async () => {
    await go('/log');
    await page.getByRole('searchbox').fill('ZOE.muller@example.com');
    await page.waitForURL(/user=ZOE/);
    await patiently(async () => expect(await page.getByRole('row').count()).toBe(2));
    await row(/Zoë Müller/).click();
    await tab('Changes').click();
    await page.getByRole('cell', { name: 'name.familyName' }).waitFor();
    await page.getByRole('cell', { name: 'Müller', exact: true }).waitFor();
    await tab('Events').click();
    await seen(/"type": "object-exported"/);
    await page.reload();
    await page.getByRole('dialog').getByText('Looked up in the target').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Clear all filters' }).click();
    await patiently(async () => expect(await page.getByRole('row').count()).toBeGreaterThan(10));
  });

  test('columns are chosen and remembered, and the download has them', async () => {
    await go('/log?status=failure');
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('checkbox', { name: 'Matching value' }).check();
    await page.getByRole('checkbox', { name: 'Target', exact: true }).uncheck();
    await page.getByRole('button', { name: 'Move Matching value up' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await page.reload();
    const headers = page.getByRole('columnheader');
    await page.getByRole('columnheader', { name: 'Matching value' }).waitFor();
    expect(await headers.allInnerTexts()).toEqual([
      'Date',
      'Person',
      'Source ID',
      'Action',
      'Status',
      'Status reason',
      'Matching value',
      'What happened',
    ]);
    await row(/Rita Mahoney/).waitFor();
    await page.getByRole('button', { name: 'Download' }).click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'As CSV' }).click()]);
    const lines = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\r\n');
    expect(lines[0]).toBe('Date,Person,Source ID,Action,Status,Status reason,Matching value,What happened');
    expect(
      lines
        .slice(1)
        .map((line) => line.split(',')[2])
        .sort(),
    ).toEqual(['1015', '1050']);
    await page.evaluate('localStorage.clear()');
  });

  test('rows are reached and opened by the arrow keys', async () => {
    await go('/log');
    await row(/./).nth(3).waitFor();
    await page.getByRole('row').nth(1).focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowUp', 'End']) await page.keyboard.press(key);
    await patiently(async () => expect(await page.evaluate(`document.activeElement.getAttribute('aria-rowindex')`)).toBe('51'));
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
  });

  test('held removals stand on top with their names, and are released after a question', async () => {
    const lines = people().split('\n');
    writeFileSync(join(installation.folder, 'people.csv'), lines.filter((line) => !/^10(2[1-9]|3[0-6]),/.test(line)).join('\n'));
    await go('/log?job=sample&live=1');
    await row(/./).nth(3).waitFor();
    await installation.run('sample');
    // Live: the entries come by themselves.
    await row(/Held removal/)
      .first()
      .waitFor();
    await go('/');
    await seen(/removals are held in People to the sample app/);
    await shoot('overview');
    await page.getByRole('link', { name: 'See the names' }).click();
    await patiently(async () => expect(await page.getByRole('row', { name: /Held removal/ }).count()).toBeGreaterThan(8));
    await go('/jobs/sample');
    await page.getByRole('button', { name: 'Release' }).click();
    await seen(/will be disabled or deleted now/);
    await page.getByRole('alertdialog').getByRole('button', { name: 'Release' }).click();
    await page.getByText(/removals are held in/).waitFor({ state: 'detached' });
    await go('/people?id=1021');
    await seen('account is disabled');
  });

  test('the page of a person says why there is no account, with the condition and the value it met', async () => {
    await go('/people');
    await page.getByRole('searchbox').fill('nova');
    await page.getByRole('link', { name: 'Dana Novak' }).click();
    await seen('has no account');
    await page.getByRole('cell', { name: 'employment EQUALS "employee"' }).first().waitFor();
    await page.getByRole('cell', { name: 'contractor' }).first().waitFor();
    await shoot('person');
    expect(new URL(page.url()).searchParams.get('id')).toBe('1017');
    await go('/people?id=nobody');
    await seen('Nothing is known of "nobody".');
    await shoot('person-unknown');
  });

  test('the rules of a job are changed as text: mistakes have their place, and a change is a revision', async () => {
    await go('/jobs/sample?tab=settings');
    const editor = page.getByRole('textbox', { name: 'Job as YAML' });
    const before = await editor.inputValue();
    await editor.fill(before.replace('source:', 'source: {'));
    await seen(/^Line \d+, column \d+:/);
    await editor.fill(before.replace('source: title', 'source: titel'));
    await page.getByRole('button', { name: 'Apply' }).click();
    await seen('Did you mean "title"?');
    await shoot('job-settings');
    await editor.fill(before.replace(/percent: 20/, 'percent: 30'));
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByRole('cell', { name: 'Revision 2' }).waitFor();
    expect(await editor.inputValue()).toContain('percent: 30');
  });

  test('a server that is gone leaves what is known, with its age, and is asked again', async () => {
    await go('/jobs/sample');
    await seen('In scope');
    const api = installation.process('report-api');
    api.kill('SIGSTOP');
    try {
      await page.route('**/provident/**', (route) => route.abort());
      await seen(/Shown is what was known at .* ago/);
      await seen('In scope');
      await shoot('stale');
    } finally {
      api.kill('SIGCONT');
      await page.unroute('**/provident/**');
    }
    await page.getByText(/Shown is what was known/).waitFor({ state: 'detached' });
    await go('/jobs/none');
    await seen('There is no job none.');
  });

  test.each([
    ['job', '/jobs/sample'],
    ['job-cycles', '/jobs/sample?tab=cycles'],
    ['job-mapping', '/jobs/sample?tab=mapping'],
    ['log', '/log'],
    ['log-empty', '/log?user=nobody'],
    ['people', '/people'],
    ['not-found', '/nothing-here'],
  ])('the page %s is accessible, and fits, in light and dark, wide and narrow', async (name, path) => {
    await go(path);
    await shoot(name);
  });

  /** Both colour schemes and both widths are in these two forms: colours do not depend on the width, nor names on the colours. */
  const examined = new Set(['light 1280', 'dark 360']);

  /** Keeps a picture of the page in every form; nothing serious may be found against it, and nothing may stick out. */
  async function shoot(name: string): Promise<void> {
    mkdirSync(screenshots, { recursive: true });
    for (const colorScheme of ['light', 'dark'] as const)
      for (const width of [1280, 360]) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.setViewportSize({ width, height: 900 });
        await page.getByRole('progressbar', { name: 'Loading…' }).waitFor({ state: 'detached' });
        await comeToRest(page);
        await page.screenshot({ path: join(screenshots, `${name}-${colorScheme}-${width}.png`) });
        const form = `${name}, ${colorScheme}, ${width}`;
        if (examined.has(`${colorScheme} ${width}`)) expect([form, ...(await accessibilityFindings(page))]).toEqual([form]);
        expect([form, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([form, width]);
      }
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: null });
    await page.setViewportSize({ width: 1280, height: 900 });
  }

  /** Moves by the Tab key until something of that name has the focus. */
  async function tabTo(name: string): Promise<void> {
    for (let presses = 0; presses < 80; presses++) {
      if ((await focusedName(page)) === name) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`"${name}" is not reached by the Tab key`);
  }

  async function press(name: string): Promise<void> {
    await tabTo(name);
    await page.keyboard.press('Enter');
  }
});
