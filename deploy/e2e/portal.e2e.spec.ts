import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterAll, afterEach, beforeAll, expect, test as plainTest } from '@jest/globals';
import { startScimmyTarget } from '@provident/connectors/testing';
import { freePort } from '@provident/embedded';
import { tempFolder } from '@provident/testing';
import type { Page } from 'playwright-core';
import { parse } from 'yaml';

import { type Browsing, inBrowser, openBrowser } from './harness/browser.js';
import { csvJob, Installation, type JobInput, people as crowdOf, peopleRules, pipeline, scimTarget, writeCsv } from './harness/index.js';
import { patiently, PortalVisit } from './harness/portal-visit.js';

const repository = process.cwd();
const built = join(repository, 'services', 'portal', 'dist', 'public');
const sample = join(repository, 'deploy', 'examples');
const token = 'for-the-sample';
const refused = 'rita.mahoney@example.com';

interface ManifestEntry {
  readonly file: string;
  readonly css?: readonly string[];
  readonly imports?: readonly string[];
  readonly isEntry?: boolean;
}

plainTest('the first page needs at most 250 kB of scripts and styles, zipped', () => {
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

inBrowser('the portal in a browser', (browser) => {
  let installation: Installation;
  let target: Awaited<ReturnType<typeof startScimmyTarget>>;
  let isOnBlockedList = true;
  let noticeBoard: Server;
  let browsing: Browsing | undefined;
  let page: Page;
  let visit: PortalVisit;
  let origin: string;
  const open: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    target = await startScimmyTarget({
      token,
      rejectUserName: (name) =>
        isOnBlockedList && name === refused ? `${refused} is on this sample target's blocked list; ask its administrator.` : null,
    });
    open.push(() => target.close());
    noticeBoard = createServer((request, response) => request.resume().on('end', () => response.end())).listen(0, '127.0.0.1');
    open.push(async () => noticeBoard.close());
    const streamFiles = await tempFolder('portal-streams');
    open.push(() => streamFiles.remove());
    const port = await freePort();
    installation = await Installation.start({
      services: [...pipeline, 'audit-projector', 'audit-streamer', 'report-api'],
      env: {
        PROVIDENT_STREAM_FILES: streamFiles.path,
        PORT: String(port),
        SAMPLE_TARGET_TOKEN: token,
        NOTICE_SECRET: 'for-the-notices',
        PROVIDENT_MASTER_KEY: randomBytes(32).toString('base64'),
      },
    });
    open.push(() => installation.stop());
    for (const file of ['people.csv', 'groups.csv', 'memberships.csv'])
      writeFileSync(join(installation.folder, file), readFileSync(join(sample, file)));
    origin = `http://127.0.0.1:${port}`;
    await answers(`${origin}/health/ready`);
    const kept = await fetch(`${origin}/provident/v1/secrets/sample-token`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ value: token }),
    });
    expect(kept.status).toBe(200);
    const opened = await openBrowser(browser, origin);
    browsing = opened;
    open.push(() => opened.close());
    page = opened.page;
    visit = new PortalVisit(page, origin);
  }, 300_000);
  afterAll(async () => {
    for (const close of open.reverse()) await close();
  });
  /** Whatever a test did: no page may have complained or asked anybody else. */
  afterEach(() => expect(browsing?.complaints.splice(0) ?? []).toEqual([]));

  /** A test that says, when it fails, what was on the page. */
  const test = (name: string, doing: () => Promise<void>, timeoutMs?: number): void =>
    plainTest(name, () => visit.telling(doing), timeoutMs);
  const people = (): string => readFileSync(join(sample, 'people.csv'), 'utf8');
  /** The sample job, people and groups, with its address, its secret and somebody to tell here. */
  const sampleJob = (): JobInput => {
    const job = parse(readFileSync(join(sample, 'sample-job.yaml'), 'utf8')) as JobInput;
    const webhook = { url: `http://127.0.0.1:${(noticeBoard.address() as AddressInfo).port}/`, secret: { env: 'NOTICE_SECRET' } };
    const auth = { bearer: { secret: 'sample-token' } };
    return { ...job, notify: { webhook }, target: { ...job.target, config: { ...job.target.config, url: target.url, auth } } };
  };
  const answers = (url: string) => patiently(async () => expect((await fetch(url).catch(() => null))?.ok).toBe(true));
  const go = (path: string) => visit.go(path);
  const load = (path: string) => visit.open(path);
  const heading = (name: string | RegExp) => visit.heading(name);
  const tab = (name: string) => visit.tab(name);
  const row = (name: string | RegExp) => visit.row(name);
  const seen = (text: string | RegExp) => visit.seen(text);
  const shoot = (name: string) => visit.shoot(name);
  const tabTo = (name: string) => visit.tabTo(name);
  const press = (name: string) => visit.press(name);
  const isActive = (userName: string): boolean => target.users().some((user) => user['userName'] === userName && user['active'] !== false);
  /** Who stands in the table of the objects that failed and are kept. */
  const keptNames = async (): Promise<string[]> =>
    (await page.getByRole('table', { name: 'Objects that are kept' }).getByRole('link').allInnerTexts()).sort();

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
    await load('/');
    await heading('Make your first job').waitFor();
    await shoot('first-run');
    await load('/');
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
    await card.getByText('43 people with an account, 45 in scope').waitFor();
    await card.getByText('3 groups with an account, 3 in scope').waitFor();
    await card.getByRole('img', { name: /^Last 30 days: \d+ changed, 2 failed$/ }).waitFor();
    await seen('2 objects fail in People to the sample app');
    await seen(/^The commonest reason, for 1 of 2: /);
    await page.getByRole('link', { name: 'See the failures' }).click();
    await heading('People to the sample app').waitFor();
    const cause = page.getByRole('region', { name: /is on this sample target's blocked list/ });
    await cause.getByRole('heading', { name: /^1 object: / }).waitFor();
    await cause.getByText('What helps', { exact: true }).waitFor();
    await patiently(async () => expect(await keptNames()).toEqual(['1050', 'Rita Mahoney']));
    await shoot('job-failures');
    await cause.getByRole('button', { name: 'Show only these below' }).click();
    await patiently(async () => expect(await keptNames()).toEqual(['Rita Mahoney']));
    await cause.getByRole('link', { name: 'Rita Mahoney' }).click();
    await page.waitForURL(/people\?id=1015/);
    await load('/log?status=failure');
    await row(/Rita Mahoney/).click();
    await tab('What to do').click();
    await seen(/is on this sample target's blocked list/);
    await seen(/The target refused the values/);
    await shoot('log-details');
  });

  test('the log finds a person by any id, shows every value, and its address can be given to others', async () => {
    await load('/log');
    const person = page.getByRole('searchbox');
    // Who pauses between two names goes on where they were.
    await person.pressSequentially('Zoë ');
    await page.waitForURL(/user=Zo%C3%AB/);
    await person.pressSequentially('Müller');
    await page.waitForURL(/user=Zo%C3%AB\+M%C3%BCller/);
    expect(await person.inputValue()).toBe('Zoë Müller');
    await person.fill('ZOE.muller@example.com');
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
    await visit.escape();
    await page.getByRole('button', { name: 'Clear all filters' }).click();
    await patiently(async () => expect(await page.getByRole('row').count()).toBeGreaterThan(10));
  });

  test('a group has its log, its members and its page; who has no account yet joins later', async () => {
    await load('/log?user=G-2');
    await row(/Leads .* Update Success .*members/).click();
    await tab('Changes').click();
    const members = page.getByRole('table', { name: 'Members' });
    await members.getByRole('row', { name: '1001 joined' }).waitFor();
    await members.getByRole('row', { name: '1012 joined' }).waitFor();
    expect(await members.getByRole('row', { name: /1015/ }).count()).toBe(0);
    await shoot('log-group');
    await members.getByRole('link', { name: '1001' }).click();
    await heading('People').waitFor();
    await seen('Accounts of Amira Haddad');
    await go('/people?id=G-3');
    await seen('Accounts of Town hall');
    await page.getByRole('button', { name: 'Values last written by Provident' }).click();
    await row(/^members .*group:G-2/).waitFor();
    await row(/^displayName Town hall$/).waitFor();
    await row(/^displayName Town hall name Town hall Town hall$/).waitFor();
    await shoot('group');
  });

  test('columns are chosen and remembered, and the download has them', async () => {
    await load('/log?status=failure');
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
    await load('/log');
    await row(/./).nth(3).waitFor();
    await page.getByRole('row').nth(1).focus();
    const at = () => page.evaluate(`document.activeElement.getAttribute('aria-rowindex')`);
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowUp', 'ArrowDown']) await page.keyboard.press(key);
    await patiently(async () => expect(await at()).toBe('4'));
    const last = await page.getByRole('grid').getAttribute('aria-rowcount');
    await page.keyboard.press('End');
    await patiently(async () => expect(await at()).toBe(last));
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
  });

  test('the log is opened at any instant and read from there in both directions, down to its oldest entry', async () => {
    const { entries } = (await (await fetch(`${origin}/provident/v1/log?limit=1000`)).json()) as {
      entries: { at: string; displayName: string }[];
    };
    const middle = entries[Math.floor(entries.length / 2)]!;
    const first = (): Promise<string> => page.getByRole('row').nth(1).innerText();
    await load(`/log?at=${middle.at}`);
    await row(new RegExp(entries.find(({ at }) => at <= middle.at)!.displayName))
      .first()
      .waitFor();
    await seen(/ entries$/); // those that are newer have come, too
    await page.getByRole('grid').hover();
    await patiently(async () => {
      await page.mouse.wheel(0, -100_000);
      expect(await first()).toContain(entries[0]!.displayName);
    });
    await page.getByRole('button', { name: 'Oldest' }).click();
    await page.waitForURL(/at=1970/);
    await patiently(async () => expect(await page.getByRole('row').last().innerText()).toContain(entries.at(-1)!.displayName));
    await page.getByRole('button', { name: 'Newest' }).click();
    await patiently(async () => expect(await first()).toContain(entries[0]!.displayName));
    expect(page.url()).not.toContain('at=');
  });

  test('held removals stand on top with their names, and are released after a question', async () => {
    const lines = people().split('\n');
    writeFileSync(join(installation.folder, 'people.csv'), lines.filter((line) => !/^10(2[1-9]|3[0-6]),/.test(line)).join('\n'));
    await load('/log?job=sample&live=1');
    await row(/./).nth(3).waitFor();
    await installation.run('sample');
    // Live: the entries come by themselves.
    await row(/Held removal/)
      .first()
      .waitFor();
    await go('/');
    await seen(/removals are held in People to the sample app/);
    // The quarantine that the same removals cause is not told a second time.
    await page.getByRole('region', { name: 'People to the sample app' }).getByText('Quarantined', { exact: true }).waitFor();
    expect(await page.getByText(/is in quarantine/).count()).toBe(0);
    await shoot('overview');
    await page.getByRole('link', { name: 'See the names' }).click();
    await heading('What would happen: People to the sample app').waitFor();
    await page
      .getByRole('list', { name: 'What holds them' })
      .getByText(/^Removals of all kinds: \d+ of \d+ .*limit 20 %/)
      .waitFor();
    const kept = page.getByRole('checkbox', { name: 'Choose Oliver Brandt' });
    await kept.check();
    await shoot('plan-held');
    await page.getByRole('button', { name: 'Reject the chosen ones' }).click();
    await page.getByRole('alertdialog').getByText('These accounts stay as they are: Oliver Brandt.').waitFor();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Reject the chosen ones' }).click();
    await kept.waitFor({ state: 'detached' });
    await go('/jobs/sample');
    await page.getByRole('button', { name: 'Release' }).click();
    await seen(/will be disabled or deleted now/);
    await page.getByRole('alertdialog').getByRole('button', { name: 'Release' }).click();
    await page.getByText(/removals are held in/).waitFor({ state: 'detached' });
    await go('/people?id=1021');
    await seen('account is disabled');
    expect(isActive('oliver.brandt@example.com')).toBe(true);
  });

  test('a job tells when it was in quarantine and why, and whether people were told', async () => {
    await go('/jobs/sample');
    await page
      .getByRole('table', { name: 'Quarantines, newest first' })
      .getByRole('row', { name: /Too many removals: \d+ removals are held/ })
      .waitFor();
    const told = page.getByRole('table', { name: 'Who was told' });
    await told.getByRole('row', { name: /Quarantine began webhook Sent after 1 attempt/ }).waitFor();
    await shoot('job-quarantines');
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

  test('somebody is provisioned now: every step with its values, and a removal only when it was confirmed', async () => {
    const write = (change: (csv: string) => string): void => {
      const file = join(installation.folder, 'people.csv');
      writeFileSync(file, change(readFileSync(file, 'utf8')));
    };
    const dialog = page.getByRole('dialog', { name: /^Provision/ });
    const provision = async (): Promise<void> => {
      await page.getByRole('button', { name: 'Provision now' }).click();
      await dialog.getByRole('button', { name: 'Provision now' }).click();
    };
    await go('/people?id=1017');
    await provision();
    await dialog.getByText('Nothing to do', { exact: true }).waitFor();
    await dialog.getByRole('row', { name: /employment EQUALS "employee" contractor No Employees/ }).waitFor();
    await dialog.getByRole('row', { name: /status EQUALS "active" active Yes Active/ }).waitFor();
    await shoot('provision-skipped');

    // From an entry of the log.
    write((csv) =>
      csv.replace(
        "Sean O'Neil,sean.oneil@example.com,+49 30 5550 1003,Engineer",
        "Sean O'Neil,sean.oneil@example.com,+49 30 5550 1003,Architect",
      ),
    );
    await load('/log?user=1003');
    await row(/Sean O'Neil/)
      .first()
      .click();
    await provision();
    await dialog.getByText('Done', { exact: true }).waitFor();
    await dialog.getByRole('row', { name: /^title Engineer Architect$/ }).waitFor();
    await shoot('provision-updated');

    write((csv) => csv.replace(/^(1004,.*),employee,active$/m, '$1,contractor,active'));
    await go('/people?id=1004');
    await provision();
    await dialog.getByText('The rules want this account to be disabled').waitFor();
    const remove = dialog.getByRole('button', { name: 'Disable now' });
    expect(await remove.isDisabled()).toBe(true);
    await shoot('provision-held');
    expect(isActive('bjork.thorsdottir@example.com')).toBe(true);
    await dialog.getByRole('checkbox', { name: /^Disable the account .* in Sample app$/ }).check();
    await remove.click();
    await dialog.getByText('Done', { exact: true }).waitFor();
    expect(isActive('bjork.thorsdottir@example.com')).toBe(false);
    await dialog.getByRole('button', { name: 'Close' }).click();
    await seen('account is disabled');
  }, 120_000);

  test('somebody whom no cycle has delivered yet is provisioned by the job that is chosen', async () => {
    const file = join(installation.folder, 'people.csv');
    const [header, first] = readFileSync(file, 'utf8').split('\n');
    writeFileSync(
      file,
      [
        header,
        first!.replaceAll('1001', '2001').replaceAll('amira.haddad', 'new.joiner'),
        ...readFileSync(file, 'utf8').split('\n').slice(1),
      ].join('\n'),
    );
    await go('/people?id=2001');
    await seen('Nothing is known of "2001".');
    await page.getByRole('button', { name: 'Provision now' }).click();
    const dialog = page.getByRole('dialog', { name: /^Provision/ });
    await dialog.getByLabel('By which job').selectOption('People to the sample app (id 2001)');
    await dialog.getByRole('button', { name: 'Provision now' }).click();
    await dialog.getByText('Done', { exact: true }).waitFor();
    await dialog.getByText('Create', { exact: true }).waitFor();
    await dialog.getByRole('row', { name: 'userName new.joiner@example.com 0 found' }).waitFor();
    await dialog.getByRole('row', { name: 'userName nothing new.joiner@example.com' }).waitFor();
    expect(isActive('new.joiner@example.com')).toBe(true);
  });

  test('whoever fails for one reason is tried again together once it is mended', async () => {
    isOnBlockedList = false;
    await go('/jobs/sample?tab=failures');
    const cause = page.getByRole('region', { name: /is on this sample target's blocked list/ });
    await cause.getByRole('button', { name: 'Retry these' }).click();
    await seen('Try 1 object again now?');
    await shoot('job-retry');
    await page.getByRole('alertdialog').getByRole('button', { name: 'Retry now' }).click();
    await seen(/^1 object\(s\): /);
    await cause.waitFor({ state: 'detached' });
    await patiently(async () => expect(await keptNames()).toEqual(['1050']));
    expect(isActive(refused)).toBe(true);
    await tab('Failures (1)').waitFor();
    await page.getByRole('button', { name: 'Retry 1050' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Retry now' }).click();
    await row(/^1050 Waits .* 1 /).waitFor();
  }, 120_000);

  test('what was changed by hand in the target is looked for, told attribute by attribute, and changed back', async () => {
    const account = target.users().find(({ userName }) => userName === 'amira.haddad@example.com')!;
    const response = await fetch(`${target.url}/Users/${String(account['id'])}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
      body: JSON.stringify({
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [{ op: 'replace', path: 'title', value: 'By hand' }],
      }),
    });
    expect(response.ok).toBe(true);
    await go('/jobs/sample?tab=drift');
    await seen('No cycle has looked for drift yet.');
    await page.getByRole('button', { name: 'Look for drift' }).click();
    const found = row(/^Amira Haddad 1001 Values differ title: expected .*, found By hand No: it was only told$/);
    await found.waitFor();
    await seen(/^\d+ of \d+ accounts differs?/);
    await shoot('job-drift');
    // The page of the person has the three beside each other.
    await found.getByRole('link', { name: 'Amira Haddad' }).click();
    const values = page.getByRole('region', { name: 'People to the sample app' }).getByRole('table', { name: 'Values side by side' });
    await values
      .getByRole('row', { name: `title ${String(account['title'])} title ${String(account['title'])} By hand differs` })
      .waitFor();
    expect(await values.getByText('differs', { exact: true }).count()).toBe(1);
    await seen('Changed by hand in the target: values differ.');
    await shoot('person-compared');
    await go('/jobs/sample?tab=drift');
    await page.getByRole('button', { name: 'Change it back…' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Look and change back' }).click();
    await row(/^Amira Haddad 1001 Values differ title: expected .*, found By hand Yes$/).waitFor();
    expect(target.users().find(({ id }) => id === account['id'])!['title']).toBe(account['title']);
    // What was found before is still told.
    await page.getByLabel('Looked at').selectOption({ index: 1 });
    await found.waitFor();
  }, 120_000);

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
    await page.getByRole('cell', { name: 'Revision 2', exact: true }).waitFor();
    expect(await editor.inputValue()).toContain('percent: 30');
  });

  test('what a cycle would do is seen before it runs: filtered, searched, kept as a file', async () => {
    await go('/jobs/sample');
    await page.getByRole('link', { name: 'See what would happen' }).click();
    await heading('What would happen: People to the sample app').waitFor();
    await page.getByRole('button', { name: 'Simulate the job as it is' }).click();
    await page.waitForURL(/simulation=/);
    await seen(/^those that apply \(revision \d+\)$/);
    await page.getByRole('button', { name: /^Skip \d/ }).click();
    await row(/^Dana Novak .* Skip out of scope: employment EQUALS "employee" does not hold/).waitFor();
    await page.getByLabel('Name or id').fill('nova');
    await patiently(async () => expect(await page.getByRole('row').count()).toBe(2));
    await shoot('plan');
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download as CSV' }).click()]);
    const lines = readFileSync(await file.path(), 'utf8')
      .trim()
      .split('\r\n');
    expect([lines.length, lines[1]]).toEqual([2, expect.stringContaining('skip,user,1017,Dana Novak')]);
    await page.getByLabel('Name or id').fill('nobody at all');
    await seen('Nobody whose name or id holds "nobody at all".');
    await go('/jobs/sample/plan?simulation=20261122t120000-none');
    await seen('This simulation is not there any more');
  });

  test('changed rules are simulated beside those that apply, applied, and taken back', async () => {
    await go('/jobs/sample?tab=settings');
    const editor = page.getByRole('textbox', { name: 'Job as YAML' });
    const before = await editor.inputValue();
    await editor.fill(before.replace('constant: Employee', 'constant: Staff # as the handbook says'));
    await page.getByRole('button', { name: 'See who would change' }).click();
    await page.getByRole('button', { name: 'Simulate my changed rules' }).click();
    const difference = page.getByRole('table', { name: 'What differs between the two job files' });
    await difference.getByRole('row', { name: 'objects[user].attributes[userType].constant Employee Staff' }).waitFor();
    await row(/^Amira Haddad 1001 .* now: Leave as it is then: Change .*userType Employee → Staff/).waitFor();
    await page.getByRole('button', { name: 'Apply these rules' }).waitFor(); // it has ended
    await shoot('plan-compared');
    await page.getByRole('button', { name: 'Apply these rules' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Apply these rules' }).click();
    await page.getByRole('link', { name: 'See the revisions' }).click();
    await row(/^Revision 3 .* objects\[user\]\.attributes\[userType\]\.constant/).waitFor();
    await page.getByRole('button', { name: '1 difference to revision 2' }).click();
    await page.getByRole('dialog').getByRole('row', { name: 'objects[user].attributes[userType].constant Employee Staff' }).waitFor();
    await shoot('job-revision');
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Take revision 2 into the editor' }).click();
    expect(await editor.inputValue()).toBe(before);
    await page.getByRole('button', { name: 'Apply', exact: true }).click();
    await page.getByRole('cell', { name: 'Revision 4', exact: true }).waitFor();
  }, 120_000);

  test('how often a job looks for drift by itself is part of its rules, and mistakes are told beside it', async () => {
    await go('/jobs/sample?tab=drift');
    await page.getByLabel('What cycles do from time to time').selectOption('Look for drift, and change it back');
    await page.getByLabel('How often').fill('1s');
    await page.getByRole('button', { name: 'Apply' }).click();
    await seen(/must be at least 1m, found 1s/);
    await page.getByLabel('How often').fill('12h');
    await page.getByRole('button', { name: 'Apply' }).click();
    await patiently(async () => expect(await page.getByRole('button', { name: 'Apply' }).isDisabled()).toBe(true));
    await go('/jobs/sample?tab=settings');
    await page.getByRole('cell', { name: 'Revision 5', exact: true }).waitFor();
    expect(await page.getByRole('textbox', { name: 'Job as YAML' }).inputValue()).toMatch(/drift:\n\s+every: 12h\n\s+mode: repair/);
  });

  test('rules are changed in tables, completed while they are typed, and tried on a real person, by keyboard alone', async () => {
    await go('/jobs/sample?tab=mapping');
    await tabTo('Try the rules on');
    await page.keyboard.type('1003');
    await page.getByRole('button', { name: "Sean O'Neil (1003)" }).waitFor();
    await page.keyboard.press('Enter');
    await seen(/^Shown below for Sean O'Neil, /);
    // Who knows the id does not wait for the names that its beginning finds.
    await press('Another one');
    await tabTo('Try the rules on');
    await page.keyboard.type('1003');
    await page.keyboard.press('Enter');
    await seen(/^Shown below for Sean O'Neil, as the source has it now\. Nothing is written\. Sean O'Neil is in scope and active\.$/);
    await row(/^title Copy of a source attribute title at every change Architect/).waitFor();
    await page.getByRole('group', { name: 'Condition 1 of Employees' }).getByText('holds: employee').waitFor();
    await shoot('rules');
    await press('Edit displayName');
    const dialog = page.getByRole('dialog', { name: 'Mapping of displayName' });
    await tabTo('Where the value comes from');
    await page.keyboard.type('Expr');
    const expression = dialog.getByRole('combobox', { name: 'Expression' });
    await tabTo('Expression');
    // Frames come late on a busy machine; whoever types does not wait for them.
    await page.evaluate('window.framesInTime = requestAnimationFrame, window.requestAnimationFrame = (draw) => setTimeout(draw, 150)');
    await page.keyboard.type('Join(" ", ToU');
    await dialog.getByRole('option', { name: /^ToUpper ToUpper\(source/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type('[given');
    await dialog
      .getByRole('option', { name: /givenName/ })
      .first()
      .waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type('), [familyName]');
    await dialog.getByText('Column 45: expected a closing parenthesis of Join').waitFor();
    await page.evaluate('window.requestAnimationFrame = window.framesInTime, null');
    await shoot('rules-mapping');
    await expression.focus();
    await page.keyboard.press('Control+End'); // End alone leads to the end of a line, wherever the text is wrapped
    await page.keyboard.type(')');
    await dialog.getByText("SEAN O'Neil", { exact: true }).waitFor();
    await press('Take over');
    await row(/^displayName Expression Join\(" ", ToUpper\(\[givenName\]\), \[familyName\]\) at every change SEAN O'Neil/).waitFor();
    await tabTo('Show as YAML beside');
    await page.keyboard.press('Space');
    const yaml = page.getByRole('textbox', { name: 'Job as YAML' });
    await yaml.fill(
      (await yaml.inputValue())
        .replace('- target: title\n', '- target: title # as on the door\n')
        .replace('value: employee', 'value: staff'),
    );
    await page.getByRole('group', { name: 'Condition 1 of Employees' }).getByText('does not hold: employee').waitFor();
    await page.getByRole('textbox', { name: 'Condition 1 of Employees: Value' }).fill('employee');
    await patiently(async () => expect(await yaml.inputValue()).toMatch(/title # as on the door[\s\S]*/));
    expect(await yaml.inputValue()).toContain('value: employee');
    await page.getByRole('group', { name: 'Condition 1 of Employees' }).getByText('holds: employee').waitFor();
    await page.getByRole('button', { name: 'Remove preferredLanguage' }).click();
    await shoot('rules-yaml');
    await page.getByRole('button', { name: 'See who would change' }).click();
    await page.getByRole('button', { name: 'Simulate my changed rules' }).click();
    await page
      .getByRole('table', { name: 'What differs between the two job files' })
      .getByRole('row', { name: /^objects\[user\]\.attributes\[displayName\]\.expression nothing Join/ })
      .waitFor();
    await row(/^Sean O'Neil .*displayName Sean O'Neil → SEAN O'Neil/).waitFor();
    await go('/jobs/sample?tab=mapping');
    await page.getByRole('button', { name: 'Undo my changes' }).click();
    await seen('These are the rules that apply.');
    await page.evaluate('localStorage.clear()');
  }, 120_000);

  test('a secret is replaced and tried: each system answers in its own words, and nobody reads the value', async () => {
    await go('/jobs/sample?tab=credentials');
    const source = page.getByRole('region', { name: 'Source' });
    await source.getByText('It refers to no credentials.').waitFor();
    await source.getByRole('button', { name: 'Test connection of the source' }).click();
    await source.getByText('It lets us in', { exact: true }).waitFor();
    await source.getByText('CSV file (people.csv): user').first().waitFor();
    const its = page.getByRole('region', { name: 'Target', exact: true }).first();
    await row(/^target\.config\.auth\.bearer secret sample-token Set .* by local/).waitFor();
    await row(/^notify\.webhook\.secret environment variable NOTICE_SECRET read by the services/).waitFor();
    const replace = async (value: string): Promise<void> => {
      await page.getByRole('button', { name: 'Replace sample-token' }).click();
      const dialog = page.getByRole('dialog', { name: 'Replace the secret sample-token' });
      await dialog.getByLabel('Value').fill(value);
      if (value !== token) await shoot('secret-form');
      await dialog.getByRole('button', { name: 'Set the secret' }).click();
      await dialog.waitFor({ state: 'detached' });
    };
    const tryIt = its.getByRole('button', { name: 'Test connection of the target' });
    await replace('of-yesterday');
    // Services take a changed secret within seconds.
    await patiently(async () => {
      await tryIt.click();
      await tryIt.filter({ hasText: 'Test connection' }).waitFor();
      expect(await its.innerText()).toMatch(/It does not let us in.*\(401/s);
    });
    await its.getByText(/^Last test: .* by local: Not let in, /).waitFor();
    await shoot('job-credentials');
    expect(await page.content()).not.toContain('of-yesterday');
    await replace(token);
    await patiently(async () => {
      await tryIt.click();
      await tryIt.filter({ hasText: 'Test connection' }).waitFor();
      expect(await its.innerText()).toMatch(/It lets us in.*: \d+ of type User/s);
    });
    await go('/secrets');
    await row(/^sample-token Set .* by local sample target\.config\.auth\.bearer/).waitFor();
    expect(await page.getByRole('button', { name: 'Delete sample-token' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Set a secret' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('spare');
    await page.getByRole('dialog').getByLabel('Value').fill('of-no-use');
    await page.getByRole('dialog').getByRole('button', { name: 'Set the secret' }).click();
    await row(/^spare Set .* no job/).waitFor();
    await page.getByRole('button', { name: 'Bring all under the current key' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Bring all under the current key' }).click();
    await seen(/data keys were brought under master key/);
    await shoot('secrets');
    await page.getByRole('button', { name: 'Delete spare' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await row(/^spare /).waitFor({ state: 'detached' });
    await go('/audit?what=Other&result=failure');
    await row(/Other local Sample app Failure the connection to the target was tested: .*401/).waitFor();
  }, 120_000);

  test('a restart explains each of its scopes, and asks again for what can harm', async () => {
    await go('/jobs/sample');
    await page.getByRole('button', { name: 'Restart…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Restart People to the sample app' });
    const restart = dialog.getByRole('button', { name: 'Restart' });
    await patiently(async () => expect(await dialog.getByRole('checkbox', { checked: true }).count()).toBe(3));
    await dialog.getByRole('checkbox', { name: 'Match everybody anew', exact: true }).check();
    expect(await restart.isDisabled()).toBe(true);
    await shoot('job-restart');
    await dialog.getByRole('checkbox', { name: 'Match everybody anew', exact: true }).uncheck();
    await restart.click();
    await seen(/^job "sample" is restarted \(quarantine, escrows, watermark\); a new initial cycle opens/);
  });

  test('who did what to the jobs is found by name, and kept as a file', async () => {
    await go('/audit');
    await page.getByLabel('Who', { exact: true }).fill('local');
    await page.getByLabel('What', { exact: true }).selectOption('Rules changed');
    await row(/Rules changed local Sample app Success revision 3 of the job was applied/).waitFor();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page
        .getByRole('button', { name: 'Download' })
        .click()
        .then(() => page.getByRole('menuitem', { name: 'All of them as CSV' }).click()),
    ]);
    expect(readFileSync(await file.path(), 'utf8')).toContain('revision 3 of the job was applied');
  });

  test('an API token is made, shown once, signs in, and is refused once it is revoked', async () => {
    await go('/tokens');
    await page.getByRole('button', { name: 'Make a token' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('reader of the test');
    await shoot('token-form');
    await dialog.getByRole('button', { name: 'Make a token' }).click();
    const secret = await page.getByRole('textbox', { name: 'API token' }).inputValue();
    await page.getByRole('button', { name: 'I have kept it' }).click();
    await row(/^reader of the test Valid Reports reader \(all jobs\)/).waitFor();
    expect(await page.content()).not.toContain(secret);
    const asks = (path: string) => fetch(`${origin}${path}`, { headers: { authorization: `Bearer ${secret}` } });
    expect([(await asks('/provident/v1/jobs')).status, (await asks('/provident/v1/tokens')).status]).toEqual([200, 403]);
    // What the role does not allow is not there, or is explained.
    await page.evaluate(`sessionStorage.setItem('provident.session', ${JSON.stringify(secret)})`);
    await load('/tokens');
    await seen('To set secrets and make API tokens the role "security administrator" is needed.');
    await go('/jobs/sample');
    await tab('Summary').waitFor();
    expect(await page.getByRole('button', { name: 'Run now' }).count()).toBe(0);
    await go('/jobs/sample?tab=credentials');
    await seen('To set secrets and make API tokens the role "security administrator" is needed.');
    await row(/^target\.config\.auth\.bearer secret sample-token Set/).waitFor();
    expect(await page.getByRole('button', { name: /^(Replace|Test connection)/ }).count()).toBe(0);
    await page.getByRole('button', { name: 'Signed in as reader of the test' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await load('/tokens');
    await page.getByRole('button', { name: 'Revoke reader of the test' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click();
    await row(/^reader of the test Revoked/).waitFor();
    // A sign-in that has ended leads to the sign-in, at the same address, and back.
    await page.evaluate(`sessionStorage.setItem('provident.session', ${JSON.stringify(secret)})`);
    await load('/jobs/sample');
    await heading('Sign in').waitFor();
    await shoot('sign-in');
    await page.evaluate('sessionStorage.clear()');
    await page.reload();
    await heading('People to the sample app').waitFor();
  });

  test('of more held removals than a page names the others are one press away, and what was chosen stays chosen', async () => {
    const file = join(installation.folder, 'crowd.csv');
    writeCsv(file, crowdOf(150));
    await installation.apply({
      ...csvJob('crowd', { url: target.url }),
      objects: [{ ...peopleRules, sensitive: ['email'] }],
      target: scimTarget(target.url, { auth: { bearer: { secret: 'sample-token' } } }),
    });
    await installation.cycleClosed('crowd');
    writeCsv(file, crowdOf(10));
    await installation.run('crowd');
    await go('/jobs/crowd/plan');
    // Nine of ten have an account.
    await page.getByRole('heading', { name: '126 removals wait for you' }).waitFor();
    await seen('1 to 100 of 126');
    await page.getByRole('checkbox', { name: 'Choose all of these' }).check();
    await seen('100 chosen');
    await page.getByRole('button', { name: 'Next ones' }).click();
    await seen('101 to 126 of 126');
    await page
      .getByRole('checkbox', { name: /^Choose user/ })
      .first()
      .check();
    await seen('101 chosen');
    await shoot('plan-held-many');
    await page.getByRole('button', { name: 'Reject the chosen ones' }).click();
    await page
      .getByRole('alertdialog')
      .getByText(/ and 91 more\.$/)
      .waitFor();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Reject the chosen ones' }).click();
    await page.getByRole('heading', { name: '25 removals wait for you' }).waitFor();
    expect(await page.getByRole('button', { name: 'Next ones' }).count()).toBe(0);
  }, 120_000);

  interface Logged {
    readonly changeId: string;
    readonly sourceId: string;
    readonly action: string;
    readonly steps: readonly unknown[];
  }
  const logged = async (query: string): Promise<Logged[]> => {
    const page = (await (await fetch(`${origin}/provident/v1/log?limit=1000${query}`)).json()) as {
      entries: Logged[];
      next: string | null;
    };
    expect(page.next).toBeNull();
    return page.entries;
  };

  test('the download has every entry that matches, however many are loaded, and says how many', async () => {
    const changes = (await logged('&job=crowd')).map(({ changeId }) => changeId).sort();
    expect(changes.length).toBeGreaterThan(150);
    await load('/log?job=crowd');
    await seen(/^100 entries loaded, older ones below$/);
    const keep = async (form: string): Promise<string> => {
      await page.getByRole('button', { name: 'Download' }).click();
      await page.getByText(/^All entries that match, not only the \d+ entries loaded here$/).waitFor();
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: form }).click()]);
      await seen(`Downloaded: the file has ${changes.length} entries.`);
      return readFileSync(await download.path(), 'utf8');
    };
    const entries = JSON.parse(await keep('As JSON')) as Logged[];
    expect(entries.map(({ changeId }) => changeId).sort()).toEqual(changes);
    expect(entries.every(({ steps }) => steps.length > 0)).toBe(true);
    const lines = (await keep('As CSV')).trim().split('\r\n').slice(1);
    expect(lines.map((line) => line.split(',')[2])).toEqual(entries.map(({ sourceId }) => sourceId));
  });

  test('an address opens its entry, however deep in the log that is, among what is around it', async () => {
    const deep = (await logged('')).slice(150).find(({ action }) => action === 'create')!;
    await load(`/log?entry=${encodeURIComponent(deep.changeId)}`);
    await page.getByRole('dialog').getByText('Looked up in the target').waitFor();
    await page.waitForURL(/at=/);
    await patiently(async () => expect(await page.locator('[role=row][aria-selected=true]').innerText()).toContain(deep.sourceId));
    await visit.escape();
    expect(page.url()).not.toContain('entry=');
    await load('/log?entry=nobody-knows');
    await seen(/^The entry that this address opens is not in the log/);
  });

  test('a sensitive value is sealed in plain words, and shown to whoever may see it and asks, which is on record', async () => {
    await go('/people?id=E1');
    const values = page.getByRole('region', { name: 'crowd' }).getByRole('table', { name: 'Values side by side' });
    await values.getByRole('row', { name: /^emails.* sensitive: sealed email sensitive: sealed sensitive: sealed$/ }).waitFor();
    expect(await page.content()).not.toContain('mail1@example.org');
    await shoot('person-sealed');
    await page.getByRole('switch', { name: 'Show sensitive values' }).click();
    await values.getByRole('row', { name: /^emails.* mail1@example\.org email mail1@example\.org mail1@example\.org$/ }).waitFor();
    await go('/audit?what=Other');
    await seen(/: Sensitive values were shown$/);
  });

  test('where events are sent stands on the page of the installation, with how far each destination is and what holds it up', async () => {
    const everything = { format: { kind: 'cloudevents' as const }, filter: {}, from: 0 };
    await installation.addStream({
      ...everything,
      streamId: 'archive',
      destination: { kind: 'file', file: 'audit.jsonl', rotateBytes: 100_000_000 },
    });
    await installation.addStream({
      ...everything,
      streamId: 'nobody-there',
      destination: { kind: 'webhook', url: `http://127.0.0.1:${await freePort()}/`, secret: 'sample-token' },
    });
    await go('/settings');
    await row(/^archive file audit\.jsonl cloudevents Running nothing [\d,]+ none$/).waitFor();
    await row(/^nobody-there http:\S+ cloudevents Waits for the destination [\d,]+ events 0 .*ECONNREFUSED/).waitFor();
    await page.getByRole('table', { name: 'Where events are sent' }).scrollIntoViewIfNeeded();
    await shoot('installation-streams');
  }, 120_000);

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

  test('the installation names every service with its version', async () => {
    await go('/settings');
    for (const service of [...pipeline, 'audit-projector', 'report-api'])
      await row(new RegExp(`^${service} ${service}-1 \\d+\\.\\d+\\.\\d+ `)).waitFor();
    expect(await page.getByText(/Services of different versions run/).count()).toBe(0);
  });

  plainTest.each([
    ['job', '/jobs/sample', 'Who was told'],
    ['job-cycles', '/jobs/sample?tab=cycles', 'Initial cycle'],
    ['job-mapping', '/jobs/sample?tab=mapping', 'displayName'],
    ['log', '/log', / entries/],
    ['log-empty', '/log?user=nobody', 'No entry matches'],
    ['people', '/people', 'Find'],
    ['person-as-of', '/people?id=1003&at=2020-01-01T00:00:00.000Z', /^At .* nothing was known/],
    ['audit', '/audit', 'Rules changed'],
    ['installation', '/settings', 'nobody-there'],
    ['tokens', '/tokens', 'reader of the test'],
    ['not-found', '/nothing-here', '/nothing-here'],
  ])('the page %s is accessible, and fits, in light and dark, wide and narrow', (name, path, what) =>
    visit.telling(async () => {
      await go(path);
      await seen(what);
      await shoot(name);
    }),
  );
});
