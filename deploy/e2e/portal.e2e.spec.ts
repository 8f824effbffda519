import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { beforeAll, expect, test as plainTest } from '@jest/globals';
import type { Page } from 'playwright-core';

import { inBrowser } from './harness/browser.js';
import { csvJob, type Installation, people as crowdOf, peopleRules, scimTarget, writeCsv } from './harness/index.js';
import { patiently, type PortalVisit } from './harness/portal-visit.js';
import { refused, type SamplePortal, withSamplePortal } from './harness/sample-portal.js';

const built = join(process.cwd(), 'services', 'portal', 'dist', 'public');

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

inBrowser('the portal: how jobs are, and what happened to whom', (browser) => {
  const { portal, test, testPages, go, load, heading, tab, row, seen, shoot, tabTo, press } = withSamplePortal(browser);
  let installation: Installation;
  let target: SamplePortal['target'];
  let page: Page;
  let visit: PortalVisit;
  let origin: string;

  beforeAll(() => {
    ({ installation, target, visit, origin } = portal);
    ({ page } = visit);
  });
  const isActive = (userName: string): boolean => target.users().some((user) => user['userName'] === userName && user['active'] !== false);
  /** Who stands in the table of the objects that failed and are kept. */
  const keptNames = async (): Promise<string[]> =>
    (await page.getByRole('table', { name: 'Objects that are kept' }).getByRole('link').allInnerTexts()).sort();

  test('an empty installation leads to a first job in three steps, by keyboard alone', async () => {
    await visit.wantMotion(true);
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
    // Each step is tried before the next: what is wrong is told where it was typed.
    await type('Name of the job', 'Staff!');
    await type('CSV file', join(installation.folder, 'nobody.csv'));
    await type('Column that names a person for good', 'employeeId');
    await press('Next');
    await seen(/lower-case letters, digits and hyphens, at most 63/);
    await type('Name of the job', 'staff');
    await press('Next');
    await seen(/nobody\.csv does not exist/);
    await page.getByRole('button', { name: 'Go on all the same' }).waitFor();
    await type('CSV file', join(installation.folder, 'people.csv'));
    await press('Next');
    await seen(/^CSV file \(people\.csv\) answers: \d+ attributes of people\.$/);
    await type('SCIM address', target.url);
    await type('Environment variable with the token', 'SAMPLE_TARGET_TOKEN');
    await press('Next');
    await seen(/^SCIM service at .* answers: \d+ attributes of people\.$/);
    await type('Column of the file 1', 'username');
    await seen('The source has no such attribute. Did you mean "userName"?');
    await shoot('first-run-rules');
    await tabTo('Do not run yet: make it paused');
    await page.keyboard.press('Space');
    await press('Check');
    await seen(/^objects\[0\]\.attributes\[0\]\.source the source has no attribute "username"/);
    await type('Column of the file 1', 'userName');
    await press('Check');
    await seen('The check found no problem.');
    await press('Make the job');
    await heading('staff').waitFor();
    await seen('Paused');
    await visit.wantMotion(false);
  });

  test('the overview says in words how a job is, and one click further why people fail', async () => {
    await installation.apply(portal.job());
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
    await members.getByRole('row', { name: 'Amira Haddad 1001 joined' }).waitFor();
    await members.getByRole('row', { name: /^[A-Z].* 1012 joined$/ }).waitFor();
    expect(await members.getByRole('row', { name: /1015/ }).count()).toBe(0);
    await shoot('log-group');
    await members.getByRole('link', { name: 'Amira Haddad' }).click();
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
    await row(/Rita Mahoney 1015/).waitFor();
    // Nothing has to be moved sideways to be read.
    expect(
      await page.evaluate(`(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('[role=grid]'))`),
    ).toBe(0);
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
    const shown = entries.find(({ at }) => at <= middle.at)!.displayName;
    await page.getByRole('row', { name: shown }).first().waitFor(); // as text: names may hold parentheses
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
    const lines = portal.people.split('\n');
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
    const kept = page.getByRole('checkbox', { name: 'Choose Oliver Brandt (1022)' });
    await kept.check();
    await shoot('plan-held');
    await page.getByRole('button', { name: 'Reject the chosen ones' }).click();
    await page.getByRole('alertdialog').getByText('These accounts stay as they are: Oliver Brandt (1022).').waitFor();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Reject the chosen ones' }).press('Enter');
    await kept.waitFor({ state: 'detached' });
    // Nothing is chosen any more; whoever uses the keyboard is still where he was.
    await page.getByRole('button', { name: 'Reject the chosen ones', disabled: true }).waitFor();
    await patiently(async () => expect(await page.evaluate('document.activeElement.textContent')).toBe('Reject the chosen ones'));
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
  });

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
    // The page of the job asks whom: a name is found, an id is taken as it is.
    await go('/jobs/sample');
    await page.getByRole('button', { name: 'Provision…' }).click();
    await dialog.getByRole('searchbox', { name: 'Whom' }).fill('Dana');
    await dialog.getByRole('button', { name: 'Dana Novak (1017)' }).waitFor();
    await shoot('job-provision');
    await dialog.getByRole('button', { name: 'Dana Novak (1017)' }).click();
    await dialog.getByRole('button', { name: 'Provision now' }).click();
    await dialog.getByText('Nothing to do', { exact: true }).waitFor();
  });

  test('whoever fails for one reason is tried again together once it is mended', async () => {
    portal.isOnBlockedList = false;
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
  });

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

  testPages([
    ['job', '/jobs/sample', 'Who was told'],
    ['log', '/log', / entries/],
    ['log-empty', '/log?user=nobody', 'No entry matches'],
    ['people', '/people', 'Find'],
    ['person-as-of', '/people?id=1003&at=2020-01-01T00:00:00.000Z', /^At .* nothing was known/],
  ]);
});
